"""The progress of sources that are being added, as HTML: in the tab, and in one line under the chat."""

from __future__ import annotations

import math
import time
from collections.abc import Sequence

from app.ingestion import Batch
from app.messages import in_users_words
from app.names import name_of
from app.sources import SHOWN_SOURCES, losses_html, unit_of
from app.text import counted, escaped, shortened
from ingest.losses import empty_share
from ingest.outcome import Outcome
from ingest.parsers.registry import PARSERS

MUCH = 0.2  # the share of pages that gave nothing from which on a source counts as added in part
_NOUNS = {"text": "passage", "table": "table part", "image": "figure"}


def progress_html(batches: Sequence[Batch]) -> str:
    """Return the progress of every source of ``batches``, the latest batch first."""
    return "".join(_batch(batch) for batch in reversed(batches))


def progress_line(batches: Sequence[Batch]) -> str:
    """Return in one line what is being added, or what became of the last of ``batches``; "" where there is none."""
    if not batches:
        return ""
    running = [batch for batch in batches if not batch.finished.is_set()]
    if running:
        batch = running[0]
        left = [source for source in batch.sources if source not in batch.outcomes]
        waiting = sum(len(one.sources) - len(one.outcomes) for one in running)
        more = f" · {waiting - 1:,} more" if waiting > 1 else ""
        at_hand = max(left, key=lambda source: batch.pages.get(source, (0, 0)), default="")
        said = f"Adding {escaped(shortened(name_of(at_hand), 60))}: {_state(batch, at_hand)[0]}{more}"
        return f'<p class="adding-now busy">{said}</p>'
    batch = batches[-1]
    failed = [one for one in batch.outcomes.values() if one.status == "failed"]
    if batch.error or failed:
        what = batch.error or f"{_names(failed)}: {in_users_words(failed[0].error, failed[0].source)}"
        return f'<p class="adding-now failed">✗ {escaped(what)}</p>'
    done = list(batch.outcomes.values())
    if not done:
        return ""
    part = any(is_partial(one) for one in done)
    sign, verb = ("⚠", "added in part: see Documents") if part else ("✓", "can be asked about now")
    return f'<p class="adding-now {"part" if part else "done"}">{sign} {escaped(_names(done))} {verb}</p>'


def _names(outcomes: Sequence[Outcome]) -> str:
    first = shortened(name_of(outcomes[0].source), 60)
    return first if len(outcomes) == 1 else f"{first} and {len(outcomes) - 1:,} more"


def _batch(batch: Batch) -> str:
    items = "".join(_item(batch, source) for source in batch.sources[:SHOWN_SOURCES])
    error = f'<p class="failed">{escaped(batch.error)}</p>' if batch.error else ""
    done = len(batch.outcomes)
    head = "" if len(batch.sources) == 1 else f"<p>{done:,} of {counted(len(batch.sources), 'source')} done</p>"
    return f'<section class="batch">{head}{error}<ul>{items}</ul></section>'


def _item(batch: Batch, source: str) -> str:
    name = f"<b>{escaped(shortened(name_of(source), 90))}</b>"
    outcome = batch.outcomes.get(source)
    if outcome is not None:
        return _outcome(outcome, name)
    if batch.finished.is_set():
        return f'<li class="failed">{name} <span>✗ Stopped before it was added</span></li>'
    state, bar = _state(batch, source)
    return f'<li class="busy">{name} <span>{state}</span>{bar}</li>'


def _state(batch: Batch, source: str) -> tuple[str, str]:
    """The stage a source is at, in words and as a bar."""
    if batch.began is None:
        return "Waiting for its turn", ""
    done, total = batch.pages.get(source, (0, 0))
    if not total:
        return "Reading…", '<progress aria-label="Reading"></progress>'
    bar = f'<progress aria-label="Pages read" max="{total}" value="{done}"></progress>'
    if done >= total:
        return "All pages read, making it searchable…", bar
    if source in batch.searchable:
        return f"Text searchable, reading tables: page {done:,} of {total:,}{time_left(batch, source)}", bar
    return f"{done:,} of {counted(total, 'page')} read{time_left(batch, source)}", bar


def time_left(batch: Batch, source: str, now: float | None = None) -> str:
    """Return about how long the pages left will take, as long as those that were read since the first was told."""
    done, total = batch.pages.get(source, (0, 0))
    since = batch.reading.get(source)
    if not done or since is None:
        return ""
    seconds = ((time.monotonic() if now is None else now) - since) / done * (total - done)
    if seconds < 60:
        return ", less than a minute left"
    return f", about {counted(math.ceil(seconds / 60), 'minute')} left"


def is_partial(outcome: Outcome) -> bool:
    """Tell whether so much of a source gave nothing that it cannot be called added without a word."""
    share = empty_share(outcome.losses)
    lost_page = any(loss.what.startswith("page ") for loss in outcome.losses)
    return lost_page or bool(share and share[0] >= MUCH * share[1])


def _outcome(outcome: Outcome, name: str) -> str:
    losses = losses_html(outcome.losses, outcome.source)
    if outcome.status == "failed":
        reason = in_users_words(outcome.error, outcome.source)
        return f'<li class="failed">{name} <span>✗ {escaped(reason)}</span></li>'
    if outcome.status == "unchanged":
        return f'<li class="done">{name} <span>✓ Already here, unchanged</span></li>'
    counts = [counted(number, _NOUNS[kind]) for kind, number in (outcome.chunks or {}).items()]
    if outcome.kind in PARSERS and PARSERS[outcome.kind].paged is not None:
        counts.insert(0, counted(outcome.pages, unit_of(outcome.kind)))
    verb = "Added" if outcome.status == "added" else "Replaced"
    found = f"{', '.join(counts) or 'nothing to read in it'} in {outcome.seconds:.0f} s"
    if is_partial(outcome):
        share = empty_share(outcome.losses)
        said = f"; {share[0] / share[1]:.0%} of its pages gave nothing" if share else ""
        return f'<li class="part">{name} <span>⚠ {verb} in part: {found}{said}</span>{losses}</li>'
    return f'<li class="done">{name} <span>✓ {verb}: {found}</span>{losses}</li>'
