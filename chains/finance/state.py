"""The answer to a question for a ratio: what it comes to, of which lines, each cited."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import groupby

from chains.arithmetic import fraction, said
from chains.finance.asked import Asked, asked_in
from chains.finance.filing import Figure, Filing
from chains.finance.items import ITEMS
from chains.finance.metrics import Metric, items_of
from chains.glossary import BALANCE
from chains.retrieve import named_sources
from chains.tables.cite import cite
from chains.units import unit_of
from records import Chunk, Citation, Computation, Hit, Scope, Statement
from store.index import Index

FRACTION = 3  # decimals asked for, from which 0.023 is meant and not 2.300 %
MAX_YEARS = 4  # of one question, each a statement


@dataclass(frozen=True, kw_only=True)
class Stated:
    """What a metric came to in a year."""

    metric: Metric
    when: str  # the year, or the day of a balance
    value: float
    text: str  # of the value
    formula: str
    unit: str  # of an amount
    figures: tuple[Figure, ...]
    over: tuple[float, ...]  # how often each figure's cell counts above the line
    under: tuple[float, ...]  # and below it

    @property
    def cells(self) -> tuple[str, ...]:
        """The cells it was computed from."""
        return tuple(figure.cell for figure in self.figures)


def state_metric(
    question: str, hits: Sequence[Hit], index: Index, scope: Scope
) -> tuple[tuple[Statement, ...], tuple[Citation, ...]] | None:
    """A statement for each year asked, of the newest when none is named, before those of two years how it changed; and the
    citations, numbered from 1. None unless the question asks for a metric and for nothing beside it, of a source whose
    statements print every line that it needs, and all of them in the same unit."""
    asked = asked_in(question)
    if asked is None:
        return None
    for source in _sources(question, hits, index, scope):
        if not all(index.names(scope.reader).is_named(source, word) for word in asked.names):
            continue
        filing = Filing(index, source, scope.reader, asked.months)
        if not asked.metric.under and filing.prints(asked.metric.name):
            continue  # the company has its own way to compute it
        found = [_state(asked, year, filing) for year in _years(asked, filing)]
        stated = [one for one in found if one is not None]
        if stated and len(stated) == len(found):
            return _said(stated, filing.chunks)
    return None


def _sources(question: str, hits: Sequence[Hit], index: Index, scope: Scope) -> list[str]:
    """The sources that the question is asked of or names, those of the best hits first; [] when it may mean any."""
    if scope.sources is not None and len(scope.sources) == 1:
        return list(scope.sources)
    named = named_sources(index, question, scope)
    found = [hit.chunk.source for hit in hits if hit.chunk.source in named]
    if not named and scope.sources is None:
        known = index.sources(scope.reader)
        found = [known[0].source] if len(known) == 1 else []
    return list(dict.fromkeys(found))


def _years(asked: Asked, filing: Filing) -> list[int]:
    """The years asked; where one at most is named, that or the newest, and the one before when the question is how it
    went."""
    years = list(asked.years[:MAX_YEARS]) or [year for year in (filing.newest,) if year]
    return [years[0] - 1, *years] if len(years) == 1 and asked.course else years


def _state(asked: Asked, year: int, filing: Filing) -> Stated | None:
    metric = asked.metric
    over, under = filing.sum(metric.over, year), filing.sum(metric.under, year)
    if not over or under is None or (metric.under and not under):
        return None
    units = {unit_of(figure.sheet.table, figure.chunk).casefold() for figure in (*over, *under)} - {""}
    if len(units) > 1:
        return None
    merged = _merged(over, under, metric.factor)
    figures, above, below = zip(*merged, strict=True)
    value = fraction([figure.cell for figure in figures], above, below)
    if value is None:
        return None
    return Stated(
        metric=metric,
        when=_when(metric, figures, year),
        value=value,
        text=_result(value, asked, over),
        formula=_formula(metric, over, under),
        unit="" if metric.under else next(iter(units), ""),
        figures=figures,
        over=above,
        under=below,
    )


def _when(metric: Metric, figures: Sequence[Figure], year: int) -> str:
    """The day of a balance, the year of all that has to do with what was earned and spent in it."""
    of_balance = all(ITEMS[item].statement in (BALANCE, "") for item in items_of(metric))
    days = {figure.day for figure in figures} if of_balance else set()
    return days.pop() if len(days) == 1 and "" not in days else str(year)


def _merged(over: Sequence[Figure], under: Sequence[Figure], factor: float) -> list[tuple[Figure, float, float]]:
    """Each cell once, with how often it counts above and below the line."""
    cells: dict[tuple[str, int, int], tuple[Figure, float, float]] = {}
    for figures, above in ((over, True), (under, False)):
        for figure in figures:
            place = (figure.chunk.table, figure.row, figure.column)
            _, up, down = cells.get(place, (figure, 0.0, 0.0))
            cells[place] = (figure, up + factor * figure.weight, down) if above else (figure, up, down + figure.weight)
    return list(cells.values())


def _result(value: float, asked: Asked, over: Sequence[Figure]) -> str:
    """Rounded as the question asks, in percent where it says so; else a share to 0.1 percent, a ratio to two decimals, an
    amount as its cells are."""
    if not asked.metric.under:
        return said(value, max(len(figure.cell.partition(".")[2].rstrip(") ")) for figure in over))
    few = asked.decimals is None or asked.decimals < FRACTION
    percent = asked.percent or (asked.metric.percent and few)
    decimals = asked.decimals if asked.decimals is not None else 1 if percent else 2
    return said(value, decimals, percent=percent)


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


def _said(stated: Sequence[Stated], chunks: Sequence[Chunk]) -> tuple[tuple[Statement, ...], tuple[Citation, ...]]:
    statements: list[Statement] = []
    citations: list[Citation] = []
    for one in stated:
        first = len(citations) + 1
        citations += [replace(cited, n=n) for n, cited in enumerate(_cited(one.figures, chunks), start=first)]
        computed = Computation(
            operation="fraction",
            cells=one.cells,
            result=(one.text,),
            given=(one.metric.factor,) if one.metric.factor != 1 else (),
            weights=(one.over, one.under),
        )
        statements.append(
            Statement(
                text=f"{one.metric.name}, {one.when}: {one.text}{one.unit} = {one.formula}",
                citations=tuple(range(first, len(citations) + 1)),
                computed=computed,
                answer=(one.text,),
            )
        )
    if len(stated) == 2:
        statements.insert(0, _change(stated[0], stated[1], len(citations)))
    return tuple(statements), tuple(citations)


def _change(first: Stated, second: Stated, citations: int) -> Statement:
    """How much more or less it was in the second year than in the first."""
    percent = second.text.endswith("%")
    scale = 100.0 if percent else 1.0
    decimals = len(second.text.removesuffix("%").strip().partition(".")[2])
    change = scale * (second.value - first.value)
    amount = said(abs(change), decimals)
    course = f"{'down' if change < 0 else 'up'} {amount}"
    points = " percentage points" if percent else f"{second.unit}," if second.unit else ""
    none, other = (0.0,) * len(first.cells), (0.0,) * len(second.cells)
    return Statement(
        text=f"{second.metric.name}: {course}{points} from {first.when} to {second.when}",
        citations=tuple(range(1, citations + 1)),
        computed=Computation(
            operation="fraction",
            cells=(*first.cells, *second.cells),
            result=(course,),
            weights=(
                (*none, *(scale * weight for weight in second.over)),
                (*none, *second.under),
                (*(scale * weight for weight in first.over), *other),
                (*first.under, *other),
            ),
        ),
        answer=(amount,),
    )


def _cited(figures: Sequence[Figure], chunks: Sequence[Chunk]) -> Iterator[Citation]:
    """Citations of the cells, a table's together."""
    cells = sorted(figures, key=lambda figure: (figure.chunk.ordinal, figure.row))
    for _, group in groupby(cells, key=lambda figure: figure.chunk.table):
        own = list(group)
        rows, columns = [figure.row for figure in own], sorted({figure.column for figure in own})
        yield from cite(own[0].sheet, rows, columns, own[0].chunk, chunks)
