"""The answer to a question for a ratio: what it comes to, of which lines, each cited."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import groupby

from chains.arithmetic import fraction, said
from chains.finance.filing import Figure, Filing
from chains.finance.metrics import Metric, metric_in
from chains.tables.cite import cite
from chains.tables.values import NUMBER_WORDS
from chains.units import unit_of
from chains.years import years_in
from records import Chunk, Citation, Computation, Hit, Scope, Statement
from store.index import Index

FRACTION = 3  # decimals asked for, from which 0.023 is meant and not 2.300 %
MAX_YEARS = 4  # of one question, each a statement
_DECIMALS = re.compile(rf"\b(\d|{'|'.join(NUMBER_WORDS)})[\s-]decimals?\b", re.IGNORECASE)
_COURSE = re.compile(
    r"\b(?:improv|declin|consisten|trend|histor|chang|gr[eo]w|fluctuat|increas|decreas|ris|rose|fell|fall|deteriorat)\w*",
    re.IGNORECASE,
)
_PERCENT = re.compile(r"percent|%", re.IGNORECASE)


def state_metric(
    question: str, hits: Sequence[Hit], index: Index, scope: Scope
) -> tuple[tuple[Statement, ...], tuple[Citation, ...]] | None:
    """A statement for each year asked, of the newest when none is named, and the citations, numbered from 1. None unless
    the question asks for a metric, is asked of a source whose statements print every line that it needs, and all of
    them in the same unit."""
    metric = metric_in(question)
    if metric is None:
        return None
    for source in _sources(question, hits, index, scope):
        filing = Filing(index, source, scope.reader)
        stated = [_state(metric, year, filing, question) for year in _years(question, filing)]
        if stated and all(stated):
            return _numbered([one for one in stated if one is not None])
    return None


def _sources(question: str, hits: Sequence[Hit], index: Index, scope: Scope) -> list[str]:
    """The sources that the question is asked of or names, those of the best hits first; [] when it may mean any."""
    if scope.sources is not None and len(scope.sources) == 1:
        return list(scope.sources)
    named = index.names(scope.reader).match(question, lambda stem, some: index.share(stem, some, scope.reader))
    within = named.keys() if scope.sources is None else named.keys() & set(scope.sources)
    found = [hit.chunk.source for hit in hits if hit.chunk.source in within]
    if not named and scope.sources is None:
        known = index.sources(scope.reader)
        found = [known[0].source] if len(known) == 1 else []
    return list(dict.fromkeys(found))


def _years(question: str, filing: Filing) -> list[int]:
    """The years asked; where one at most is named, that or the newest, and the one before when the question is how it
    went."""
    asked = sorted(years_in(question))[:MAX_YEARS] or [year for year in (filing.newest,) if year]
    return [asked[0] - 1, *asked] if len(asked) == 1 and _COURSE.search(question) else asked


def _state(metric: Metric, year: int, filing: Filing, question: str) -> tuple[Statement, list[Citation]] | None:
    over, under = filing.sum(metric.over, year), filing.sum(metric.under, year)
    if not over or under is None or (metric.under and not under):
        return None
    units = {unit_of(figure.sheet.table, figure.chunk) for figure in (*over, *under)} - {""}
    if len(units) > 1:
        return None
    figures = _merged(over, under, metric.factor)
    cells = tuple(figure.cell for figure, _, _ in figures)
    weights = tuple(above for _, above, _ in figures), tuple(below for _, _, below in figures)
    value = fraction(cells, *weights)
    if value is None:
        return None
    result = _result(value, metric, question, over)
    unit = "" if metric.under else next(iter(units), "")
    text = f"{metric.name}, {year}: {result}{unit} = {_formula(metric, over, under)}"
    computed = Computation(
        operation="fraction",
        cells=cells,
        result=(result,),
        given=(metric.factor,) if metric.factor != 1 else (),
        weights=weights,
    )
    return Statement(text=text, computed=computed, answer=(result,)), list(_cited(figures, filing.chunks))


def _merged(over: Sequence[Figure], under: Sequence[Figure], factor: float) -> list[tuple[Figure, float, float]]:
    """Each cell once, with how often it counts above and below the line."""
    cells: dict[tuple[str, int, int], tuple[Figure, float, float]] = {}
    for figures, above in ((over, True), (under, False)):
        for figure in figures:
            place = (figure.chunk.table, figure.row, figure.column)
            _, up, down = cells.get(place, (figure, 0.0, 0.0))
            cells[place] = (figure, up + factor * figure.weight, down) if above else (figure, up, down + figure.weight)
    return list(cells.values())


def _result(value: float, metric: Metric, question: str, over: Sequence[Figure]) -> str:
    """Rounded as the question asks, in percent where it says so; else a share to 0.1 percent, a ratio to two decimals, an
    amount as its cells are."""
    asked = _DECIMALS.search(question)
    count = None
    if asked:
        word = asked[1].lower()
        count = int(word) if word.isdigit() else NUMBER_WORDS[word]
    if not metric.under:
        own = max(len(figure.cell.partition(".")[2].rstrip(") ")) for figure in over)
        return said(value, own)
    percent = _PERCENT.search(question) is not None or (metric.percent and (count is None or count < FRACTION))
    return said(value, count if count is not None else 1 if percent else 2, percent=percent)


def _formula(metric: Metric, over: Sequence[Figure], under: Sequence[Figure]) -> str:
    above = _sum(over)
    if not under:
        return above
    factor = f"{metric.factor:g} × " if metric.factor != 1 else ""
    return f"{factor}{_bracketed(above, over)} ÷ {_bracketed(_sum(under), under)}"


def _sum(figures: Sequence[Figure]) -> str:
    """ "Cash 3 + Receivables 4"; of two years' mean, "half of (Inventories 3 + Inventories 4)"."""
    halves = {abs(figure.times) for figure in figures} == {0.5}
    parts = ""
    for figure in figures:
        sign = "− " if figure.times < 0 else "+ "
        parts += f" {sign}{figure}" if parts else f"{sign.lstrip('+ ')}{figure}"
    return f"half of ({parts})" if halves else parts


def _bracketed(text: str, figures: Sequence[Figure]) -> str:
    return f"({text})" if len(figures) > 1 and not text.startswith("half of") else text


def _cited(figures: Sequence[tuple[Figure, float, float]], chunks: Sequence[Chunk]) -> Iterator[Citation]:
    """Citations of the cells, a table's together."""
    cells = sorted((figure for figure, _, _ in figures), key=lambda figure: (figure.chunk.ordinal, figure.row))
    for _, group in groupby(cells, key=lambda figure: figure.chunk.table):
        own = list(group)
        rows, columns = [figure.row for figure in own], sorted({figure.column for figure in own})
        yield from cite(own[0].sheet, rows, columns, own[0].chunk, chunks)


def _numbered(
    stated: Sequence[tuple[Statement, list[Citation]]],
) -> tuple[tuple[Statement, ...], tuple[Citation, ...]]:
    statements: list[Statement] = []
    citations: list[Citation] = []
    for statement, cited in stated:
        first = len(citations) + 1
        citations += [replace(one, n=n) for n, one in enumerate(cited, start=first)]
        statements.append(replace(statement, citations=tuple(range(first, len(citations) + 1))))
    return tuple(statements), tuple(citations)
