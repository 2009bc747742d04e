"""Parts of a page that lie at other addresses and are not followed: named, so that they can be added by themselves."""

from __future__ import annotations

import re

from bs4 import BeautifulSoup

from ingest.parsers.html.hidden import is_hidden
from ingest.parsers.html.tree import attribute, number
from records import Loss

MOST = 20  # that are named
TINY = 2  # pixels; smaller frames are trackers
_REFRESH = re.compile(r"[\d.]*\s*[;,]\s*(?:url\s*=)?\s*[\"']?([^\"']+)", re.IGNORECASE)


def not_followed(soup: BeautifulSoup) -> list[Loss]:
    """Return the frames, embedded objects and redirections of a page."""
    found = []
    for tag in soup.find_all(["iframe", "frame", "embed", "object"]):
        address = attribute(tag, "src") or attribute(tag, "data") or attribute(tag, "data-src")
        sides = [number(tag, side) for side in ("width", "height")]
        tiny = any(side is not None and side <= TINY for side in sides) or is_hidden(tag)
        if address and not tiny and not address.startswith(("about:", "javascript:", "data:")):
            found.append(Loss(f"embedded page {address[:200]}", "frames are not followed; add its address to read it"))
    for tag in soup.find_all("meta", attrs={"http-equiv": re.compile("^refresh$", re.IGNORECASE)}):
        target = _REFRESH.match(attribute(tag, "content"))
        if target:
            found.append(Loss(f"redirection to {target[1][:200]}", "the page sends on; add that address to read it"))
    return found[:MOST]
