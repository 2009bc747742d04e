"""What can be computed from a table's rows: one function an operation, of a question as it is understood, each returning
None where the question does not ask for it or the table does not say it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise

from chains.answering.tables.reading import Condition, Cue, Reading
from records import Computation
from text.arithmetic import compute
from text.english import table_words as english
from text.sheet import Sheet

MAX_NAMED = 12  # rows in a sentence
MAX_SUMMED = 8  # summands in a sentence
ASKS_CELL = ("who", "when", "where", "which")


@dataclass(frozen=True)
class Result:
    """An answer with the cells it rests on."""

    kind: str  # "count", "next": what was asked for
    answer: tuple[str, ...]  # bare
    text: str  # the sentence
    rows: Sequence[int]  # cited
    columns: Sequence[int]  # cited, beside the one that names the rows
    used: Iterable[int] = ()  # words of the question that it explains beside its columns and conditions
    computed: Computation | None = None  # None: the answer is a cell as it stands
    sure: float = 0.0  # share of the question that is explained, 0 to 1
    # the cell asked for, of the one row whose code, or whole name beside that of the column, the question says, and nothing
    # is left over
    named: bool = False


def computation(
    operation: str, sheet: Sheet, rows: Iterable[int], column: int, given: Sequence[float] = ()
) -> Computation | None:
    """``operation`` over the cells of ``column`` in ``rows``; None when it comes to nothing."""
    cells = tuple(sheet.grid[row][column] for row in rows)
    result = compute(operation, cells)
    return Computation(operation=operation, cells=cells, result=result, given=tuple(given)) if result else None


def named(sheet: Sheet, rows: Iterable[int]) -> str:
    """The names of rows, the first ``MAX_NAMED`` of them: "Spain, France, Italy"."""
    labels = [sheet.label(row) for row in rows]
    return ", ".join(labels[:MAX_NAMED]) + (", …" if len(labels) > MAX_NAMED else "")


def cell_said(sheet: Sheet, row: int, column: int) -> str:
    """ "Alain Prost — Laps: 82": the row's name and its cell."""
    label, cell = sheet.label(row), sheet.grid[row][column]
    if cell == label:
        return cell
    return f"{label} — {said_of(sheet, column)}{cell}"


def said_of(sheet: Sheet, column: int) -> str:
    """ "Laps: ", "" for a column without a name."""
    return f"{sheet.names[column].rstrip(':')}: " if sheet.names[column] else ""


def only(columns: Iterable[int]) -> int | None:
    """Return the only column, None when there is none or more."""
    found = [*columns]
    return found[0] if len(found) == 1 else None


def target(reading: Reading) -> int | None:
    """Return the column that is asked for, None when that is not sure."""
    sheet, noun = reading.sheet, reading.meaning(reading.noun)
    taken = {one.column for one in reading.conditions if one.exact}
    texts = [col for col in sheet.columns if col not in sheet.numeric | sheet.dates]
    if reading.asks == "where":
        return _closest(reading, [col for col in texts if col not in taken and sheet.headers[col] & english.PLACES])
    found = reading.fitting(noun, texts if reading.asks == "who" else sheet.columns)
    if len(found) > 1:
        found = [col for col in found if col not in taken] or found
    if found:
        return found[0] if len(found) == 1 else sheet.key if sheet.key in found else None
    if reading.asks == "when" or english.TIME_NOUNS.intersection(reading.words[n] for n in noun):
        return _closest(reading, sheet.dates - taken)
    if reading.asks == "who":
        persons = sheet.persons - taken
        if sheet.key in persons or (not persons and sheet.key not in sheet.dates):
            return sheet.key
        return _closest(reading, persons)
    return sheet.key if reading.asks in ("which", "total") and sheet.key not in taken else None


def _closest(reading: Reading, columns: Iterable[int]) -> int | None:
    """The only column of those given, or the one whose name the question says."""
    columns = sorted(columns)
    return only(columns) if len(columns) < 2 else only(reading.fitting(range(len(reading.words)), columns))


def lookup(reading: Reading, cue: Cue | None = None) -> Result | None:
    """The asked cell of the row meant; of several rows the cells, when several are asked for or all are the same."""
    sheet, column = reading.sheet, target(reading)
    conditions = reading.conditions
    if reading.asks not in ASKS_CELL or column is None or not conditions or reading.cues:
        return None
    rows = [row for row in reading.rows if sheet.grid[row][column]]
    answers = tuple(dict.fromkeys(sheet.grid[row][column] for row in rows))
    several = not english.SEVERAL.isdisjoint(reading.raw[:2])
    if not answers or (len(answers) > 1 and not several) or any(one.column == column for one in conditions):
        return None
    names_it = reading.fitting(reading.noun, [column])
    text = cell_said(sheet, rows[0], column) if len(rows) == 1 else f"{said_of(sheet, column)}{', '.join(answers)}"
    columns = [*(one.column for one in conditions), column]
    return Result("cell", answers, text, rows, columns, reading.noun if names_it else ())


