"""A run as Markdown: for the terminal and for a README."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from evaluation.context_budget import ContextShares
from evaluation.results import Change, PackResult, Report, SystemResult, parts_of
from evaluation.scoring import Figure
from evaluation.statistics import Estimate

OTHER_PARTS = (
    "tables",
    "near-duplicates",
    "answers",
    "honesty",
    "abstention",
    "citations",
    "grounding",
    "sub-questions",
)
HONESTY = (  # of a table of all packs, in this order
    "right",
    "called_answered",
    "answered_right",
    "wrong_yet_checked",
    "answerable_refused",
    "unanswerable_answered",
    "auc_answerable",
    "on_gold",
    "on_layout",
)
SHOWN_QUESTIONS = 10
CHAT_COSTS = {  # what chat models took for a question
    "input": "input tokens",
    "output": "output tokens",
    "calls": "calls of chat models",
    "estimated": "calls with estimated tokens",
}


def number(estimate: Estimate) -> str:
    """Format a figure as ".452 [.381, .520]", a leading zero left out; counts and times are not given this way."""
    mean = _short(estimate.mean)
    if estimate.low is None or estimate.high is None:
        return mean
    return f"{mean} [{_short(estimate.low)}, {_short(estimate.high)}]"


def _short(value: float) -> str:
    return f"{value:.3f}".replace("0.", ".", 1) if abs(value) < 1 else f"{value:.3f}"


def _count(value: float) -> str:
    return f"{value:.1f}".removesuffix(".0")


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Format a Markdown table."""
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join("| " + " | ".join(cell.replace("|", "\\|") for cell in line) + " |" for line in lines)


def markdown(report: Report) -> str:
    """Format headline figures with 95 % intervals for every pack and system; then answers, citations and cost."""
    return "\n\n".join(part for pack in report.packs for part in (f"## {pack.pack}", *paragraphs(pack)))


def headlines(report: Report) -> str:
    """Format a row a pack and figure that is compared, then what is called an answer and how often it is one, a column a
    system: one table."""
    systems = list(dict.fromkeys(system.system for pack in report.packs for system in pack.systems))
    rows = []
    for pack in report.packs:
        figures = {
            system.system: {one.key: one.estimate for one in system.figures if one.group == "all"}
            for system in pack.systems
        }
        known = sorted({key for some in figures.values() for key in some})
        for key in (*pack.headline, *(key for metric in HONESTY for key in known if key.endswith(f"/{metric}"))):
            found = {name: some[key] for name, some in figures.items() if key in some}
            asked = str(next((one.questions for one in found.values()), ""))
            cells = [number(found[name]) if name in found else "" for name in systems]
            rows.append([pack.pack, _title(key), asked, *cells])
    return table(("pack", "figure", "questions", *systems), rows)


def paragraphs(pack: PackResult) -> list[str]:
    """Return what there is to say of a pack: lines of text and Markdown tables."""
    held = [f"{pack.documents} documents"] if pack.documents else []
    held += [f"{pack.passages} passages"] if pack.passages else []
    held += [f"{pack.questions} questions"]
    drawn = "documents" if pack.documents or pack.passages else "conversations"
    parts = [f"{', '.join(held)}; in brackets 95 % intervals over {drawn}"]
    if pack.headline:
        parts.append(headline_table(pack))
        if by_kind := kind_table(pack):
            parts.append(by_kind)
    others = [(one, figures) for one in pack.systems if (figures := _others(one))]
    for system, figures in others:
        rows = [(one.part, one.metric, number(one.estimate), str(one.estimate.questions)) for one in figures]
        parts.append(table((system.system, "", "mean [95 %]", "questions"), rows))
    parts.append(cost_table(pack))
    if pack.missing_tables:
        parts.append(f"Gold tables that none of the extracted tables is like: {pack.missing_tables}")
    return parts


def headline_table(pack: PackResult) -> str:
    """Format a row a system, a column a headline figure."""
    head = ["system", *(_title(key) for key in pack.headline), "ms a question p50/p95"]
    rows = []
    for system in pack.systems:
        figures = {one.key: one for one in system.figures if one.group == "all"}
        cells = [number(figures[key].estimate) if key in figures else "" for key in pack.headline]
        if not any(cells):
            continue
        total = system.latency_ms.get("total")
        rows.append([system.system, *cells, f"{total['p50']:.0f} / {total['p95']:.0f}" if total else ""])
    return table(head, rows)


