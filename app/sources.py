"""The list of sources as HTML: what each is, what can be done with it, and what was removed lately."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from app.links import source_link
from app.messages import in_users_words
from app.names import name_of, shown_name
from app.text import counted, escaped, shortened
from ingest.losses import empty_share
from records import OPERATOR, Loss, Principal, Source
from store.auth.access import may_change
from store.fields import fields_of
from store.removed import RemovedSource
from store.source_ids import source_id

SHOWN_SOURCES = 200
SHOWN_LOSSES = 50
_KINDS = {
    "pdf": "PDF",
    "web": "Web page",
    "markdown": "Markdown",
    "text": "Text",
    "image": "Picture",
    "docx": "Word",
    "pptx": "PowerPoint",
    "xlsx": "Excel",
    "csv": "Table",
    "mail": "Mail",
    "epub": "EPUB",
    "odt": "OpenDocument",
    "ods": "OpenDocument sheets",
    "odp": "OpenDocument slides",
    "rtf": "RTF",
    "notebook": "Notebook",
    "json": "JSON",
    "xml": "XML",
    "code": "Code",
}
_PAGED = {"pptx": "slide", "xlsx": "sheet", "ods": "sheet", "odp": "slide", "epub": "section"}  # what their pages are
# Each is a link to an anchor that begins with its name and ends with the id of the source; a click goes to the server.
ACTIONS = ("preview", "ask", "again", "remove", "undo")


def action(name: str, source: str, label: str, more: str = "") -> str:
    """Return the link that does ``name``, of ``ACTIONS``, with ``source``."""
    return f'<a role="button" href="#{name}-{source_id(source)}{more}">{escaped(label)}</a>'


def list_html(sources: Sequence[Source], query: str = "", principal: Principal = OPERATOR) -> str:
    """Return the sources whose title or name holds ``query``, the newest first, each with what ``principal`` may do."""
    if not sources:
        return (
            '<div class="empty"><h3>No documents yet</h3><p>Add files or a link above, then ask about them.</p></div>'
        )
    words = query.casefold().split()
    found = [one for one in sources if all(word in _searched(one) for word in words)]
    found.sort(key=lambda source: source.when, reverse=True)
    head = counted(len(sources), "source")
    if words:
        head = f"{counted(len(found), 'source')} of {len(sources):,} match"
    if len(found) > SHOWN_SOURCES:
        head += f"; the newest {SHOWN_SOURCES} are shown, search to see others"
    items = "".join(_entry(source, principal) for source in found[:SHOWN_SOURCES])
    return f'<p class="count">{head}</p><ul class="sources">{items}</ul>'


def _searched(source: Source) -> str:
    return f"{source.name} {source.title} {name_of(source.source)} {' '.join(source.about.tags)}".casefold()


def _entry(source: Source, principal: Principal) -> str:
    name = name_of(source.source)
    changes = may_change(principal, source)
    path = f' title="{escaped(source.source)}"' if principal.everything else ""
    return (
        f'<li><div class="source"><b>{source_link(source, shortened(shown_name(source), 120))}</b>'
        f"<small{path}>{escaped(shortened(name, 90))}</small>"
        f"<small>{escaped(' · '.join(facts(source, readers=changes)))}</small>"
        f"{about_html(source)}{losses_html(source.losses, source.source)}"
        f'<div class="actions">{action("ask", source.source, "Ask this document")} '
        f"{action('preview', source.source, 'Preview')}{_changes(source, name) if changes else ''}</div></div></li>"
    )


def about_html(source: Source) -> str:
    """Return what a source is about: its tags, and folded its summary and what else is known of it."""
    about = source.about
    said = [
        (field, values) for field, values in fields_of(source).items() if field not in ("title", "name", "kind", "tag")
    ]
    if not (about.tags or about.summary):
        return ""
    tags = escaped(" · ".join(about.tags))
    by = f" (as the model {about.author} says)" if about.author else ""
    items = "".join(
        f"<li>{escaped(field)}: {escaped(shortened(', '.join(values), 120))}</li>" for field, values in said
    )
    return (
        f'<details class="losses about"><summary>{tags or "About"}</summary><p>{escaped(about.summary + by)}</p>'
        f"<ul>{items}</ul></details>"
    )


def _changes(source: Source, name: str) -> str:
    return (
        f" {action('again', source.source, 'Read again')}"
        f'<details class="remove"><summary>Remove</summary><p>{escaped(shortened(name, 60))} and its '
        f"{counted(source.chunks, 'passage')} will be removed. {action('remove', source.source, 'Yes, remove')}</p></details>"
    )


def facts(source: Source, *, readers: bool) -> list[str]:
    """Return what a line under a source's name says; who reads it, too, for those who may change that."""
    said = [
        _KINDS.get(source.kind, source.kind),
        counted(source.chunks, "passage"),
        f"added {source.when[:16].replace('T', ' ')} UTC",
    ]
    if source.pages > 1:
        said.insert(1, counted(source.pages, unit_of(source.kind)))
    if source.reading is not None:
        said.append("text searchable, tables and figures are being read")
    if readers and source.access.readers:
        said.append(f"read by {', '.join(source.access.readers)}")
    return said


def unit_of(kind: str) -> str:
    """Return what is counted as a page of a source of ``kind``."""
    return _PAGED.get(kind, "page")


def losses_html(losses: Sequence[Loss], source: str) -> str:
    """Return what was lost of ``source``, folded; the share of pages that gave nothing is seen without a click."""
    if not losses:
        return ""
    share = empty_share(losses)
    summary = f"{counted(len(losses), 'part')} not read"
    if share:
        summary = f"⚠ {share[0]:,} of {counted(share[1], 'page')} gave nothing"
    items = "".join(
        f"<li>{escaped(in_users_words(loss.what, source))}: {escaped(in_users_words(loss.why, source))}</li>"
        for loss in losses[:SHOWN_LOSSES]
    )
    more = f"<li>and {len(losses) - SHOWN_LOSSES:,} more</li>" if len(losses) > SHOWN_LOSSES else ""
    return f'<details class="losses"><summary>{summary}</summary><ul>{items}{more}</ul></details>'


def removed_html(removed: Sequence[RemovedSource], hours: int, principal: Principal = OPERATOR) -> str:
    """Return what was removed lately and ``principal`` may bring back, with the hour at which it is gone for good."""
    items = "".join(
        f"<li><span>{escaped(shortened(shown_name(one.source), 90))}</span> {action('undo', one.source.source, 'Undo')} "
        f"<small>gone for good after {_until(one, hours)}</small></li>"
        for one in removed
        if may_change(principal, one.source)
    )
    return f'<section class="removed"><p>Removed lately:</p><ul>{items}</ul></section>' if items else ""


def _until(one: RemovedSource, hours: int) -> str:
    return f"{datetime.fromtimestamp(one.when, UTC) + timedelta(hours=hours):%Y-%m-%d %H:%M} UTC"
