"""The systems that are evaluated: anything that takes a question and says where it looked, and perhaps what it answers."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from functools import cache
from pathlib import Path
from typing import Any, Protocol

from chains.pipeline import build, resources_of
from chains.retrieval.search import retrieve
from config import Settings
from evaluation.corpus import Corpus
from models.chat.usage import TokenUsage, read_prices
from models.prompts import PROMPTS
from records import BBox, Chunk, Computation, Kind, Outcome, Turn

ROOT = Path(__file__).resolve().parent.parent
ANSWERING_CODE = ("chains", "ingest", "models", "store", "text", "vision")
SNIPPET = 300  # characters of a location that a report shows
# settings that say where things lie, how fast it goes and what it costs, but not what is answered
DECIDES_NOTHING = (
    *("data_dir", "chroma_url", "catalog_url", "shared_dir", "rerank_url", "workers", "vision_workers"),
    *("chat_cache", "chat_prices", "chat_requests_per_second", "chat_retries", "chat_threads"),
)
SNIPPETS = 10  # locations that have one


@dataclass(frozen=True, kw_only=True)
class Location:
    """A location at which a system looked. Names are the pack's."""

    source: str
    page: int = 1
    kind: Kind = "text"
    bbox: BBox | None = None  # None for a whole page, and where the source has no rectangles
    table: str = ""  # asset of the whole table
    text: str = ""  # how it begins


@dataclass(frozen=True, kw_only=True)
class ReplyCitation:
    """A citation of an answer."""

    n: int
    source: str
    page: int
    kind: Kind
    quote: str
    bbox: BBox | None = None
    checked: bool = False


@dataclass(frozen=True)
class ReplyStatement:
    """A statement of an answer with the numbers of its citations."""

    text: str
    citations: tuple[int, ...] = ()
    answer: tuple[str, ...] = ()  # the value alone, where cells answer
    computed: Computation | None = None
    checked: bool = False  # the passages it cites bear it out, as the product holds
    added: bool = False  # a chat model cited nothing that holds, and the product found what does


@dataclass(frozen=True, kw_only=True)
class Reply:
    """The reply of a system to one question."""

    locations: tuple[Location, ...]  # best first
    answered: bool = False  # whether the system answers at all; a mere retriever does not
    answer: str = ""
    statements: tuple[ReplyStatement, ...] = ()
    citations: tuple[ReplyCitation, ...] = ()
    outcome: Outcome = "answered"
    confidence: float | None = None  # 0 to 1, where the system tells how sure it is
    subquestions: tuple[str, ...] = ()
    model: str = ""
    timings_ms: dict[str, float] = field(default_factory=dict)  # by stage; "total" is the whole
    tokens: dict[str, float] = field(default_factory=dict)  # of chat models, as TokenUsage.numbers; empty without one

    @property
    def abstained(self) -> bool:
        """Whether nothing is shown."""
        return self.outcome == "nothing"

    def as_json(self) -> dict[str, Any]:
        """Return plain values for a run file."""
        return asdict(self)

    @classmethod
    def from_json(cls, fields: dict[str, Any]) -> Reply:
        """Build a reply from what ``as_json`` returned; files written before there were outcomes have ``abstained``."""
        known = {name: value for name, value in fields.items() if name != "abstained"}
        return cls(
            **{
                "outcome": "nothing" if fields.get("abstained") else "answered",
                **known,
                "locations": tuple(Location(**{**one, "bbox": _box(one["bbox"])}) for one in fields["locations"]),
                "statements": tuple(
                    ReplyStatement(
                        one["text"],
                        tuple(one["citations"]),
                        tuple(one["answer"]),
                        _computation(one["computed"]),
                        one.get("checked", False),
                        one.get("added", False),
                    )
                    for one in fields["statements"]
                ),
                "citations": tuple(ReplyCitation(**{**one, "bbox": _box(one["bbox"])}) for one in fields["citations"]),
                "subquestions": tuple(fields["subquestions"]),
            }
        )


def _box(numbers: Sequence[float] | None) -> BBox | None:
    return (numbers[0], numbers[1], numbers[2], numbers[3]) if numbers else None


