"""Presentations: each slide a page, by way of HTML.

python-pptx knows placeholders, tables and charts; of a chart it has the numbers themselves, which become a table.
"""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from html import escape
from typing import Any

from config import Settings
from errors import ParseError
from ingest.connectors.address import source_name
from ingest.parsers.base import AssetSink
from ingest.parsers.html.fragments import PartPictures, grouped, read_fragment
from ingest.parsers.office.equations import M, equation_text
from ingest.parsers.office.package import Package, damage_named
from records import Document, Element, Loss, Raw

MAX_DEPTH = 20  # of groups in groups
_A = "{http://schemas.openxmlformats.org/drawingml/2006/main}"
_DIAGRAM = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/diagramData"
_EMBED = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}embed"


@dataclass
class _Slide:
    """What has been made of a slide so far."""

    html: list[str] = field(default_factory=list)
    pictures: dict[str, Callable[[], bytes]] = field(default_factory=dict)
    losses: list[Loss] = field(default_factory=list)


def parse_pptx(raw: Raw, *, assets: AssetSink, settings: Settings) -> Document:
    """Return a presentation as a document with a page for each slide: title, texts with their bullets, tables, charts as
    tables, pictures, diagrams' words, notes.

    Raises:
        ParseError: it is damaged, has a password, unpacks to too much, or holds nothing.
    """
    from pptx import Presentation

    package = Package(raw.data, raw.source, settings)
    package.refuse_entities()
    elements: list[Element] = []
    losses: list[Loss] = []
    with damage_named(raw.source):
        slides = list(Presentation(io.BytesIO(raw.data)).slides)
        if len(slides) > settings.max_pages:
            raise ParseError(f"{raw.source} has {len(slides):,} slides, the limit is {settings.max_pages:,}. Split it.")
        for page, slide in enumerate(slides, start=1):
            made = _slide(slide, page)
            found, lost = read_fragment("".join(made.html), PartPictures(settings, made.pictures), assets, page=page)
            elements += found
            losses += [*made.losses, *(Loss(f"slide {page}: {loss.what}", loss.why) for loss in lost)]
    if not elements:
        raise ParseError(f"{raw.source} has no text, table or picture.")
    heading = next((" ".join(one.text.split()) for one in elements if one.heading), "")
    stated = package.title()
    return Document(
        source=raw.source,
        kind="pptx",
        title=(stated if stated != "PowerPoint Presentation" else "") or heading or source_name(raw.source),
        pages=max(len(slides), 1),
        elements=tuple(elements),
        losses=grouped(losses),
        unit="slide",
    )


def _slide(slide: Any, page: int) -> _Slide:
    made = _Slide()
    title = slide.shapes.title
    if title is not None and title.text_frame.text.strip():
        made.html.append(f"<h1>{_escaped(' '.join(title.text_frame.text.split()))}</h1>")
    for shape in slide.shapes:
        if title is None or shape.shape_id != title.shape_id:
            _add(made, shape, slide, 0)
    if slide.element.get("show") == "0":
        made.losses.append(Loss(f"slide {page}", "it is hidden in the presentation, and was read all the same."))
    if slide.has_notes_slide and slide.notes_slide.notes_text_frame is not None:
        notes = [line.strip() for line in slide.notes_slide.notes_text_frame.text.splitlines()]
        if any(notes):
            made.html.append("<h2>Notes</h2>" + "".join(f"<p>{_escaped(line)}</p>" for line in notes if line))
    return made


def _add(made: _Slide, shape: Any, slide: Any, depth: int) -> None:
    """Add what a shape shows."""
    from pptx.enum.shapes import MSO_SHAPE_TYPE

    if getattr(shape, "shape_type", None) == MSO_SHAPE_TYPE.GROUP:
        for inner in shape.shapes if depth < MAX_DEPTH else ():
            _add(made, inner, slide, depth + 1)
    elif getattr(shape, "has_table", False):
        made.html.append(_table(shape.table))
    elif getattr(shape, "has_chart", False):
        made.html.append(_chart(made, shape))
    elif (blip := next(shape._element.iter(f"{_A}blip"), None)) is not None and shape._element.tag.endswith("}pic"):
        _add_picture(made, shape, blip, slide)
    elif shape.has_text_frame:
        made.html.append(_paragraphs(shape.text_frame))
    else:
        made.html.append(_diagram(shape, slide))


def _escaped(text: str) -> str:
    return escape(text.replace("\v", "\n")).replace("\n", "<br>")


def _paragraphs(frame: Any) -> str:
    """Paragraphs as nested lists where they have a level or a bullet, else as paragraphs."""
    html, depth = [], 0
    rows = [(paragraph, _line(paragraph)) for paragraph in frame.paragraphs]
    rows = [(paragraph, text) for paragraph, text in rows if text]
    listed = len(rows) > 1 or any(paragraph.level for paragraph, _ in rows)
    for paragraph, text in rows:
        wanted = paragraph.level + 1 if listed and not _is_plain(paragraph, frame) else 0
        html += ["<ul>"] * (wanted - depth) + ["</ul>"] * (depth - wanted)
        depth = wanted
        html.append(f"<li>{_escaped(text)}</li>" if wanted else f"<p>{_escaped(text)}</p>")
    return "".join([*html, "</ul>" * depth])


