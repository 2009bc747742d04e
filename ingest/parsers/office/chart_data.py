"""The numbers of a chart in an OOXML file, as a table: they lie in the chart's own part, and in the cells it refers to."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from html import escape

from lxml import etree

C = "{http://schemas.openxmlformats.org/drawingml/2006/chart}"
MAX_POINTS = 5_000  # of a chart that are read
Look = Callable[[str], Sequence[str]]  # what the cells of a reference such as Sheet1!$A$2:$A$9 show


@dataclass(frozen=True)
class ChartData:
    """A chart: its title, and its numbers as rows, of which the first names the columns."""

    title: str
    rows: tuple[tuple[str, ...], ...]

    @property
    def html(self) -> str:
        """The chart as a table of HTML; its title alone as a paragraph, where there are no numbers."""
        if len(self.rows) < 2:
            return f"<p>{escape(self.title)}</p>" if self.title else ""
        head, *body = (
            "".join(f"<{tag}>{escape(text)}</{tag}>" for text in row)
            for tag, row in (("th", self.rows[0]), *(("td", row) for row in self.rows[1:]))
        )
        caption = f"<caption>Chart: {escape(self.title)}</caption>" if self.title else ""
        rows = "".join(f"<tr>{row}</tr>" for row in body)
        return f"<table>{caption}<thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table>"


def chart_data(chart: etree._Element, look: Look = lambda _: ()) -> ChartData:
    """Return what a part of the type chart holds: categories down and series across; of points (scatter) a row each.

    Args:
        chart: the root of the part.
        look: reads cells, for charts that were saved without their numbers.
    """
    series = list(chart.iter(f"{C}ser"))
    rows = _points(series, look) if any(one.find(f"{C}xVal") is not None for one in series) else _columns(series, look)
    return ChartData(_title(chart), tuple(tuple(row) for row in rows))


def _title(chart: etree._Element) -> str:
    found = chart.find(f"{C}chart/{C}title")
    if found is None:
        return ""
    texts = found.iter("{http://schemas.openxmlformats.org/drawingml/2006/main}t", f"{C}v")
    return " ".join("".join(one.text or "" for one in texts).split())


def _columns(series: Iterable[etree._Element], look: Look) -> list[list[str]]:
    named = [(_name(one, number, look), _values(one.find(f"{C}val"), look)) for number, one in enumerate(series, 1)]
    labels = next((found for one in series if (found := _values(one.find(f"{C}cat"), look))), [])
    length = min(max([len(values) for _, values in named], default=0), MAX_POINTS)
    rows = [["", *(name for name, _ in named)]]
    for at in range(length):
        label = labels[at] if at < len(labels) else str(at + 1)
        rows.append([label, *(values[at] if at < len(values) else "" for _, values in named)])
    return rows


def _points(series: Iterable[etree._Element], look: Look) -> list[list[str]]:
    rows = [["Series", "x", "y"]]
    for number, one in enumerate(series, 1):
        across, along = _values(one.find(f"{C}xVal"), look), _values(one.find(f"{C}yVal"), look)
        rows += [[_name(one, number, look), x, y] for x, y in zip(across, along, strict=False)]
    return rows[: MAX_POINTS + 1]


def _name(series: etree._Element, number: int, look: Look) -> str:
    stated = _values(series.find(f"{C}tx"), look) or [series.findtext(f"{C}tx/{C}v") or ""]
    return " ".join(stated).strip() or f"Series {number}"


def _values(tag: etree._Element | None, look: Look) -> list[str]:
    """The values below ``tag`` by their index, as they were saved, else as the cells show them that it refers to."""
    if tag is None:
        return []
    levels = tag.findall(f".//{C}lvl")  # of categories in groups, the innermost first
    if levels:
        return _grouped([_cached(level) for level in levels])
    found = _cached(tag)
    if not found:
        return list(look(tag.findtext(f".//{C}f") or ""))[:MAX_POINTS]
    return [found.get(at, "") for at in range(min(max(found) + 1, MAX_POINTS))]


def _cached(tag: etree._Element) -> dict[int, str]:
    found = {}
    for point in tag.iter(f"{C}pt"):
        index = point.get("idx", "")
        if index.isdigit() and int(index) < MAX_POINTS:
            found[int(index)] = _shown((point.findtext(f"{C}v") or "").strip())
    return found


def _grouped(levels: Sequence[dict[int, str]]) -> list[str]:
    """Labels of several levels, the outer ones before the inner one; an outer one counts until the next."""
    labels = []
    for at in range(max((max(level, default=-1) for level in levels), default=-1) + 1):
        parts = [level.get(max((index for index in level if index <= at), default=-1), "") for level in levels[1:]]
        labels.append(" ".join([*reversed(parts), levels[0].get(at, "")]).strip())
    return labels


def _shown(text: str) -> str:
    """A number without the digits that binary fractions add, other text as it is."""
    from ingest.parsers.sheets.number_format import plain

    try:
        return plain(float(text))
    except (ValueError, OverflowError):
        return text
