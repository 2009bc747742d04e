"""The content of a page as blocks in reading order: headings, text, tables, and the places of pictures."""

from __future__ import annotations

from dataclasses import dataclass, field

from bs4 import Tag

from ingest.parsers.html.images import find_caption, image_address, is_icon
from ingest.parsers.html.mathml import math_text
from ingest.parsers.html.table_markup import Markup, collect_tables
from ingest.parsers.html.tables import read_table
from ingest.parsers.html.tree import BLOCKS, HEADINGS, InlineText, attribute, number, traverse
from records import Element, Line

_GROUPS = frozenset(("ul", "ol", "menu", "dir", "dl", "blockquote"))
_MATH = ("math", "tex", "latex", "equation", "emoji")


@dataclass(frozen=True)
class PictureSpot:
    """Where a picture stands, and what the page says of it; its pixels are not loaded yet."""

    address: str  # as written
    alt: str = ""
    caption: str = ""
    section: tuple[str, ...] = ()
    beside: str = ""  # text of the table row it stands in


Block = Element | PictureSpot


@dataclass
class _List:
    """A list, definition list or quotation that is open."""

    tag: Tag
    ordinal: int = 0
    step: int = 1
    style: str = "1"
    indent: str = ""  # of the further lines of its items


@dataclass
class _Reader:
    """Visitor that turns a tree into blocks."""

    tables: dict[int, Markup]
    blocks: list[Block] = field(default_factory=list)
    headings: list[tuple[int, str]] = field(default_factory=list)  # level and text of the open sections
    inline: InlineText = field(default_factory=InlineText)
    lists: list[_List] = field(default_factory=list)
    group: list[Line] = field(default_factory=list)  # lines of the outermost open list or quotation
    marker: str = ""  # of the list item whose first line is to come
    heading: int = 0  # level of the open heading
    pre: int = 0
    images: list[Tag] = field(default_factory=list)  # of the open block
    captions: dict[int, Tag] = field(default_factory=dict)  # id of an <img> -> its caption
    caption_tags: set[int] = field(default_factory=set)

    def open(self, tag: Tag) -> bool:
        name = tag.name
        if name == "br":
            self.inline.break_line()
        elif name == "sup":
            self.inline.open_superscript()
        elif name == "q":
            self.inline.add("“")
        elif name == "math":
            self.inline.add(math_text(tag))
            return False
        elif name == "img":
            self._image(tag)
        elif id(tag) in self.caption_tags:
            return False
        elif name in BLOCKS:
            return self._open_block(tag)
        return True

    def text(self, text: str) -> None:
        if self.pre:
            self.inline.add_verbatim(text)
        else:
            self.inline.add(text)

    def close(self, tag: Tag) -> None:
        name = tag.name
        if name == "sup":
            self.inline.close_superscript()
        elif name == "q":
            self.inline.add("”")
        elif name in HEADINGS:
            self._flush()
            self.heading = 0
        elif name in BLOCKS:
            self._flush()
            self.pre -= name == "pre"
            if name == "li":
                self.marker = ""
            if self.lists and self.lists[-1].tag is tag:
                self.lists.pop()
                if not self.lists:
                    self._end_group()

    def section(self) -> tuple[str, ...]:
        """Return the headings above the place reached, outermost first."""
        return tuple(text for _, text in self.headings)

    def finish(self) -> list[Block]:
        self._flush()
        self._end_group()
        return self.blocks

    def _open_block(self, tag: Tag) -> bool:
        self._flush()
        name = tag.name
        if name == "table" and self._table(tag):
            return False
        if name in HEADINGS:
            self._end_group()
            self.heading = HEADINGS[name]
        elif name == "pre":
            if not self.lists:
                self._end_group()
            self.pre += 1
        elif name in _GROUPS:
            self.lists.append(_open_list(tag))
        elif name == "li":
            self.marker = self._next_marker(tag)
        return True

    def _next_marker(self, tag: Tag) -> str:
        if not self.lists:
            return "- "
        current = self.lists[-1]
        marker = "- "
        if current.tag.name == "ol":
            value = number(tag, "value")
            current.ordinal = current.ordinal + current.step if value is None else value
            marker = f"{_ordinal(current.ordinal, current.style)}. "
        current.indent = " " * len(marker)
        return marker

    def _image(self, tag: Tag) -> None:
        if is_icon(tag):
            names = attribute(tag, "class").lower()
            if any(word in names for word in _MATH):
                self.inline.add(attribute(tag, "alt"))
        else:
            self.images.append(tag)

    def _flush(self) -> None:
        """End the block that is open: its text becomes lines, its pictures follow."""
        lines = self.inline.take(verbatim=self.pre > 0)
        images, self.images = self.images, []
        if lines and self.heading:
            self._add_heading(" ".join(lines))
        elif lines and self.lists:
            self._add_to_group(lines)
        elif lines:
            self.blocks.append(Element(kind="text", lines=tuple(map(Line, lines)), section=self.section()))
        if images:
            self._end_group()
        for image in images:
            self._spot(image)

    def _add_heading(self, text: str) -> None:
        while self.headings and self.headings[-1][0] >= self.heading:
            self.headings.pop()
        self.blocks.append(Element(kind="text", lines=(Line(text),), section=self.section(), heading=self.heading))
        self.headings.append((self.heading, text))

    def _add_to_group(self, lines: list[str]) -> None:
        outer = "".join(item.indent for item in self.lists[:-1])
        marker, self.marker = self.marker, ""
        for index, line in enumerate(lines):
            lead = marker if marker and index == 0 else self.lists[-1].indent
            self.group.append(Line(f"{outer}{lead}{line}"))

    def _end_group(self) -> None:
        if self.group:
            self.blocks.append(Element(kind="text", lines=tuple(self.group), section=self.section()))
            self.group = []

    def _spot(self, tag: Tag, beside: str = "") -> None:
        caption = self.captions.get(id(tag))
        self.blocks.append(
            PictureSpot(
                address=image_address(tag),
                alt=" ".join(attribute(tag, "alt").split()),
                caption=_plain(caption) if caption is not None else "",
                section=self.section(),
                beside=beside,
            )
        )

    def _table(self, tag: Tag) -> bool:
        """Add a data table, and after it the pictures and tables in its cells; False when it is to be read as text."""
        markup = self.tables.get(id(tag))
        if markup is None:
            return False
        stray = markup.stray.take()
        if stray and markup.is_data:
            self.blocks.append(Element(kind="text", lines=tuple(map(Line, stray)), section=self.section()))
        read = read_table(markup, self.tables) if markup.is_data else None
        if read is None:
            return False
        self._end_group()
        table = read.table
        self.blocks.append(Element(kind="table", table=table, caption=table.caption, section=self.section()))
        for image, beside in read.images:
            if not is_icon(image):
                self._spot(image, beside)
        for nested in read.nested:
            self._table(nested)
        return True