def amount(reading: Reading, cue: Cue | None = None) -> Result | None:
    """The cell, sum or average of a numeric column, over all rows or those meant: "what was the total of A and B?"."""
    sheet, average = reading.sheet, reading.has("average")
    if reading.asks not in ("count", "much", "total") and not average:
        return None
    at = next((one.end for one in reading.cues if one.kind == "average"), 0)
    column = only(reading.fitting(range(at, at + 4) if average else reading.noun, sheet.numeric))
    if column is None and not average and len(reading.rows) == 1:  # "how many people attended the fair in May?"
        column = only(reading.fitting(reading.unspoken, sheet.numeric))
    if column is None and reading.has("total"):  # "what is the total budget in May?"
        column = only(reading.named_columns & sheet.numeric)
    if column is None or any(one.column == column for one in reading.conditions):
        return None
    rows = [row for row in reading.rows if sheet.number(row, column) is not None]
    if not rows or (column in sheet.ranks and not average):
        return None
    used = reading.noun if not average else ()
    if not average and len(rows) == 1:
        cell = sheet.grid[rows[0]][column]
        return Result("cell", (cell,), cell_said(sheet, rows[0], column), rows, [column], used)
    if not average and not reading.has("total"):
        return None  # whether several rows are meant together is not known
    kind, words = ("average", "on average") if average else ("sum", "in total")
    computed = computation(kind, sheet, rows, column)
    if computed is None:
        return None
    parts = ", ".join(f"{sheet.label(row)} {sheet.grid[row][column]}" for row in rows[:MAX_SUMMED])
    text = f"{said_of(sheet, column)}{computed.result[0]} {words} ({parts}{', …' if len(rows) > MAX_SUMMED else ''})"
    return Result(kind, computed.result, text, rows, [column], used, computed)


def crossing(reading: Reading, cue: Cue | None = None) -> Result | None:
    """The cell where the one row and the one column meet that the question names wholly, each by its name: "what is the
    budget of the workshop in May?" of a table with a column a month."""
    sheet, column = reading.sheet, only(reading.named_columns)
    held = {one.column for one in reading.conditions}
    if reading.asks not in ("which", "count", "much", "total") or reading.cues or column is None or column in held:
        return None
    row = only(reading.rows)
    if held != {sheet.key} or row is None or not sheet.grid[row][column]:
        return None
    return Result("cell", (sheet.grid[row][column],), cell_said(sheet, row, column), [row], [column])


def count(reading: Reading, cue: Cue | None = None) -> Result | None:
    """How many rows are meant, all or those that meet the conditions; how many different cells, when that is asked."""
    sheet, rows, noun = reading.sheet, reading.rows, reading.noun
    times = any(reading.raw[n] == "times" for n in noun)
    if reading.asks != "count" or len(rows) < 2 or (not times and reading.fitting(noun, sheet.numeric)):
        return None  # one row is rather what a question names than what it counts; an amount is no number of rows
    things = [] if times else reading.fitting(noun, [col for col in sheet.columns if col not in sheet.numeric])
    held = [one.column for one in reading.conditions]
    kind, column = "count", sheet.key
    if len(things) == 1 and things[0] not in held:
        filled = [row for row in rows if sheet.grid[row][things[0]]]
        repeated = len({sheet.grid[row][things[0]] for row in filled}) < len(filled)
        if repeated and reading.has("different"):
            kind, column, rows = "different", things[0], tuple(filled)
        elif repeated and not held:
            return None  # things, or mentions of them: which is meant, is not known
    said = [reading.said(one.start, one.end) for one in sorted(reading.conditions, key=lambda one: one.start)]
    given = [number for one in reading.conditions if one.bound for _, number in one.bound.tests]
    computed = computation(kind, sheet, rows, column, given)
    if computed is None or not all(computed.cells):
        return None
    text = f"{computed.result[0]} rows ({', '.join(said)}): {named(sheet, rows)}".replace(" ()", "")
    if kind == "different":
        text = f"{computed.result[0]} different in {said_of(sheet, column)}{', '.join(dict.fromkeys(computed.cells))}"
        held = [*held, column]
    # where rows are dated, they are events, whatever the question calls them
    used = noun if sheet.dates and reading.conditions else ()
    return Result(kind, computed.result, text, rows, [*held, *things], used, computed)


