"""Syncs, notices and drift in the documents' tab, as whoever looks after the documents may see them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import gradio as gr

from app.assistant import Assistant
from app.security.current_user import current_user
from app.security.readers import chosen_access
from app.text import counted, escaped, shortened
from errors import AccessError, AssistantError, SettingsError
from ingest.connectors.address import is_path, is_url, scheme_of
from ingest.sync.schedule import seconds_of
from records import Loss, Principal
from store.auth.access import EVERYONE
from store.maintenance.drift import drift
from store.syncs import State, Sync, SyncRun

SHOWN_RUNS = 5
SHOWN_FIRED = 20
SHOWN_NAMES = 10
_PLACES = ("s3", "webdav", "imaps")


@dataclass(frozen=True)
class SyncCalls:
    """The callbacks on ``assistant``."""

    assistant: Assistant

    def shown(self, request: gr.Request | None = None) -> tuple[Any, ...]:
        """Return whether the section is shown, the syncs with their runs, what can be run, and what has fired."""
        principal = current_user(self.assistant, request)
        states = self._visible(principal)
        names = [state.sync.name for state in states]
        chosen = gr.Dropdown(choices=names, value=names[0] if names else None)
        visible = gr.Accordion(visible=principal.manages)
        return visible, self._list_html(states, principal), chosen, self._fired_html(principal)

    def add(
        self, name: str, place: str, every: str, readers: str | None = None, request: gr.Request | None = None
    ) -> tuple[Any, ...]:
        """Define a sync of a link, or where people log in of a place that needs the login of this server."""
        principal = current_user(self.assistant, request)
        try:
            sync = self._defined(name.strip(), place.strip(), every.strip(), readers, principal)
        except AssistantError as error:
            raise gr.Error(escaped(str(error)), print_exception=False) from error
        self.assistant.sync_runner.syncs.define(sync)
        return "", "", *self.shown(request)

    def run(self, name: str | None, request: gr.Request | None = None) -> tuple[Any, ...]:
        """Run a sync now, in the background."""
        principal = current_user(self.assistant, request)
        if name not in [state.sync.name for state in self._visible(principal)]:
            raise gr.Error("There is no such sync.", print_exception=False)
        self.assistant.sync_runner.run(str(name))
        return self.shown(request)

    def drift(self, request: gr.Request | None = None) -> str:
        """Return whether people ask for what is not here: figures over all questions, none of which is shown."""
        if not current_user(self.assistant, request).manages:
            raise gr.Error("Only who looks after the documents may see that.", print_exception=False)
        try:
            return f'<p class="status" role="status">{escaped(drift(self.assistant.index).sentence())}</p>'
        except AssistantError as error:
            raise gr.Error(escaped(str(error)), print_exception=False) from error

    def _defined(self, name: str, place: str, every: str, readers: str | None, principal: Principal) -> Sync:
        if not principal.manages:
            raise AccessError("Only who looks after the documents may keep places in step.")
        if not name or len(name) > 100:
            raise SettingsError("Give the sync a name of at most 100 characters.")
        users = self.assistant.identity.enabled
        if not is_url(place) and not (users and scheme_of(place) in _PLACES):
            # a folder of this machine, and what is read by its logins, are for whoever runs its commands
            raise SettingsError("Name a link here. Other places: python -m ingest --sync NAME --from PLACE")
        known = self.assistant.sync_runner.syncs.state(name)
        if known is not None:
            raise SettingsError(f"There is a sync {name!r} already.")
        access = chosen_access(principal, readers, auth_enabled=users)
        groups = None if access is None else access.readers or (EVERYONE,)
        return Sync(name=name, location=place, every=seconds_of(every) if every else 0.0, groups=groups)

    def _visible(self, principal: Principal) -> list[State]:
        """The syncs whose readers ``principal`` is one of; where it is not said who reads, it is everybody."""
        if not principal.manages:
            return []
        mine = {EVERYONE, *principal.labels}
        states = self.assistant.sync_runner.syncs.all()
        return [
            state
            for state in states
            if principal.everything or (not _private(state.sync) and mine & set(state.sync.groups or (EVERYONE,)))
        ]

    def _list_html(self, states: list[State], principal: Principal) -> str:
        if not states:
            return '<p class="hint">Nothing is kept in step yet.</p>'
        hidden = self.assistant.index.documents.hidden(principal)
        runner = self.assistant.sync_runner
        parts = []
        for state in states:
            runs = runner.syncs.history(state.sync.name, SHOWN_RUNS)
            parts.append(_sync_html(state, runs, hidden, running=state.sync.name in runner.running))
        return f'<ul class="syncs">{"".join(parts)}</ul>'

    def _fired_html(self, principal: Principal) -> str:
        """What has fired about sources that ``principal`` may read now."""
        readable = {source.source for source in self.assistant.index.documents.sources(principal)}
        fired = [one for one in self.assistant.sync_runner.notices.fired() if one.source in readable][:SHOWN_FIRED]
        lines = "".join(
            f"<li><b>{escaped(one.rule)}</b> {escaped(one.when[:16].replace('T', ' '))}: {escaped(one.title)}, "
            f"{escaped(one.place or 'text')}: “{escaped(shortened(one.quote, 160))}”"
            f"{'' if one.sent else ' <i>not sent: ' + escaped(one.error or 'waits') + '</i>'}</li>"
            for one in fired
        )
        return f'<h4>Notices</h4><ul class="notices">{lines}</ul>' if lines else ""


def _private(sync: Sync) -> bool:
    """Whether parts of a sync may have readers of their own, by glob or sidecar: then names in its history are not for all
    who may read the rest."""
    return bool(sync.readers) or is_path(sync.location)


def _sync_html(state: State, runs: list[SyncRun], hidden: frozenset[str], *, running: bool) -> str:
    sync = state.sync
    every = f"every {sync.every:,.0f} s" if sync.every else "when asked"
    status = "running" if running else "has not run" if not runs else "in step"
    if state.failures and not running:
        again = f", again at {datetime.fromtimestamp(state.due, UTC):%Y-%m-%d %H:%M} UTC" if sync.every else ""
        status = f"FAILING, {counted(state.failures, 'time')} in a row{again}"
    history = "".join(_run_html(run, hidden) for run in runs)
    return (
        f"<li><b>{escaped(sync.name)}</b> <code>{escaped(sync.location)}</code> {every}: <strong>{escaped(status)}</strong>"
        f"<ul>{history}</ul></li>"
    )


def _run_html(run: SyncRun, hidden: frozenset[str]) -> str:
    names = ("added", "changed", "moved", "removed", "failed")
    said = ", ".join(f"{getattr(run, name)} {name}" for name in names)
    told = "The reason names a source that you may not read." if any(one in run.error for one in hidden) else run.error
    error = f"<br>{escaped(told)}" if told else ""
    named = [loss for loss in (*run.failures, *run.losses) if not _hides(loss, hidden)]
    lines = "".join(f"<li>{escaped(loss.what)}: {escaped(loss.why)}</li>" for loss in named[:SHOWN_NAMES])
    return (
        f"<li>{escaped(run.began[:16].replace('T', ' '))} UTC: {said}, {len(run.losses):,} losses, "
        f"{run.seconds:.1f} s{error}<ul>{lines}</ul></li>"
    )


def _hides(loss: Loss, hidden: frozenset[str]) -> bool:
    return any(loss.what == source or loss.what.startswith(f"{source}: ") for source in hidden)


def syncs_part(assistant: Assistant, page: Any) -> None:
    """Build the section and wire it; to be called inside the tab."""
    calls = SyncCalls(assistant)
    private: dict[str, Any] = {"api_visibility": "private", "show_progress": "hidden"}
    with gr.Accordion("Syncs", open=False, elem_id="syncs", visible=not assistant.identity.enabled) as section:
        listed = gr.HTML("", elem_id="syncs-list")
        with gr.Row():
            chosen = gr.Dropdown([], elem_id="sync-chosen", label="Sync", scale=4)
            now = gr.Button("Run now", elem_id="sync-run", size="sm", scale=1)
            again = gr.Button("Refresh", elem_id="sync-refresh", size="sm", scale=1)
        with gr.Row():
            name = gr.Textbox("", elem_id="sync-name", label="Name", max_lines=1)
            place = gr.Textbox("", elem_id="sync-place", label="Sitemap, feed or list of links", max_lines=1, scale=3)
            every = gr.Textbox("6h", elem_id="sync-every", label="Every", max_lines=1)
        add = gr.Button("Keep in step", elem_id="sync-add", size="sm")
        fired = gr.HTML("", elem_id="notices")
        ask = gr.Button("Do people ask for what is not here?", elem_id="drift-ask", size="sm")
        drifted = gr.HTML("", elem_id="drift")
    shown = [section, listed, chosen, fired]
    page.load(calls.shown, None, shown, **private)
    again.click(calls.shown, None, shown, **private)
    now.click(calls.run, [chosen], shown, **private)
    add.click(calls.add, [name, place, every], [name, place, *shown], **private)
    ask.click(calls.drift, None, [drifted], **private)
