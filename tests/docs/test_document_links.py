"""Links of the documents: each relative one leads to a file, and to a heading in it where it names one."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path
from urllib.parse import unquote, urlsplit

import pytest
from markdown_it import MarkdownIt

ROOT = Path(__file__).parents[2]
DOCUMENTS = [ROOT / "README.md", ROOT / "SECURITY.md", *sorted((ROOT / "docs").glob("*.md"))]


def links(document: Path) -> list[str]:
    """Return the targets of all links and pictures in ``document``."""
    inline = [child for token in MarkdownIt().parse(text(document)) for child in token.children or ()]
    return [
        str(token.attrs.get("href") or token.attrs["src"]) for token in inline if {"href", "src"} & token.attrs.keys()
    ]


def anchors(document: Path) -> set[str]:
    """Return what links name the headings of ``document`` by, as GitHub does: "Who may read what?" is "who-may-read-what"."""
    tokens = MarkdownIt().parse(text(document))
    titles = [after.content for token, after in pairwise(tokens) if token.type == "heading_open"]
    return {
        "".join(sign for sign in title.lower() if sign.isalnum() or sign in " -_").replace(" ", "-") for title in titles
    }


def text(document: Path) -> str:
    return document.read_text(encoding="utf-8")


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda one: one.name)
def test_every_relative_link_leads_somewhere(document: Path) -> None:
    for link in links(document):
        target = urlsplit(link)
        if target.scheme:
            continue
        file = document.parent / unquote(target.path) if target.path else document
        assert file.exists(), f"{document.name} links to {link}"
        assert not target.fragment or target.fragment in anchors(file), f"{link} names no heading of {file.name}"