KIND = "kind: "  # how the groups of a pack's kinds of questions are called


def kind_table(pack: PackResult) -> str:
    """Format a row a kind of question and system, a column a headline figure, as of a pack in several languages; "" where a
    pack has one kind alone."""
    rows = []
    groups = dict.fromkeys(one.group for system in pack.systems for one in system.figures if one.group.startswith(KIND))
    for group in groups:
        for system in pack.systems:
            figures = {one.key: one for one in system.figures if one.group == group}
            cells = [number(figures[key].estimate) if key in figures else "" for key in pack.headline]
            if any(cells):
                rows.append([group.removeprefix(KIND), system.system, *cells])
    return table(["kind", "system", *(_title(key) for key in pack.headline)], rows) if rows else ""


def _title(key: str) -> str:
    within, level, metric = parts_of(key)
    return f"{level} {metric}{' in document' if within == 'document' else ''}".strip()


def _others(system: SystemResult) -> list[Figure]:
    return [one for one in system.figures if one.group == "all" and one.part in OTHER_PARTS]


def context_table(shares: ContextShares) -> str:
    """Format a row a system, a column a budget of tokens: the share of questions whose evidence stands in what is read."""
    budgets = list(next(iter(shares.values())))
    head = ["evidence in the context", *(f"{budget} tokens" for budget in budgets), "questions"]
    rows = [
        [name, *(number(found[budget]) for budget in budgets), str(found[budgets[0]].questions)]
        for name, found in shares.items()
    ]
    return table(head, rows)


def cost_table(pack: PackResult) -> str:
    """Format what it took to ingest the pack and to ask."""
    cost = pack.cost
    rows = []
    if cost.get("ingest_seconds"):
        speed = cost["ingest_pages"] / cost["ingest_seconds"]
        rows.append(
            ("ingestion", f"{cost['ingest_pages']:.0f} pages in {cost['ingest_seconds']:.0f} s ({speed:.1f}/s)")
        )
        rows.append(("peak memory of ingestion", f"{cost['ingest_peak_bytes'] / 1e9:.2f} GB"))
    rows.append(("peak memory asking", f"{cost.get('ask_peak_bytes', 0) / 1e9:.2f} GB"))
    rows.append(("disk a page", f"{cost.get('disk_bytes_per_page', 0) / 1e3:.0f} kB"))
    stages = pack.systems[0].latency_ms if pack.systems else {}
    rows += [(f"{stage}, p50 / p95", f"{spent['p50']:.0f} / {spent['p95']:.0f} ms") for stage, spent in stages.items()]
    tokens = pack.systems[0].tokens if pack.systems else {}
    rows += [
        (f"{CHAT_COSTS.get(name, name)}, p50 / p95", f"{_count(used['p50'])} / {_count(used['p95'])}")
        for name, used in tokens.items()
    ]
    return table(("cost", ""), rows)


def changes_table(changes: Sequence[Change]) -> str:
    """Format the paired tests, and the questions that changed."""
    rows = []
    for one in changes:
        found = one.difference
        p_value = "" if found.p_value is None else f"{found.p_value:.4f}"
        row = [one.pack, one.system, _title(one.key), _short(found.mean_a), _short(found.mean_b)]
        rows.append([*row, number(found.difference), p_value, f"{len(found.better)} / {len(found.worse)}"])
    head = ("pack", "system", "figure", "A", "B", "B - A [95 %]", "p", "better / worse")
    lines = [table(head, rows)]
    for one in changes:
        for word, ids in (("better", one.difference.better), ("worse", one.difference.worse)):
            if ids:
                more = f" and {len(ids) - SHOWN_QUESTIONS} more" if len(ids) > SHOWN_QUESTIONS else ""
                shown = ", ".join(ids[:SHOWN_QUESTIONS])
                lines.append(f"{one.pack}, {one.system}, {_title(one.key)}, {word}: {shown}{more}")
    return "\n\n".join(lines)