def extreme(reading: Reading, cue: Cue) -> Result | None:
    """The asked cell of the row with the largest or smallest number (date), or that number itself."""
    sheet, most, word = reading.sheet, cue.kind == "most", reading.raw[cue.start]
    behind = reading.phrase(cue.end)
    if not english.IN_TIME.isdisjoint(reading.raw[cue.start : cue.end]):
        column = sheet.first_date
    else:
        found = reading.fitting(behind, sheet.numeric | sheet.ranks) if behind else ()
        if not behind or not found:  # "the tallest tower" is that of the greatest height
            found = found or reading.fitting([cue.start], sheet.numeric)
            found = found or sorted(reading.named_columns & sheet.numeric)  # "the highest budget in May"
        if len(found) > 1:  # "the output in 2025": what else the question says decides
            found = reading.fitting([n for n, word in enumerate(reading.words) if word[:1].isdigit()], found)
        column = only(found)
    if column is None or any(one.column == column for one in reading.conditions):
        return most_frequent(reading, cue)
    values = {row: value for row in reading.rows if (value := sheet.value(row, column)) is not None}
    most ^= column in sheet.ranks and word not in ("most", "least")  # the best rank is the lowest number
    computed = computation("highest" if most else "lowest", sheet, values, column)
    if len(values) < 2 or computed is None:
        return None
    wanted = (max if most else min)(values.values())
    winners = [row for row, value in values.items() if value == wanted]
    asked = target(reading)
    # "what is the highest price" asks for the price, "which has the highest price" does not
    itself = cue.start == reading.noun.start and reading.asks == "which" and reading.fitting(behind, [column])
    if reading.asks in ("count", "much", "total") or itself:
        asked = column
    if asked is None or len({sheet.grid[row][asked] for row in winners}) != 1:
        return None
    answer = sheet.grid[winners[0]][asked]
    name = answer if asked != column else sheet.label(winners[0])
    said = reading.said(cue.start, cue.start + 1)
    text = f"{name} — {said_of(sheet, column)}{sheet.grid[winners[0]][column]} ({said} of those listed)"
    used = [*behind, *reading.noun]
    return Result("extreme", (answer,), text, tuple(values), [asked, column], used, computed)


def most_frequent(reading: Reading, cue: Cue) -> Result | None:
    """The cell that stands in most (fewest) rows: "which village had the most winners?"."""
    sheet, column, behind = reading.sheet, target(reading), reading.phrase(cue.end)
    if reading.asks not in ("which", "who") or column is None or reading.raw[cue.start] != cue.kind:
        return None
    if column in sheet.numeric or reading.fitting(behind, sheet.numeric):
        return None
    rows = [row for row in reading.rows if sheet.grid[row][column]]
    counts = Counter(sheet.grid[row][column] for row in rows)
    computed = computation(f"{cue.kind} often", sheet, rows, column)
    if len(counts) < 2 or len(counts) > 0.9 * len(rows) or computed is None:
        return None
    cell, number = computed.result
    text = f"{cell} — in {number} rows, {computed.operation} in {said_of(sheet, column).rstrip(': ')}"
    used = [*behind, *reading.noun]
    return Result("most often", (cell,), text, rows, [column], used, computed)


def _pair(reading: Reading) -> tuple[Condition, Condition] | None:
    """The two rows that the question names in one column, as it names them."""
    single = sorted((one for one in reading.conditions if len(one.rows) == 1), key=lambda one: one.start)
    pairs = [(a, b) for a, b in pairwise(single) if a.column == b.column and a.rows != b.rows]
    return pairs[0] if len(pairs) == 1 else None


