"""Text that a page keeps although its authors took it out."""

from __future__ import annotations

from bs4 import BeautifulSoup

from records import Loss

MOST = 0.5  # of a page's letters that can be deleted; beyond that a tag was never closed


def without_deleted(soup: BeautifulSoup) -> list[Loss]:
    """Take what is marked as deleted (``<del>``) out of ``soup``, and return that it was.

    A page that would lose most of its text is left as it is: browsers strike through all that follows a ``<del>`` without
    an end, and readers read it all the same.
    """
    tags = [tag for tag in soup.find_all("del") if tag.find_parent("del") is None and tag.get_text(strip=True)]
    if not tags:
        return []
    deleted = sum(len(tag.get_text(strip=True)) for tag in tags)
    if deleted > MOST * len(soup.get_text(strip=True)):
        return [Loss("text marked as deleted", "it is most of the page, and was read all the same.")]
    for tag in tags:
        tag.decompose()
    said = "1 passage marked as deleted was" if len(tags) == 1 else f"{len(tags):,} passages marked as deleted were"
    return [Loss("deleted text", f"{said} left out.")]