def _computation(fields: Mapping[str, Any] | None) -> Computation | None:
    if fields is None:
        return None
    lists: dict[str, Any] = {name: tuple(fields[name]) for name in ("cells", "result", "given")}
    return Computation(operation=fields["operation"], **lists)


class System(Protocol):
    """A way to find and answer."""

    name: str

    def settings(self) -> dict[str, Any]:
        """Return everything that decides what it returns, for the run file's name and the report."""
        ...

    def ask(self, question: str, documents: Sequence[str] | None) -> Reply:
        """Look in the named documents of the pack, or in all."""
        ...


class Assistant:
    """The product: the same chain as behind the page.

    Its ranking is what the turn shows as hits, then what the same retrieval finds further down, so that recall@10 pages
    can be told from ten chunks.
    """

    name = "assistant"

    def __init__(self, corpus: Corpus, settings: Settings) -> None:
        self._corpus = corpus
        self._settings = settings
        self._deep = resources_of(corpus.index, replace(settings, top_k=2 * settings.candidates))
        self._chain = build(corpus.index, settings)
        self._prices = read_prices(settings.chat_prices)

    def settings(self) -> dict[str, Any]:
        """Return the settings that decide an answer."""
        return answer_settings(self._settings)

    def ask(self, question: str, documents: Sequence[str] | None) -> Reply:
        """Answer one question without history."""
        scope = self._corpus.scope(documents)
        began = time.perf_counter()
        usage = TokenUsage()
        turn = self._chain.invoke(Turn(question=question, scope=scope), {"callbacks": [usage]})
        total = (time.perf_counter() - began) * 1000
        further = retrieve(turn.standalone or question, scope, self._deep)
        chunks = {hit.chunk.id: hit.chunk for hit in (*turn.hits, *further)}
        return Reply(
            locations=locations_of(chunks.values(), self._corpus),
            answered=True,
            answer=turn.answer,
            statements=tuple(
                ReplyStatement(one.text, one.citations, one.answer, one.computed, one.checked, one.added)
                for one in turn.statements
            ),
            citations=tuple(
                ReplyCitation(
                    n=one.n,
                    source=self._corpus.name(one.chunk.source),
                    page=one.chunk.page,
                    kind=one.chunk.kind,
                    quote=one.quote,
                    bbox=one.bbox,
                    checked=one.checked,
                )
                for one in turn.citations
            ),
            outcome=turn.outcome,
            confidence=turn.confidence,
            subquestions=tuple(part.question for part in turn.parts),
            model=turn.model,
            timings_ms={**turn.timings_ms, "total": round(total, 1)},
            tokens=usage.numbers(self._prices),
        )


def answer_settings(settings: Settings) -> dict[str, Any]:
    """Return the settings that decide an answer, and the versions of the prompts and the code."""
    fields = asdict(settings)
    kept = {name: value for name, value in fields.items() if name not in DECIDES_NOTHING}
    return {**kept, "prompts": PROMPTS.version, "code": code_version()}


@cache
def code_version() -> str:
    """Return a hash of all code and learned weights of ours that have a part in an answer: a reply of others is another."""
    digest = hashlib.sha256()
    files = [path for name in ANSWERING_CODE for path in sorted((ROOT / name).glob("**/*.py"))]
    files += [*sorted(ROOT.glob("data/*_weights*.json")), *sorted(ROOT.glob("data/glossaries/*.toml"))]
    for path in [*sorted(ROOT.glob("*.py")), *files]:
        digest.update(f"{path.relative_to(ROOT)}\n".encode())
        digest.update(path.read_bytes())
    return digest.hexdigest()[:12]


def locations_of(chunks: Iterable[Chunk], corpus: Corpus) -> tuple[Location, ...]:
    """Return chunks as locations in the pack; only the first bring their text, which a report may show."""
    return tuple(
        Location(
            source=corpus.name(chunk.source),
            page=chunk.page,
            kind=chunk.kind,
            bbox=chunk.bbox,
            table=chunk.table,
            text=chunk.text[:SNIPPET] if position < SNIPPETS else "",
        )
        for position, chunk in enumerate(chunks)
    )
