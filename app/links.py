"""Links to sources: a URL itself, a file through the route that serves originals."""

from __future__ import annotations

from urllib.parse import quote as quoted

from app.text import escaped, one_line
from ingest.connectors.address import is_url
from records import Source
from store.source_ids import source_id

_ENDS = 5  # words at either end of a quotation that a text fragment names
_PAGED = "pdf"
_TEXTUAL = ("web", "markdown", "text")


def source_link(source: Source, label: str, page: int | None = None, quote: str = "") -> str:
    """Return a link that opens a source in a tab of its own, at ``page`` of a PDF, at ``quote`` of a text."""
    href = source.source if is_url(source.source) else f"original?source={source_id(source.source)}"
    if page is not None and source.kind == _PAGED:
        href += f"#page={page}"
    elif quote and source.kind in _TEXTUAL and "#" not in href:
        href += text_fragment(quote)
    return f'<a href="{escaped(href)}" target="_blank" rel="noopener noreferrer">{escaped(label)}</a>'


def text_fragment(quote: str) -> str:
    """Return the fragment that makes a browser scroll to ``quote`` and mark it; of a long one first and last words are named.

    https://wicg.github.io/scroll-to-text-fragment/
    """
    words = one_line(quote).split(" ")
    if words == [""]:
        return ""
    if len(words) <= 2 * _ENDS:
        return f"#:~:text={_encoded(words)}"
    return f"#:~:text={_encoded(words[:_ENDS])},{_encoded(words[-_ENDS:])}"


def _encoded(words: list[str]) -> str:
    """Words for a fragment, in which a hyphen has a meaning of its own."""
    return quoted(" ".join(words), safe="").replace("-", "%2D")
