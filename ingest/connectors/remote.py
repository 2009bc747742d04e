"""Requests to a place of one's own, a bucket or WebDAV folder: one hop, where the guard lets it go, no redirect followed."""

from __future__ import annotations

from collections.abc import Mapping

import httpx
from lxml import etree

from config import Settings
from errors import FetchError
from ingest.connectors.download import Answer, HttpHop
from ingest.connectors.guard import Guard

MAX_LIST_BYTES = 50_000_000  # of one answer that lists
_ADVICE = {
    401: "Its login is wrong or missing.",
    403: "This login may not read it.",
    404: "Check the address.",
    429: "It asks to wait; try again later.",
}


def request(
    url: str,
    name: str,
    settings: Settings,
    *,
    method: str = "GET",
    headers: Mapping[str, str] | None = None,
    content: bytes = b"",
    max_bytes: int,
    status: int = 200,  # 0 is any of 200 to 299
) -> Answer:
    """Return the answer to one request. Of ``url``, which may carry a signature, nothing is said in errors but ``name``.

    Raises:
        FetchError: it may not or cannot be reached, is too slow or too large, redirects, or does not answer ``status``.
    """
    hop = HttpHop(Guard.of(settings.allow_hosts), headers, method=method, content=content)
    try:
        answer = hop(url, max_bytes, settings.fetch_timeout)
    except FetchError as error:
        raise FetchError(str(error).replace(url, name)) from None  # the cause has the link
    if answer.location:
        raise FetchError(f"{name} is elsewhere: the server redirects. Name the address (or AWS_REGION) where it is.")
    if answer.status != status and (status or not 200 <= answer.status < 300):
        advice = _ADVICE.get(answer.status, "Try again later." if answer.status >= 500 else "Check the address.")
        raise FetchError(f"{name} answered {answer.status} {httpx.codes.get_reason_phrase(answer.status)}. {advice}")
    return answer


def xml_of(data: bytes, name: str) -> etree._Element:
    """Return the root of an answer in XML; it may not name other files, nor swell by what it defines.

    Raises:
        FetchError: it is no XML.
    """
    try:
        safe = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, remove_comments=True)
        return etree.fromstring(data, safe)
    except (etree.XMLSyntaxError, ValueError) as error:
        raise FetchError(f"{name} sent no list that can be read: {error}.") from error
