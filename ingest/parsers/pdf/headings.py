"""Which boxes are headings, and which of them is the title of the document."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

from ingest.parsers.pdf.captions import is_units
from ingest.parsers.pdf.layout import LayoutBox
from ingest.parsers.pdf.pages import PageContent

_POOR_TITLE = re.compile(
    r"^(?:untitled|document\d*|microsoft\b.*|powerpoint\b.*|.*\.(?:docx?|pptx?|xlsx?|pdf|indd|qxd|htm)|[\W\d_a-f]+)$",
    re.I,
)
_NAMES_NO_DOCUMENT = re.compile(  # headings of a part, of a kind of document or of an authority, not of this document
    r"^(?:(?:table of )?contents|abstract|introduction|agenda|overview|(?:executive )?summary|index|preface|foreword|"
    r"acknowledge?ments?|version [\d.]+|united states(?: of america)?(?: securities and exchange commission)?|"
    r"securities and exchange commission|(?:washington|commission)\b.*|form \d+-?\w*|(?:annual|quarterly) report|"
    r"for the (?:fiscal|quarterly|transition)\b.*|\d+(?:\.\d+)*\.?\s.*)\W*$",  # "2.1 Related work" is a part, too
    re.I,
)
TITLE_SIZE = 0.7  # of the largest heading's letters, that a title has at least


def is_heading(box: LayoutBox) -> bool:
    """Return whether a box is set as a heading, and says something as one."""
    text = " ".join(line.text for line in box.lines)
    set_as_one = box.kind in ("title", "section-header") and 2 < len(text) <= 200 and any(map(str.isalpha, text))
    return set_as_one and not is_units(text)  # "(in thousands)" would hide the heading that it stands below


def title_of(source: str, stated: str, pages: Sequence[PageContent]) -> str:
    """Return the title in the metadata if it is one, else the largest heading of the first two pages that can be one, else
    the file's name."""
    if len(stated) > 3 and not _POOR_TITLE.match(stated) and not _NAMES_NO_DOCUMENT.match(stated):
        return stated[:200]
    boxes = [box for page in pages[:2] for box in page.layout.boxes if is_heading(box)]
    headings = [(box.font_size, " ".join(line.text for line in box.lines)) for box in boxes]
    least = TITLE_SIZE * max((size for size, _ in headings), default=0)
    named = [one for one in headings if one[0] >= least and not _NAMES_NO_DOCUMENT.match(one[1])]
    if named:
        return max(named, key=lambda heading: heading[0])[1][:200]
    return Path(source).stem
