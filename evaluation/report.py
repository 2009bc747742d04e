"""A run as one HTML file that opens offline: tables, plots, and the worst questions with what was found for them."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Sequence
from html import escape
from pathlib import Path

from errors import PackError
from evaluation.evaluate import Evaluated
from evaluation.packs import Question
from evaluation.pictures import picture_of
from evaluation.plots import plots_of
from evaluation.results import PackResult, Report, parts_of
from evaluation.systems import Reply
from evaluation.text_report import markdown, number, paragraphs
from evaluation.units import Level, ranking, unit_of

WORST = 8  # questions shown for a pack
SHOWN_LOCATIONS = 3  # of what was found, for each of them
STYLE = """
:root { color-scheme: light dark; --line: #8885; --soft: #8881; }
body { font: 16px/1.5 system-ui, sans-serif; max-width: 72rem; margin: 2rem auto; padding: 0 1rem; }
table { border-collapse: collapse; margin: 1rem 0; font-variant-numeric: tabular-nums; }
th, td { border-bottom: 1px solid var(--line); padding: .3rem .7rem; text-align: left; vertical-align: top; }
figure { display: inline-block; margin: .5rem; vertical-align: top; max-width: 100%; }
figure svg, figure img { max-width: 100%; height: auto; background: white; border: 1px solid var(--line); }
figcaption { font-size: .85rem; max-width: 27rem; }
details { border: 1px solid var(--line); border-radius: 6px; padding: .5rem 1rem; margin: .6rem 0; }
summary { cursor: pointer; }
pre { white-space: pre-wrap; background: var(--soft); padding: .6rem; font-size: .8rem; }
.scroll { overflow-x: auto; }
"""


def write_report(report: Report, evaluated: Sequence[Evaluated], path: Path) -> None:
    """Write the page.

    Raises:
        PackError: the file cannot be written.
    """
    text = "".join(_page(report, evaluated))
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    except OSError as error:
        raise PackError(f"{path} cannot be written ({error.strerror}). Name another file.") from error


def _page(report: Report, evaluated: Sequence[Evaluated]) -> Iterator[str]:
    yield "<!doctype html><html lang='en'><head><meta charset='utf-8'><title>Evaluation</title>"
    yield "<meta name='viewport' content='width=device-width'>"
    yield f"<style>{STYLE}</style></head><body><h1>Evaluation</h1>"
    yield f"<p>{escape(str(report.about.get('when', '')))}; answers by {escape(str(report.about.get('answers by', '')))}; "
    yield f"seed {escape(str(report.about.get('seed', '')))}. Means over questions; in brackets 95 % intervals by "
    yield "bootstrap over documents. Accuracy of answers is of the text shown, quotations included.</p>"
    for one in (one for one in evaluated if not one.pack.sealed):
        yield from _pack(one)
    yield "<h2>How it was run</h2><details><summary>Versions, models, settings, machine</summary>"
    yield f"<pre>{escape(json.dumps(report.about, indent=1))}</pre></details>"
    yield "<details><summary>Everything above as Markdown</summary>"
    yield f"<pre>{escape(markdown(report))}</pre></details></body></html>\n"


def _pack(one: Evaluated) -> Iterator[str]:
    pack = one.result
    yield f"<h2>{escape(pack.pack)}</h2>"
    for text in paragraphs(pack):
        yield _html_of_markdown(text) if text.startswith("|") else f"<p>{escape(text)}</p>"
    for caption, svg in plots_of(pack):
        yield f"<figure>{svg}<figcaption>{escape(caption)}</figcaption></figure>"
    yield from _all_figures(pack)
    for failed in pack.failed:
        yield f"<p>Not ingested: {escape(failed)}</p>"
    yield from _worst(one)


def _html_of_markdown(text: str) -> str:
    """A table of ``text_report.table`` as HTML."""
    lines = [re.split(r"(?<!\\)\|", line)[1:-1] for line in text.splitlines()]
    rows = [[cell.strip().replace("\\|", "|") for cell in line] for line in lines]
    return _table(rows[0], rows[2:])


def _table(head: Iterable[str], rows: Iterable[Iterable[str]]) -> str:
    top = "".join(f"<th>{escape(cell)}</th>" for cell in head)
    body = "".join("<tr>" + "".join(f"<td>{escape(cell)}</td>" for cell in row) + "</tr>" for row in rows)
    return f"<div class='scroll'><table><thead><tr>{top}</tr></thead><tbody>{body}</tbody></table></div>"


def _all_figures(pack: PackResult) -> Iterator[str]:
    for system in pack.systems:
        rows = [
            (one.part, one.within, one.level, one.group, one.metric, number(one.estimate), str(one.estimate.questions))
            for one in system.figures
        ]
        yield f"<details><summary>{escape(system.system)}: all figures</summary>"
        yield _table(("part", "where", "level", "group", "metric", "mean [95 %]", "questions"), rows)
        stages = [(stage, f"{spent['p50']:.0f}", f"{spent['p95']:.0f}") for stage, spent in system.latency_ms.items()]
        yield _table(("stage", "p50 ms", "p95 ms"), stages) + "</details>"


def _worst(one: Evaluated) -> Iterator[str]:
    """The assistant's worst questions by the headline's kind of ranking, no two of one cluster while others are left."""
    if not one.result.headline:
        return
    within, level, _ = parts_of(one.result.headline[0])
    system = one.result.systems[0]
    values = system.values.get(f"retrieval/{within}/{level}/ndcg@10", {})
    replies = one.replies[system.system].get(within, {})
    by_id = {question.id: question for question in one.pack.questions}
    seen: dict[str, int] = {}
    order = []
    for id_ in sorted(values, key=lambda id_: (values[id_], id_)):
        cluster = one.result.clusters[id_]
        seen[cluster] = seen.get(cluster, 0) + 1
        order.append((seen[cluster], values[id_], id_))
    worst = [id_ for _, value, id_ in sorted(order) if value < 1][:WORST]
    if worst:
        yield f"<h3>Worst questions of {escape(system.system)}</h3>"
    for id_ in worst:
        yield from _question(one, by_id[id_], replies[id_], level, values[id_])


def _question(one: Evaluated, question: Question, reply: Reply, level: Level, value: float) -> Iterator[str]:
    gold = one.golds[level].get(question.id, frozenset())
    found = ranking(reply.locations, level)
    ranks = [
        f"{unit}: {'rank ' + str(found.index(unit) + 1) if unit in found else 'not found'}" for unit in sorted(gold)
    ]
    yield f"<details><summary>{escape(question.query)} <small>(nDCG@10 {value:.2f})</small></summary>"
    yield f"<p>Gold answer: {escape('; '.join(question.answers)) or 'not given'}<br>Gold: {escape(', '.join(ranks))}"
    if reply.answered:
        yield f"<br>Answer: {escape(reply.answer)}"
    yield "</p>"
    for evidence in question.evidence[:SHOWN_LOCATIONS]:
        name = f"{evidence.source}, page {evidence.page}" if evidence.page else evidence.source
        yield _shown(one, evidence.source, evidence.page or 1, f"Gold: {name}", evidence.text)
    for rank, location in enumerate(_distinct(reply, level)[:SHOWN_LOCATIONS], start=1):
        caption = f"Found {rank}: {location[0]}, page {location[1]}"
        yield _shown(one, location[0], location[1], caption, location[2])
    yield "</details>"


def _distinct(reply: Reply, level: Level) -> list[tuple[str, int, str]]:
    """Source, page and text of the best location of each unit."""
    best = {unit_of(location, level): location for location in reversed(reply.locations)}
    return [(best[unit].source, best[unit].page, best[unit].text) for unit in ranking(reply.locations, level)]


def _shown(one: Evaluated, source: str, page: int, caption: str, text: str) -> str:
    path = next((path for path in one.pack.documents if path.name == source), None)
    uri = picture_of(path, page) if path else ""
    picture = f"<img alt='{escape(caption, quote=True)}' src='{uri}'>" if uri else f"<pre>{escape(text[:600])}</pre>"
    return f"<figure>{picture}<figcaption>{escape(caption)}</figcaption></figure>"
