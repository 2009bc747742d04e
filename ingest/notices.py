"""Looking whether rules fire on new or changed sources, and telling those whom they name, by webhook or mail."""

from __future__ import annotations

import json
import smtplib
import ssl
from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime
from email.message import EmailMessage
from urllib.parse import urlsplit

from config import Settings
from errors import AssistantError, FetchError, SettingsError
from ingest.connectors.address import is_url
from ingest.connectors.credentials import login_for
from ingest.connectors.remote import request
from records import Chunk, Principal, Scope
from store.index import Index
from store.locks import exclusive
from store.notices import Fired, Notices, Rule
from text.cell_address import place
from text.tokens import content_words, stem

QUOTE_CHARACTERS = 500
TO_MAIL = "mailto:"

# (question, scope) -> the passage that answers it and the words in it; None where it has no answer there.
Ask = Callable[[str, Scope], tuple[Chunk, str] | None]


def check_rule(rule: Rule, settings: Settings) -> None:
    """Check that ``rule`` can find something and tell it.

    Raises:
        SettingsError: it cannot.
    """
    if rule.kind != "question" and not _stems(rule.text):
        raise SettingsError(f"{rule.text!r} has no words to wait for.")
    if rule.to.startswith(TO_MAIL):
        if not (settings.smtp_url and settings.mail_from):
            raise SettingsError("To send notices by mail, set SMTP_URL, e.g. smtps://mail.example.org, and MAIL_FROM.")
        if "@" not in rule.to or set(rule.to) & set("\r\n, "):
            raise SettingsError(f"{rule.to!r} is no address. Write e.g. mailto:ada@example.org.")
    elif rule.to and not is_url(rule.to):
        raise SettingsError(f"{rule.to!r} is nowhere to tell. Write https://... or mailto:ADDRESS.")


def present(index: Index, principal: Principal) -> dict[str, str]:
    """Return the sources that ``principal`` may read and that are in whole, each with the hash of its content."""
    sources = index.documents.sources(principal)
    return {source.source: source.content_hash for source in sources if source.reading is None}


def look(index: Index, notices: Notices, ask: Ask | None = None) -> int:
    """Look at the sources that are new or changed since each rule last looked, send what is unsent; return how many fired.

    Rules with a question wait for somebody who can ``ask`` it. Killed anywhere, the next look goes on; a notice may then be
    sent twice, never not at all.
    """
    count = 0
    with exclusive(notices.lock):
        for rule in notices.rules():
            if rule.kind == "question" and ask is None:
                continue
            now, seen = present(index, rule.principal), notices.seen(rule.name)
            for source, content in now.items():
                if seen.get(source) == content:
                    continue
                found = _found(rule, source, index, ask)
                notices.note(rule.name, {source: content}, (), found)
                count += len(found)
            notices.note(rule.name, {}, seen.keys() - now.keys(), ())
        for fired in notices.unsent():
            try:
                send(fired, index.settings)
                notices.note_sent(fired.number)
            except AssistantError as error:
                notices.note_sent(fired.number, str(error))
    return count


def _found(rule: Rule, source: str, index: Index, ask: Ask | None) -> list[Fired]:
    """The first passage of ``source`` that ``rule`` waits for."""
    if rule.kind == "question":
        answer = ask(rule.text, Scope(sources=(source,), principal=rule.principal)) if ask else None
        return [_fired(rule, index, *answer)] if answer else []
    chunks = index.documents.chunks_of(source, rule.principal)
    holding = _tagged(rule, chunks, index) if rule.kind == "label" else _with_words(rule, chunks)
    return [_fired(rule, index, chunk, chunk.text) for chunk in holding][:1]


def _with_words(rule: Rule, chunks: Iterable[Chunk]) -> list[Chunk]:
    wanted = _stems(rule.text)
    return [chunk for chunk in chunks if wanted <= _stems(chunk.searched_text)]


def _tagged(rule: Rule, chunks: Iterable[Chunk], index: Index) -> list[Chunk]:
    """Pictures that have the label as a tag, where an image embedder is set, and what stands under such a heading."""
    listed, label = list(chunks), rule.text.casefold()
    tags = index.pictures.tags([one for one in listed if one.picture]) if index.pictures is not None else {}
    tagged = {id_ for id_, said in tags.items() if any(tag.label.casefold() == label for tag in said)}
    return [one for one in listed if one.id in tagged or label in (heading.casefold() for heading in one.section)]


def _stems(text: str) -> set[str]:
    return {stem(word) for word in content_words(text)}


def _fired(rule: Rule, index: Index, chunk: Chunk, quote: str) -> Fired:
    source = index.documents.source(chunk.source, rule.principal)
    return Fired(
        rule=rule.name,
        to=rule.to,
        when=datetime.now(UTC).isoformat(timespec="seconds"),
        source=chunk.source,
        title=(source.name or source.title) if source else chunk.title,
        place=place(chunk),
        quote=" ".join(quote.split())[:QUOTE_CHARACTERS],
    )


def told(fired: Fired) -> Mapping[str, str]:
    """Return what is told of a notice."""
    return {name: getattr(fired, name) for name in ("rule", "when", "source", "title", "place", "quote")}


def send(fired: Fired, settings: Settings) -> None:
    """Tell whoever ``fired`` names.

    Raises:
        FetchError: the server may not or cannot be reached, or refuses it.
        SettingsError: mail cannot be sent with these settings.
    """
    if fired.to.startswith(TO_MAIL):
        _mail(fired, settings)
        return
    request(
        fired.to,
        f"The webhook of {fired.rule}",  # its link may hold a secret
        settings,
        method="POST",
        headers={"Content-Type": "application/json"},
        content=json.dumps(told(fired), ensure_ascii=False).encode(),
        max_bytes=100_000,
        status=0,
    )


def _mail(fired: Fired, settings: Settings) -> None:
    server = urlsplit(settings.smtp_url)
    if server.scheme not in ("smtp", "smtps") or not server.hostname or not settings.mail_from:
        raise SettingsError("SMTP_URL is smtps://HOST[:PORT] or smtp://HOST[:PORT], and MAIL_FROM an address.")
    host, port = server.hostname, server.port or (465 if server.scheme == "smtps" else 587)
    mail = EmailMessage()
    mail["From"], mail["To"] = settings.mail_from, fired.to.removeprefix(TO_MAIL)
    found = ", ".join(filter(None, (fired.title, fired.place)))
    mail["Subject"] = " ".join(f"{fired.rule}: {found}".split())[:200]
    mail.set_content(f"{fired.quote}\n\n{found}\n{fired.source}\n")
    context = ssl.create_default_context()
    try:
        opened: smtplib.SMTP
        if server.scheme == "smtps":
            opened = smtplib.SMTP_SSL(host, port, timeout=settings.fetch_timeout, context=context)
        else:
            opened = smtplib.SMTP(host, port, timeout=settings.fetch_timeout)
        with opened as smtp:
            smtp.ehlo()
            encrypted = server.scheme == "smtps"
            if not encrypted and smtp.has_extn("starttls"):
                smtp.starttls(context=context)
                encrypted = True
            login = login_for(f"{host}:{port}", settings, encrypted=encrypted)
            if login:
                smtp.login(*login)
            smtp.send_message(mail)
    except (smtplib.SMTPException, OSError) as error:
        raise FetchError(
            f"The mail of {fired.rule} could not be sent through {host}: {type(error).__name__}."
        ) from None
