"""The list of sources and the progress of what is being added, as HTML."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import PurePath
from urllib.parse import quote as quoted

from app.ingestion import Batch
from app.links import source_link
from app.text import counted, escaped, shortened
from ingest.connectors.address import is_url
from ingest.pipeline import Outcome
from records import OPERATOR, Loss, Principal, Source
from store.auth.access import may_change

SHOWN_SOURCES = 200
SHOWN_LOSSES = 50
_KINDS = {"pdf": "PDF", "web": "Web page", "markdown": "Markdown", "text": "Text", "image": "Picture"}
_NOUNS = {"text": "passage", "table": "table part", "image": "figure"}


def name_of(source: str) -> str:
    """Return a source's name for people: the file's name, or the link itself."""
    return source if is_url(source) else PurePath(source).name or source


def list_html(sources: Sequence[Source], query: str = "", principal: Principal = OPERATOR) -> str:
    """Return a table of sources whose title or name holds ``query``, the newest first, with a way to remove those that
    ``principal`` may remove."""
    if not sources:
        return (
            '<div class="empty"><h3>No documents yet</h3><p>Add files or a link above, then ask about them.</p></div>'
        )
    words = query.casefold().split()
    found = [s for s in sources if all(word in f"{s.title} {s.source}".casefold() for word in words)]
    found.sort(key=lambda source: source.when, reverse=True)
    head = counted(len(sources), "source")
    if words:
        head = f"{counted(len(found), 'source')} of {len(sources):,} match"
    if len(found) > SHOWN_SOURCES:
        head += f"; the newest {SHOWN_SOURCES} are shown, search to see others"
    items = "".join(_entry(source, may_change(principal, source)) for source in found[:SHOWN_SOURCES])
    return f'<p class="count">{head}</p><ul class="sources">{items}</ul>'


def _entry(source: Source, changes: bool) -> str:
    name = name_of(source.source)
    facts = [
        _KINDS.get(source.kind, source.kind),
        counted(source.chunks, "passage"),
        f"added {source.when[:16].replace('T', ' ')} UTC",
    ]
    if source.kind == "pdf":
        facts.insert(1, counted(source.pages, "page"))
    if changes and source.access.readers:
        facts.append(f"read by {', '.join(source.access.readers)}")
    # the name of the source travels in a link, as that of a citation does
    key = f"remove-{quoted(source.source, safe='')}"
    remove = (
        f'<details class="remove"><summary>Remove</summary><p>{escaped(shortened(name, 60))} and its '
        f'{counted(source.chunks, "passage")} will be removed. <a role="button" href="#{key}">Yes, remove</a></p></details>'
    )
    remove = remove if changes else ""
    return (
        f'<li><div class="source"><b>{source_link(source, shortened(source.title or name, 120))}</b>'
        f'<small title="{escaped(source.source)}">{escaped(shortened(name, 90))}</small>'
        f"<small>{escaped(' · '.join(facts))}</small>{_losses(source.losses)}</div>{remove}</li>"
    )


def _losses(losses: Sequence[Loss]) -> str:
    if not losses:
        return ""
    items = "".join(f"<li>{escaped(loss.what)}: {escaped(loss.why)}</li>" for loss in losses[:SHOWN_LOSSES])
    more = f"<li>and {len(losses) - SHOWN_LOSSES:,} more</li>" if len(losses) > SHOWN_LOSSES else ""
    return (
        f'<details class="losses"><summary>{counted(len(losses), "part")} not read</summary>'
        f"<ul>{items}{more}</ul></details>"
    )


def progress_html(batches: Sequence[Batch]) -> str:
    """Return the progress of every source of ``batches``, the latest batch first."""
    return "".join(_batch(batch) for batch in reversed(batches))


def _batch(batch: Batch) -> str:
    items = "".join(_item(batch, source) for source in batch.sources[:SHOWN_SOURCES])
    error = f'<p class="failed">{escaped(batch.error)}</p>' if batch.error else ""
    done = len(batch.outcomes)
    head = "" if len(batch.sources) == 1 else f"<p>{done:,} of {counted(len(batch.sources), 'source')} done</p>"
    return f'<section class="batch" aria-live="polite">{head}{error}<ul>{items}</ul></section>'


def _item(batch: Batch, source: str) -> str:
    name = f"<b>{escaped(shortened(name_of(source), 90))}</b>"
    outcome = batch.outcomes.get(source)
    if outcome is not None:
        return _outcome(outcome, name)
    if batch.finished.is_set():
        return f'<li class="failed">{name} <span>✗ Stopped before it was added</span></li>'
    done, total = batch.pages.get(source, (0, 0))
    if not total:
        return f'<li class="busy">{name} <span>Reading…</span><progress></progress></li>'
    state = f"{done:,} of {counted(total, 'page')} read" if done < total else "Making it searchable…"
    return f'<li class="busy">{name} <span>{state}</span><progress max="{total}" value="{done}"></progress></li>'


def _outcome(outcome: Outcome, name: str) -> str:
    if outcome.status == "failed":
        return f'<li class="failed">{name} <span>✗ {escaped(outcome.error)}</span></li>'
    if outcome.status == "unchanged":
        return f'<li class="done">{name} <span>✓ Already here, unchanged</span></li>'
    counts = [counted(number, _NOUNS[kind]) for kind, number in (outcome.chunks or {}).items()]
    if outcome.kind == "pdf":
        counts.insert(0, counted(outcome.pages, "page"))
    verb = "Added" if outcome.status == "added" else "Replaced"
    summary = f"✓ {verb}: {', '.join(counts) or 'nothing to read in it'} in {outcome.seconds:.0f} s"
    return f'<li class="done">{name} <span>{summary}</span>{_losses(outcome.losses)}</li>'
