"""The extractive reader: it quotes the sentence or the cells that answer, and says so when it finds none."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from chains.answering.base import Context
from chains.answering.evidence import Evidence, in_context, rows_box
from chains.answering.extractive.out_of_corpus import out_of_corpus_names
from chains.answering.extractive.said import said_of
from chains.answering.extractive.score import Scored, is_as_good, rate
from chains.answering.extractive.scorers import scorer_for
from chains.answering.tables.statement import Stated, state_computed
from records import Citation, Hit, Principal, Scope, Statement, SubAnswer
from text.english.locator import without_locator
from text.geometry import union
from text.labels import is_titled
from text.stated_units import unit_of

MAX_QUOTES = 2
# said of a place where words were read from pixels and a second reading gives other words
ILLEGIBLE = "The place that fits best cannot be read with certainty; what it says is to be seen there."
SHOWN_COLUMNS = 6  # of a row, when the question does not say which it wants


class Reader:
    """Reads hits for an answer. Safe to use from several threads."""

    def __init__(self, context: Context) -> None:
        self._settings = context.settings
        self._resources = context.resources
        self._is_supported = context.is_supported
        self._scorer = scorer_for(context.settings, context.resources)

    def read(self, question: str, hits: Sequence[Hit], scope: Scope) -> SubAnswer:
        """Answer ``question`` with quotes from ``hits``, which were found within ``scope``. Citation numbers count from 1 in
        each answer.

        Where it is not likely enough that the best evidence answers, it is quoted as the nearest passages; where it is less
        likely still, or a name in the question stands nowhere within ``scope``, nothing is.
        """
        strange = out_of_corpus_names(question, self._resources, scope)
        if strange:
            nothing = SubAnswer(question=question, hits=tuple(hits), outcome="nothing", done=True, confidence=0.0)
            return replace(nothing, out_of_corpus=strange)
        asked = without_locator(question)
        first = hits[: self._settings.top_k]
        scored = self._scorer.rate(asked, first, scope.principal)
        said = said_of(asked, scored, first, self._resources, scope)
        outcome, sure = self._scorer.decide(said)
        computed = self._computed(asked, first, scored, scope.principal)
        if computed is not None and (computed.certain or outcome == "answered"):
            return _answer(question, hits, computed)
        if not scored or outcome == "nothing":
            return SubAnswer(question=question, hits=tuple(hits), outcome="nothing", done=True, confidence=sure)
        close = [one for one in scored if is_as_good(one.score, scored[0].score)]
        chosen = [scored[0], said.second] if said.second else _choose(close)
        if outcome == "passages":
            near = chosen if said.second else scored
            chosen = _choose([replace(one, evidence=in_context(one.evidence), answer="") for one in near])
        statements, citations = self._quote(chosen, scope.principal)
        return SubAnswer(
            question=question,
            hits=tuple(hits),
            statements=statements,
            citations=citations,
            outcome=outcome,
            done=True,
            confidence=sure,
        )

    def read_table(self, question: str, hits: Sequence[Hit], scope: Scope) -> SubAnswer | None:
        """Return what the rows of the best table among ``hits`` come to; None unless that is computed from several cells, or
        when a name in the question stands nowhere within ``scope``."""
        if out_of_corpus_names(question, self._resources, scope):
            return None
        asked = without_locator(question)
        first = hits[: self._settings.top_k]
        found = self._computed(asked, hits, rate(asked, first, self._resources, scope.principal), scope.principal)
        return None if found is None or found.statement.computed is None else _answer(question, hits, found)

    def _quote(
        self, chosen: Sequence[Scored], principal: Principal
    ) -> tuple[tuple[Statement, ...], tuple[Citation, ...]]:
        """The pieces as statements, each with its citation."""
        statements: list[Statement] = []
        citations: list[Citation] = []
        for number, one in enumerate(chosen, start=1):
            text, citation = _state(one, len(citations) + 1)
            answer = _bare(one) if number == 1 else ()
            cited = self._cited(one, citation, len(citations) + 2, principal)
            statement = Statement(text=text, citations=tuple(one.n for one in cited), answer=answer)
            if self._is_supported(statement, cited, principal) is False:
                statement = Statement(text=ILLEGIBLE, citations=(citation.n,))
                cited = [replace(citation, disputed=True)]
            statements.append(statement)
            citations += cited
        return tuple(statements), tuple(citations)

    def _cited(self, one: Scored, citation: Citation, number: int, principal: Principal) -> list[Citation]:
        """The citation, and one numbered ``number`` of the place on the next page where the sentence ends."""
        piece = one.evidence
        spans = [span for span in piece.chunk.spans if span.page and piece.start < span.end <= piece.end]
        if not spans or piece.table is not None:
            return [citation]
        rest = " ".join(piece.chunk.text[spans[0].start : piece.end].split())
        chunks = self._resources.documents.chunks_of(piece.chunk.source, principal)
        chunk = next((chunk for chunk in chunks if chunk.page == spans[0].page and rest in chunk.text), None)
        if chunk is None:
            return [citation]
        box = union(span.bbox for span in spans)
        return [citation, Citation(n=number, chunk=chunk, quote=rest, bbox=box)]

    def _computed(
        self, question: str, hits: Sequence[Hit], scored: Sequence[Scored], principal: Principal
    ) -> Stated | None:
        found = state_computed(question, hits, scored, self._resources, principal)
        if found is None or self._is_supported(found.statement, found.citations, principal) is False:
            return None
        return found


def _answer(question: str, hits: Sequence[Hit], stated: Stated) -> SubAnswer:
    return SubAnswer(
        question=question,
        hits=tuple(hits),
        statements=(stated.statement,),
        citations=stated.citations,
        done=True,
        confidence=stated.sure,
    )


def _choose(scored: Sequence[Scored]) -> list[Scored]:
    """The best ``MAX_QUOTES``, none of which repeats another."""
    chosen: list[Scored] = []
    for one in scored:
        quote = one.evidence.quote
        if all(quote not in kept.evidence.quote and kept.evidence.quote not in quote for kept in chosen):
            chosen.append(one)
        if len(chosen) == MAX_QUOTES:
            break
    return chosen


def _state(scored: Scored, number: int) -> tuple[str, Citation]:
    piece = scored.evidence
    if piece.table is None and is_titled(piece.about):  # "Icing 61" says little without the figure's caption
        quote = f"{piece.about}\n{piece.quote}"
        citation = Citation(n=number, chunk=piece.chunk, quote=quote, bbox=piece.chunk.bbox)
        return f"{_lead(scored)}“{piece.quote}” ({piece.about.rstrip('.')})", citation
    if piece.table is None:
        return f"{_lead(scored)}“{piece.quote}”", Citation(
            n=number, chunk=piece.chunk, quote=piece.quote, bbox=piece.bbox
        )
    return _state_row(piece, scored.columns, number)


def _lead(scored: Scored) -> str:
    """The words that answer, before the sentence that they stand in."""
    answer = scored.answer
    return f"{answer} — " if answer and answer != scored.evidence.quote.rstrip(".") else ""


def _bare(scored: Scored) -> tuple[str, ...]:
    """The words that a model found, or the cell that answers, where the question asks for one column of a row."""
    if scored.answer:
        return (scored.answer,)
    if scored.evidence.table is None:
        return ()
    cells, label_col = _cells(scored.evidence)
    wanted = [cells[col] for col in scored.columns if col != label_col and cells[col]]
    return tuple(wanted) if len(wanted) == 1 else ()


def _cells(piece: Evidence) -> tuple[list[str], int]:
    """The cells of the row, and the column that names it."""
    assert piece.table is not None
    cells = piece.table.grid()[piece.row]
    return cells, next((col for col, cell in enumerate(cells) if cell), 0)


def _state_row(piece: Evidence, columns: Sequence[int], number: int) -> tuple[str, Citation]:
    """ "Net income: 1,058 (2023)": the row's name, its value, its column's name; header cells are cited with it."""
    assert piece.table is not None
    table, names = piece.table, piece.table.column_names()
    cells, label_col = _cells(piece)
    wanted = [col for col in columns if col != label_col and cells[col]]
    shown = wanted or [col for col in range(len(cells)) if col != label_col and cells[col]][:SHOWN_COLUMNS]
    values = "; ".join(f"{names[col]}: {cells[col]}" if names[col] else cells[col] for col in shown)
    unit = unit_of(table, piece.chunk, [cells[col] for col in shown])
    text = f"{cells[label_col]} — {values}{unit}" if values else cells[label_col]
    head = " ".join(dict.fromkeys(names[col] for col in shown if names[col]))
    quote = "\n".join(line for line in (head, " ".join([cells[label_col], *(cells[col] for col in shown)])) if line)
    box = rows_box(table, [piece.row], [label_col, *shown], shown)
    return text, Citation(n=number, chunk=piece.chunk, quote=quote, bbox=box or piece.bbox)
