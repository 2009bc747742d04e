"""Escaping: text of documents and people on its way into HTML or Markdown is shown as it is, never obeyed."""

from __future__ import annotations

import html
import re

_BLANKS = re.compile(r"\s+")
# Without "<" and "[" there is no tag, picture, link or reference in Markdown; "&" would let entities through.
_MARKDOWN = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;", "[": "&#91;", "]": "&#93;"})
# What else Markdown reads as markup: emphasis, code, headings, tables, strike-through and escapes.
_MARKS = re.compile(r"([\\`*_#|~])")


def escaped(text: str) -> str:
    """Escape ``text`` for HTML, inside elements and attributes."""
    return html.escape(text, quote=True)


def sanitized(markdown: str) -> str:
    """Return Markdown that can format but neither hold HTML nor load or link anything."""
    return markdown.translate(_MARKDOWN)


def escaped_markdown(text: str) -> str:
    """Return ``text`` on one line for Markdown, each character standing for itself."""
    return _MARKS.sub(r"\\\1", one_line(text)).translate(_MARKDOWN)


def one_line(text: str) -> str:
    """Return ``text`` with runs of blanks and line breaks as one space."""
    return _BLANKS.sub(" ", text).strip()


def shortened(text: str, length: int) -> str:
    """Return ``text`` on one line, cut at a word to at most ``length`` characters."""
    line = one_line(text)
    if len(line) <= length:
        return line
    cut = line[: length - 1]
    return (cut.rsplit(" ", 1)[0] if " " in cut[length // 2 :] else cut).rstrip(" ,;:") + "…"


def counted(number: int, noun: str) -> str:
    """Return the number with its noun: "1 page", "2 pages", "1,370 pages"."""
    return f"{number:,} {noun}" if number == 1 else f"{number:,} {noun}s"