def compare(reading: Reading, cue: Cue) -> Result | None:
    """How far the numbers (years) of two named rows are apart, which has more, or whether the first has more."""
    pair, sheet = _pair(reading), reading.sheet
    if pair is None:
        return None
    dates = sheet.dates - {pair[0].column}
    if not english.IN_TIME.isdisjoint(reading.raw[cue.start : cue.end]):
        column = only(sorted(dates))
    else:
        columns = sheet.numeric | dates - {pair[0].column}
        column = only(reading.fitting(reading.unspoken, columns) or reading.fitting(range(cue.start, cue.end), columns))
    if column is None:
        return None
    rows, most = [one.rows[0] for one in pair], cue.kind in ("more", "most", "next", "last")
    names, cells = ([sheet.grid[row][col] for row in rows] for col in (pair[0].column, column))
    operation = "difference" if cue.kind == "difference" else "highest" if most else "lowest"
    computed = computation(operation, sheet, rows, column)
    values = [sheet.value(row, column) for row in rows]
    if computed is None or None in values:
        return None
    winner = cells.index(computed.result[0]) if computed.result[0] in cells else 0
    if operation == "difference":
        answer, kind = computed.result[0], "difference"
        parts = ", ".join(f"{cell} for {name}" for name, cell in zip(names, cells, strict=True))
        text = f"{said_of(sheet, column)}{parts}, a difference of {answer}"
    elif values[0] == values[1]:
        return None
    elif reading.has("or"):
        answer, kind = names[winner], "which"
        text = (
            f"{answer} — {said_of(sheet, column)}{cells[winner]}, against {cells[1 - winner]} for {names[1 - winner]}"
        )
    elif reading.asks == "whether":
        answer, kind = "no" if winner else "yes", "whether"
        text = f"{answer.title()} — {said_of(sheet, column)}{cells[0]} for {names[0]}, {cells[1]} for {names[1]}"
    else:
        return None
    return Result(kind, (answer,), text, rows, [pair[0].column, column], (), computed)


def neighbour(reading: Reading, cue: Cue) -> Result | None:
    """The row right behind, or right before, the one row that is named; by date where dates are in order."""
    sheet, conditions = reading.sheet, reading.conditions
    if reading.has("or") or reading.asks == "whether":
        return compare(reading, cue)
    anchors = [one for one in conditions if one.start >= cue.start] or list(conditions)
    rows = [row for row in sheet.rows if anchors and all(row in one.rows for one in anchors)]
    others = reading.rows_without(anchors)
    if reading.asks not in ASKS_CELL or len(rows) != 1 or rows[0] not in others:
        return None
    known = reading.asks in ("when", "where") or reading.fitting(reading.noun, sheet.columns)
    column = target(reading) if known else None
    column = anchors[0].column if column is None else column
    at = others.index(rows[0]) + (1 if cue.kind == "next" else -1) * _direction(reading)
    row = others[at] if 0 <= at < len(others) else rows[0]
    cell = sheet.grid[row][column]
    if not cell or cell == sheet.grid[rows[0]][column]:
        return None
    both, below = sorted((rows[0], row)), row > rows[0]
    name = sheet.grid[rows[0]][anchors[0].column]
    text = f"{cell_said(sheet, row, column)} (listed right {'after' if below else 'before'} {name})"
    computed = computation("last" if below else "first", sheet, both, column)
    return Result(cue.kind, (cell,), text, both, [anchors[0].column, column], reading.noun, computed)


def _direction(reading: Reading) -> int:
    """-1 where the latest date stands first and the question does not speak of the list, else 1."""
    date = reading.sheet.first_date
    return -1 if date is not None and not reading.is_of_list and reading.sheet.order(date) == -1 else 1


def end(reading: Reading, cue: Cue) -> Result | None:
    """The first or last of the rows that are meant: by date where there are dates in order, else as listed."""
    sheet, column, rows = reading.sheet, target(reading), reading.rows
    if reading.has("or"):
        return compare(reading, cue)
    if reading.asks not in ASKS_CELL or column is None or not rows:
        return None
    if sheet.first_date is not None and sheet.order(sheet.first_date) == 0 and not reading.is_of_list:
        return None
    top = (cue.kind == "first") == (_direction(reading) == 1)
    row = rows[0 if top else -1]
    computed = computation("first" if top else "last", sheet, rows, column)
    cell = sheet.grid[row][column]
    if not cell or computed is None:
        return None
    text = f"{cell_said(sheet, row, column)} ({'first' if top else 'last'} of those listed)"
    columns = [*(one.column for one in reading.conditions), column]
    return Result(cue.kind, (cell,), text, rows, columns, reading.noun, computed)


# By the kind of the one cue that a question has beside "count" and the like.
OPERATIONS: dict[str, Callable[[Reading, Cue], Result | None]] = {
    "difference": compare,
    "more": compare,
    "less": compare,
    "next": neighbour,
    "previous": neighbour,
    "first": end,
    "last": end,
    "most": extreme,
    "least": extreme,
    "average": amount,
}
WITHOUT_CUE: Sequence[Callable[[Reading], Result | None]] = (amount, count, lookup, crossing)
