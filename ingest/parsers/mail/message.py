"""Mails: headers, what was written, and apart from it what is quoted. What is attached is a source of its own."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from email.message import Message
from email.parser import BytesParser
from functools import partial

from bs4 import BeautifulSoup, Tag

from config import Settings
from errors import ParseError
from ingest.connectors.address import source_name
from ingest.connectors.attachments import (
    MAX_ATTACHED,
    MAX_DEPTH,
    attached_to,
    header_text,
    is_attached,
    payload,
)
from ingest.connectors.outlook import mime_of
from ingest.parsers.base import AssetSink
from ingest.parsers.decoding import decode
from ingest.parsers.html.fragments import PartPictures, grouped, read_fragment
from records import Document, Element, Line, Loss, Raw
from store.attached import attached_name, depth_of

HEADERS = ("From", "To", "Cc", "Date", "Subject")
QUOTED = "Quoted message"
_SAID = (  # lines behind which another mail is quoted to the end
    re.compile(
        r"^-{2,}\s*(?:original message|forwarded message|ursprüngliche nachricht|message d'origine)\s*-{2,}$", re.I
    ),
    re.compile(r"^_{10,}$"),
    re.compile(r"^from:\s.+@.+$", re.I),
)
_WROTE = re.compile(r"^(?:on|am|le|el)\b.{5,250}\b(?:wrote|schrieb|écrit|escribió)\b.{0,60}:$", re.I)
_QUOTES = "blockquote[type=cite], .gmail_quote, .yahoo_quoted, blockquote.protonmail_quote"
_BEGINS = '#divRplyFwdMsg, #appendonsend, .moz-cite-prefix, div[style*="border-top:solid"]'
_HIDDEN = '[style*="display:none"], [style*="display: none"]'
_MAX_DEPTH = 50  # of parts in parts


@dataclass
class _Body:
    """The texts of a mail, and the pictures that stand in them."""

    texts: list[tuple[bool, str]] = field(default_factory=list)  # whether it is HTML, and the text
    pictures: dict[str, Callable[[], bytes]] = field(default_factory=dict)


def parse_mail(raw: Raw, *, assets: AssetSink, settings: Settings) -> Document:
    """Return a mail as a document of one page that names its attachments.

    Raises:
        ParseError: it has neither headers nor words.
    """
    data = mime_of(raw.data)
    message = BytesParser().parsebytes(data)
    headers = [(name, header_text(message.get(name))) for name in HEADERS]
    headers = [(name, text) for name, text in headers if text]
    body = _Body()
    _collect(message, body, 0)
    files = attached_to(data)
    if not headers or not (body.texts or files or message.get("Subject")):
        raise ParseError(f"{raw.source} is no mail: it has no headers or no text.")
    lines = [f"{name}: {text}" for name, text in headers]
    lines += [f"Attachments: {', '.join(one.name for one in files)}"] if files else []
    elements = [Element(kind="text", lines=tuple(map(Line, lines)))]
    losses: list[Loss] = []
    for is_html, text in body.texts:
        if is_html:
            found, lost = _from_html(text, PartPictures(settings, body.pictures), assets)
            losses += lost
        else:
            found = plain_elements(text)
        elements += found
    if len(files) == MAX_ATTACHED:
        losses.append(Loss("attachments", f"of more than {MAX_ATTACHED} the first were read."))
    if files and depth_of(raw.source) >= MAX_DEPTH:
        losses.append(Loss(f"{len(files)} attachments", f"they lie more than {MAX_DEPTH} mails deep."))
        files = []
    return Document(
        source=raw.source,
        kind="mail",
        title=dict(headers).get("Subject") or source_name(raw.source),
        pages=1,
        elements=tuple(elements),
        losses=grouped(losses),
        attachments=tuple(attached_name(raw.source, one.name) for one in files),
    )


def _collect(part: Message, body: _Body, depth: int) -> None:
    """Gather the texts of a mail; of alternatives HTML, which has its tables and lists."""
    inner = part.get_payload()
    if part.get_content_maintype() == "multipart" and isinstance(inner, list):
        parts = [one for one in inner if isinstance(one, Message)] if depth < _MAX_DEPTH else []
        if part.get_content_type() != "multipart/alternative":
            for one in parts:
                _collect(one, body, depth + 1)
            return
        options = []
        for one in parts:
            options.append(_Body(pictures=body.pictures))
            _collect(one, options[-1], depth + 1)
        filled = [option for option in options if any(text.strip() for _, text in option.texts)]
        rich = [option for option in filled if any(is_html for is_html, _ in option.texts)]
        for option in (rich or filled)[-1:]:
            body.texts += option.texts
        return
    identity = header_text(part.get("Content-ID")).strip("<>")
    if identity and part.get_content_maintype() == "image":
        body.pictures[f"cid:{identity}"] = partial(payload, part)
    elif not is_attached(part) and part.get_content_type() in ("text/plain", "text/html"):
        is_html = part.get_content_type() == "text/html"
        body.texts.append((is_html, decode(payload(part), charset=part.get_content_charset() or "", html=is_html)))


def _from_html(html: str, pictures: PartPictures, assets: AssetSink) -> tuple[list[Element], list[Loss]]:
    soup = BeautifulSoup(html.replace("\0", ""), "lxml")
    for tag in soup.select(_HIDDEN):
        tag.extract()
    quoted = BeautifulSoup("<div></div>", "lxml")
    holder = quoted.div
    assert holder is not None
    for tag in soup.select(_QUOTES):
        if not any(above is holder for above in tag.parents):
            holder.append(tag.extract())
    begins = soup.select_one(_BEGINS)
    if isinstance(begins, Tag):
        for tag in [begins, *begins.find_next_siblings()]:
            holder.append(tag.extract())
    elements, losses = read_fragment(str(soup), pictures, assets)
    if holder.contents:
        found, lost = read_fragment(str(quoted), pictures, assets, section=(QUOTED,))
        if found:
            elements += [Element(kind="text", lines=(Line(QUOTED),), heading=2), *found]
        losses += lost
    return elements, losses


def plain_elements(text: str) -> list[Element]:
    """Return the paragraphs of a mail's plain text, quoted ones below a heading that says so."""
    parts: list[tuple[bool, list[str]]] = []
    rest = False
    lines = text.replace("\r\n", "\n").replace("\r", "\n").replace("\0", "").split("\n")
    for index, line in enumerate(lines):
        following = lines[index + 1].strip() if index + 1 < len(lines) else ""
        said = line.strip()
        announces = bool(
            _WROTE.match(said) or (said and _WROTE.match(f"{said} {following}") and following.endswith(":"))
        )
        rest = rest or any(one.match(said) for one in _SAID)
        quoted = (
            rest or announces or said.startswith(">") or (bool(parts) and parts[-1][0] and _ends(parts[-1][1], said))
        )
        if not parts or parts[-1][0] != quoted:
            parts.append((quoted, []))
        parts[-1][1].append(re.sub(r"^(?:>\s?)+", "", said) if quoted else line.rstrip())
    elements: list[Element] = []
    for quoted, own in parts:
        section = (QUOTED,) if quoted else ()
        blocks = [block.split("\n") for block in re.split(r"\n\s*\n", "\n".join(own)) if block.strip()]
        if quoted and blocks:
            elements.append(Element(kind="text", lines=(Line(QUOTED),), heading=2))
        elements += [
            Element(kind="text", lines=tuple(Line(line) for line in block if line.strip()), section=section)
            for block in blocks
        ]
    return elements


def _ends(quoted: list[str], line: str) -> bool:
    """Whether ``line`` ends what announces a quotation and was broken in two."""
    return (
        len(quoted) == 1
        and not quoted[0].endswith(":")
        and line.endswith(":")
        and bool(_WROTE.match(f"{quoted[0]} {line}"))
    )