def _is_plain(paragraph: Any, frame: Any) -> bool:
    """Whether a paragraph has no bullet: its own word counts, else that of its kind, for bodies of slides have them."""
    properties = paragraph._p.find(f"{_A}pPr")
    if properties is not None:
        if properties.find(f"{_A}buNone") is not None:
            return True
        if properties.find(f"{_A}buChar") is not None or properties.find(f"{_A}buAutoNum") is not None:
            return False
    return paragraph.level == 0 and not getattr(frame._parent, "is_placeholder", False)


def _line(paragraph: Any) -> str:
    """The text of a paragraph, equations in it included."""
    parts = []
    for node in paragraph._p.iter(f"{_A}t", f"{_A}br", f"{M}oMath"):
        if node.tag == f"{M}oMath":
            parts.append(equation_text(node))
        elif node.tag == f"{_A}br":
            parts.append("\n")
        elif not any(above.tag == f"{M}oMath" for above in node.iterancestors()):
            parts.append(node.text or "")
    return "".join(parts).strip()


def _table(table: Any) -> str:
    rows = []
    for index, row in enumerate(table.rows):
        name = "th" if index == 0 and table.first_row and len(table.rows) > 1 else "td"
        cells = []
        for cell in row.cells:
            if cell.is_spanned:
                continue
            spans = f' rowspan="{cell.span_height}" colspan="{cell.span_width}"' if cell.is_merge_origin else ""
            text = "<br>".join(_escaped(_line(one)) for one in cell.text_frame.paragraphs)
            cells.append(f"<{name}{spans}>{text}</{name}>")
        rows.append(f"<tr>{''.join(cells)}</tr>")
    return f"<table>{''.join(rows)}</table>"


def _chart(made: _Slide, shape: Any) -> str:
    """The numbers of a chart as a table: categories down, series across; of points (scatter) a row each."""
    chart = shape.chart
    title = chart.chart_title.text_frame.text if chart.has_title and chart.chart_title.has_text_frame else ""
    caption = " ".join((title or _alt(shape) or shape.name).split())
    rows = list(_chart_rows(chart))
    if len(rows) < 2:
        made.losses.append(Loss(f"chart {caption}", "its data are not in the file."))
        return f"<p>{_escaped(caption)}</p>"
    head = "".join(f"<th>{_escaped(text)}</th>" for text in rows[0])
    body = "".join(f"<tr>{''.join(f'<td>{_escaped(text)}</td>' for text in row)}</tr>" for row in rows[1:])
    return f"<table><caption>Chart: {_escaped(caption)}</caption><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"


def _chart_rows(chart: Any) -> Iterator[list[str]]:
    series = [one for plot in chart.plots for one in plot.series]
    if any(hasattr(one, "iter_values") and one._element.find("{*}xVal") is not None for one in series):
        yield ["Series", "x", "y"]
        for one in series:
            across = [node.text or "" for node in one._element.findall("{*}xVal//{*}pt/{*}v")]
            along = [node.text or "" for node in one._element.findall("{*}yVal//{*}pt/{*}v")]
            yield from ([one.name, x, y] for x, y in zip(across, along, strict=False))
        return
    labels = [" ".join(map(str, levels)) for levels in chart.plots[0].categories.flattened_labels] if series else []
    yield ["", *(one.name for one in series)]
    values = [list(one.values) for one in series]
    for index in range(max([len(labels), *map(len, values)], default=0)):
        label = labels[index] if index < len(labels) else str(index + 1)
        yield [label, *(_number(one[index]) if index < len(one) else "" for one in values)]


def _number(value: float | None) -> str:
    from ingest.parsers.sheets.number_format import plain

    return "" if value is None else plain(value)


def _add_picture(made: _Slide, shape: Any, blip: Any, slide: Any) -> None:
    identity = blip.get(_EMBED)
    if not identity:
        made.losses.append(Loss(f"picture {shape.name}", "it lies outside of this file and is not fetched."))
        return
    address = f"part:{identity}"
    made.pictures[address] = lambda: bytes(slide.part.related_part(identity).blob)
    made.html.append(f'<p><img src="{address}" alt="{escape(_alt(shape))}"></p>')


def _alt(shape: Any) -> str:
    properties = next(shape._element.iter("{*}cNvPr"), None)
    return str(properties.get("descr", "")) if properties is not None else ""


def _diagram(shape: Any, slide: Any) -> str:
    """The words of a diagram (SmartArt), which stand in a part of their own."""
    from lxml import etree

    relations = next((tag for tag in shape._element.iter("{*}relIds")), None)
    identity = next(
        (value for name, value in (relations.attrib if relations is not None else {}).items() if name.endswith("}dm")),
        "",
    )
    if not identity or slide.part.rels[identity].reltype != _DIAGRAM:
        return ""
    parser = etree.XMLParser(resolve_entities=False, no_network=True)
    points = etree.fromstring(slide.part.related_part(identity).blob, parser).iter("{*}pt")
    texts = ["".join(point.itertext(f"{_A}t")).strip() for point in points]
    return f"<ul>{''.join(f'<li>{_escaped(text)}</li>' for text in texts if text)}</ul>"