def read_blocks(root: Tag) -> list[Block]:
    """Return everything below ``root`` in reading order."""
    principal = _Reader(collect_tables(root))
    for image in root.find_all("img"):
        caption = None if is_icon(image) else find_caption(image)
        if caption is not None:
            principal.captions[id(image)] = caption
            principal.caption_tags.add(id(caption))
    traverse(root, principal)
    return principal.finish()


class _Plain:
    """The text of a caption in one line."""

    def __init__(self) -> None:
        self.inline = InlineText()

    def open(self, tag: Tag) -> bool:
        if tag.name in BLOCKS or tag.name == "br":
            self.inline.break_line()
        return True

    def text(self, text: str) -> None:
        self.inline.add(text)

    def close(self, tag: Tag) -> None:
        if tag.name in BLOCKS:
            self.inline.break_line()


def _plain(tag: Tag) -> str:
    principal = _Plain()
    traverse(tag, principal)
    return " ".join(principal.inline.take())


def _open_list(tag: Tag) -> _List:
    items = len(tag.find_all("li", recursive=False)) if tag.has_attr("reversed") else 0
    step = -1 if items else 1
    start = number(tag, "start")
    first = start if start is not None else (items or 1)
    return _List(tag, first - step, step, attribute(tag, "type") or "1")


def _ordinal(value: int, style: str) -> str:
    """A list number in the style of HTML's ``type``: 1, a, A, i or I."""
    if style in ("a", "A") and 1 <= value <= 26:
        return chr(ord(style) + value - 1)
    if style in ("i", "I") and 1 <= value < 4000:
        roman = ""
        for size, letters in zip(_ROMAN_SIZES, _ROMAN_LETTERS, strict=True):
            count, value = divmod(value, size)
            roman += letters * count
        return roman.upper() if style == "I" else roman
    return str(value)


_ROMAN_SIZES = (1000, 900, 500, 400, 100, 90, 50, 40, 10, 9, 5, 4, 1)
_ROMAN_LETTERS = ("m", "cm", "d", "cd", "c", "xc", "l", "xl", "x", "ix", "v", "iv", "i")
