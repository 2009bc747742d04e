"""How an answer was found: the sub-questions, where each list had a passage, what fusion and ranker made of it, and the time.
For people as HTML, for programs as JSON."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterable
from typing import Any

from app.names import name_of
from app.text import counted, escaped, shortened
from app.words import location
from chains.retrieval.search import FUSED
from records import Hit, SubAnswer, Turn

SHOWN = 10  # passages of a sub-question; JSON has all
# What the lists are called; one that says more ("glossary: income") keeps what it says.
_LISTS = {
    "dense": "meaning",
    "lexical": "words",
    "glossary": "headings",
    "place": "place named",
    "entity_hop": "names followed",
    "pictures": "pictures",
    "pages": "pages seen",
}
_STEPS = {
    "find_picture": "looking for the picture",
    "condense": "understanding the question",
    "decompose": "splitting it",
    "retrieve": "searching",
    "answer": "searching and reading",
    "synthesise": "putting the answer together",
    "check": "checking the citations",
    "say_where": "saying where the picture stands",
}
_OUTCOMES = {"answered": "answered", "passages": "nearest passages only", "nothing": "nothing found"}


def trace_html(turn: Turn) -> str:
    """Return the trace behind a fold, with a link that saves it as JSON; "" where nothing was looked for."""
    if not turn.parts:
        return ""
    spent = "".join(
        f"<li>{escaped(_STEPS.get(name, name))}: {_seconds(ms)}</li>" for name, ms in turn.timings_ms.items()
    )
    data = base64.b64encode(json.dumps(trace_json(turn), ensure_ascii=False, indent=1).encode()).decode()
    return (
        '<details class="trace"><summary>How it was found</summary>'
        f"{_understood(turn)}{''.join(_part(number, part) for number, part in enumerate(turn.parts, start=1))}"
        f"<h4>Time</h4><ul>{spent}</ul>"
        f'<p><a download="trace.json" href="data:application/json;base64,{data}">Save as JSON</a></p></details>'
    )


def trace_json(turn: Turn) -> dict[str, Any]:
    """Return the same as plain data, for programs. Ranks count from 1."""
    return {
        "question": turn.question,
        "understood_as": turn.standalone,
        "model": turn.model,
        "outcome": turn.outcome,
        "parts": [
            {
                "question": part.question,
                "after": list(part.after),
                "outcome": part.outcome,
                "confidence": part.confidence,
                "hits": [_hit_json(rank, hit) for rank, hit in enumerate(part.hits, start=1)],
            }
            for part in turn.parts
        ],
        "timings_ms": dict(turn.timings_ms),
    }


def _hit_json(rank: int, hit: Hit) -> dict[str, Any]:
    return {
        "rank": rank,
        "location": location(hit.chunk),
        "source": name_of(hit.chunk.source),
        "page": hit.chunk.page,
        "kind": hit.chunk.kind,
        "ranks": dict(hit.ranks),
        "scores": {name: round(score, 6) for name, score in hit.scores},
        "score": round(hit.score, 6),
    }


def _understood(turn: Turn) -> str:
    if turn.standalone and turn.standalone.strip() != turn.question.strip():
        return f"<p>Understood as: {escaped(turn.standalone)}</p>"
    return ""


def _part(number: int, part: SubAnswer) -> str:
    needs = f", with the answer of {', '.join(map(str, part.after))}" if part.after else ""
    facts = f"{_OUTCOMES[part.outcome]}; {counted(len(part.hits), 'passage')} found{needs}"
    names = list(dict.fromkeys(name for hit in part.hits[:SHOWN] for name, _ in hit.ranks))
    head = "".join(f'<th scope="col">{escaped(_list_name(name))}</th>' for name in names)
    rows = "".join(_row(rank, hit, names) for rank, hit in enumerate(part.hits[:SHOWN], start=1))
    table = (
        '<div class="table-frame" tabindex="0" role="region" aria-label="Passages and their ranks"><table><thead><tr>'
        f'<th scope="col">Rank</th><th scope="col">Passage</th>{head}<th scope="col">fused</th>'
        f'<th scope="col">ranker</th></tr></thead><tbody>{rows}</tbody></table></div>'
    )
    question = escaped(shortened(part.question, 200))
    return f"<h4>{number}. {question}</h4><p>{escaped(facts)}.</p>{table if part.hits else ''}"


def _row(rank: int, hit: Hit, names: Iterable[str]) -> str:
    ranks, scores = dict(hit.ranks), dict(hit.scores)
    cells = "".join(_rank(ranks.get(name), scores.get(name)) for name in names)
    fused = f"{scores[FUSED]:.3f}" if FUSED in scores else "–"
    place = escaped(location(hit.chunk))
    return f"<tr><td>{rank}</td><td>{place}</td>{cells}<td>{fused}</td><td>{hit.score:.3f}</td></tr>"


def _rank(rank: int | None, score: float | None) -> str:
    """Where a list had a passage, with its score to be seen under the pointer."""
    if rank is None:
        return "<td>–</td>"
    title = "" if score is None else f' title="score {score:.3f}"'
    return f"<td{title}>{rank}.</td>"


def _list_name(name: str) -> str:
    kind, colon, more = name.partition(":")
    known = _LISTS.get(kind, kind)
    return f"{known}: {shortened(more, 30)}" if colon else known


def _seconds(ms: float) -> str:
    return f"{ms / 1000:.1f} s" if ms >= 100 else f"{ms:.0f} ms"
