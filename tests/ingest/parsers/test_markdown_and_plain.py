from __future__ import annotations

import pytest
from web_page import MemoryAssets, all_text

from config import Settings
from errors import ParseError
from ingest.parsers.markdown import parse_markdown
from ingest.parsers.plain import parse_plain
from records import Document, Raw


def markdown(text: str) -> Document:
    raw = Raw(source="/notes/my_note.md", data=text.encode())
    return parse_markdown(raw, assets=MemoryAssets(), settings=Settings())


def plain(text: str | bytes) -> Document:
    raw = Raw(source="/notes/my_note.txt", data=text if isinstance(text, bytes) else text.encode())
    return parse_plain(raw, assets=MemoryAssets(), settings=Settings())


def test_markdown_elements() -> None:
    document = markdown("""# Plan

Some *text* with `code`, a [link](https://example.org) and 1 < 2 &amp; 3.

## Numbers

| Year | Sales |
| ---- | ----: |
| 2024 |   7 |

3. three
4. four

```python
x  =  1
```
""")
    assert (document.kind, document.title, document.pages) == ("markdown", "Plan", 1)
    assert [e.text for e in document.elements if e.kind == "text"] == [
        "Plan",
        "Some text with code, a link and 1 < 2 & 3.",
        "Numbers",
        "3. three\n4. four",
        "x  =  1",
    ]
    (table,) = [e for e in document.elements if e.table]
    assert table.table is not None
    assert (table.table.grid(), table.table.header_rows) == ([["Year", "Sales"], ["2024", "7"]], 1)
    assert table.section == ("Plan", "Numbers")


@pytest.mark.parametrize(
    ("front", "title", "told"),
    [
        ("---\ntitle: 'On Tea'\ntags: [a, b]\n---\n", "On Tea", ["Tags: a, b"]),
        ("---\r\nauthor: x\r\n---\r\n", "Head", ["Author: x"]),
        (
            "---\nauthor: [Ida Mell, Jo]\npublished_on: 2024-03-01\n---\n",
            "Head",
            ["Author: Ida Mell, Jo", "Published on: 2024-03-01"],
        ),
        ("---\ntitle: [\nowner: Ole\n---\n", "[", ["Owner: Ole"]),  # no YAML
        ("---\n\n", "Head", []),  # a rule, no front matter
    ],
)
def test_front_matter(front: str, title: str, told: list[str]) -> None:
    document = markdown(front + "# Head\n\nBody: text\n\n---\n\nEnd")
    assert document.title == title
    assert [e.text for e in document.elements] == [*told, "Head", "Body: text", "End"]


def test_html_in_markdown_is_read() -> None:
    texts = [e.text for e in markdown("<h1 align=center>Tool</h1>\n\n<script>no()</script>\n\nUse it.").elements]
    assert texts == ["Tool", "Use it."]


def test_deep_markdown_ends() -> None:
    for nest in ("> ", "- ", "1. > ", "* > "):
        assert all_text(markdown(nest * 5_000 + "deep")).count("deep") == 1, nest
    nested = "\n".join("  " * level + f"- item{level}" for level in range(40))
    assert "item39" in all_text(markdown(nested))


def test_plain_text() -> None:
    document = plain(
        "My Title\r\n========\r\n\r\nOne line\r\nand two.\r\n \r\nNext\n----\n\nBody\f\fPage three " + "x" * 9000
    )
    assert (document.kind, document.title, document.pages) == ("text", "My Title", 3)
    assert [(e.page, e.heading, e.section) for e in document.elements] == [
        (1, 1, ()),
        (1, 0, ("My Title",)),
        (1, 2, ("My Title",)),
        (1, 0, ("My Title", "Next")),
        (3, 0, ("My Title", "Next")),
    ]
    assert document.elements[1].text == "One line\nand two."
    assert document.elements[4].text == "Page three " + "x" * 9000


def test_what_may_be_no_heading_is_none() -> None:
    document = plain("INTRODUCTION\n\n1. Scope\n\nName\n-----------------\n\na\n---\nb")
    assert [e.heading for e in document.elements] == [0, 0, 0, 0]
    assert document.title == "my note"


def test_plain_text_of_another_encoding() -> None:
    text = (
        "Der Vertrag läuft über fünf Jahre und verlängert sich für jedes weitere Jahr, wenn er nicht gekündigt wird.\n"
    )
    assert plain((text * 5).encode("cp1252")).elements[0].lines[0].text == text.strip()


@pytest.mark.parametrize("text", ["", " \n\f\n", "\0\0"])
def test_nothing_is_told(text: str) -> None:
    with pytest.raises(ParseError, match="no text"):
        plain(text)
    with pytest.raises(ParseError, match=r"/notes/my_note\.md has no"):
        markdown(text)
