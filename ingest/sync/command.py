"""The part of python -m ingest that keeps places in step: --sync, --syncs, --history, --serve-syncs, --watch."""

from __future__ import annotations

import argparse
import json
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from threading import Event
from typing import Any

from rich.console import Console
from rich.table import Table

from config import Settings
from errors import SettingsError
from ingest.connectors.address import is_path
from ingest.notices import check_rule, look, present
from ingest.summary import plain
from ingest.sync.schedule import seconds_of
from store.auth.access import readers_of
from store.notices import KINDS, Notices, Rule
from store.syncs import State, Sync, SyncRun, Syncs

OPTIONS = ("sync", "syncs", "history", "serve_syncs", "watch", "notices", "notice")


def add_options(cli: argparse.ArgumentParser) -> None:
    """Add the options to those of ``python -m ingest``."""
    group = cli.add_argument_group("places that are kept in step (docs/syncs.md)")
    group.add_argument("--sync", metavar="NAME", help="run a sync; with --from define it, with --forget forget it")
    group.add_argument(
        "--from",
        dest="place",
        metavar="PLACE",
        help="a folder, @list.txt, a sitemap, feed or link, s3://, webdav://, imaps://, git+https://",
    )
    group.add_argument("--every", metavar="TIME", help="how often --serve-syncs runs it: 15m, 6h, 1d")
    group.add_argument(
        "--readers",
        action="append",
        default=[],
        metavar="GLOB=A,B",
        help="of a sync, who may read what lies below a prefix of the place, e.g. 'hr/*=hr,board'",
    )
    group.add_argument("--forget", action="store_true", help="forget a sync and its history; what it brought stays")
    group.add_argument("--syncs", action="store_true", help="list the syncs, and which of them fail")
    group.add_argument("--history", metavar="NAME", help="list the runs of a sync")
    group.add_argument("--serve-syncs", action="store_true", help="run each sync when it is due, until stopped")
    group.add_argument("--watch", metavar="FOLDER", help="keep a folder in step as it changes, until stopped")
    _add_notices(cli)


def _add_notices(cli: argparse.ArgumentParser) -> None:
    group = cli.add_argument_group("notices of new and changed sources (docs/syncs.md)")
    group.add_argument("--notices", action="store_true", help="list the rules, and what has fired")
    group.add_argument("--notice", metavar="NAME", help="define a rule; with --forget forget it")
    for kind, what in {"words": "stand in one passage", "label": "tag a picture or head a section"}.items():
        group.add_argument(f"--{kind}", metavar="TEXT", help=f"of a rule: fires where they {what}")
    group.add_argument("--question", metavar="TEXT", help="of a rule: fires where it has an answer")
    group.add_argument("--to", metavar="URL", default="", help="of a rule: https://... is posted to, or mailto:ADDRESS")


def is_asked(arguments: argparse.Namespace) -> bool:
    """Return whether the command line is about syncs."""
    return any(getattr(arguments, option) for option in OPTIONS)


def run_command(arguments: argparse.Namespace, settings: Settings, console: Console) -> int:
    """Do what the command line asks; return 1 when a run failed or left a source out.

    Raises:
        SettingsError: there is no such sync, or it cannot be defined so.
    """
    syncs = Syncs(settings.data_dir, settings.catalog_url)
    if arguments.syncs:
        return _list(syncs, as_json=arguments.json)
    if arguments.history:
        return _history(syncs, arguments.history, as_json=arguments.json)
    if arguments.notices:
        return _list_notices(Notices(settings.data_dir), as_json=arguments.json)
    if arguments.notice:
        return _notice(arguments, settings, console)
    if arguments.serve_syncs or arguments.watch:
        return _go_on(syncs, arguments, settings, console)
    if arguments.forget:
        _known(syncs, arguments.sync)
        syncs.forget(arguments.sync)
        console.print(f"Forgot {plain(arguments.sync)}. What it brought stays: python -m ingest --list")
        return 0
    if arguments.place:
        return _define(syncs, _sync(arguments), console)
    return _run(syncs, _known(syncs, arguments.sync), settings, console, as_json=arguments.json)


def _known(syncs: Syncs, name: str) -> State:
    state = syncs.state(name)
    if state is None:
        names = ", ".join(known.sync.name for known in syncs.all())
        there = f"There are: {names}." if names else "There is none yet."
        raise SettingsError(f"No sync {name!r}. {there} Define it: python -m ingest --sync {name} --from PLACE")
    return state


def _sync(arguments: argparse.Namespace) -> Sync:
    place = arguments.place
    if is_path(place):
        mark = "@" if place.startswith("@") and not Path(place).exists() else ""
        place = mark + str(Path(place.removeprefix(mark)).expanduser().resolve())
    return Sync(
        name=arguments.sync,
        location=place,
        every=seconds_of(arguments.every) if arguments.every else 0.0,
        include=tuple(arguments.include),
        exclude=tuple(arguments.exclude),
        groups=None if arguments.groups is None else tuple(arguments.groups.split(",")),
        readers=tuple(_readers(one) for one in arguments.readers),
    )


def _readers(text: str) -> tuple[str, tuple[str, ...]]:
    glob, mark, names = text.rpartition("=")
    if not mark or not glob:
        raise SettingsError(f"--readers {text!r} names no readers. Write e.g. --readers 'hr/*=hr,board'.")
    readers_of(names.split(","))
    return glob, tuple(names.split(","))


def _define(syncs: Syncs, sync: Sync, console: Console) -> int:
    syncs.define(sync)
    console.print(f"{plain(sync.name)} keeps {plain(sync.location)} in step. Run it: --sync {plain(sync.name)}")
    if sync.every:
        console.print(f"Run it every {sync.every:,.0f} s: --serve-syncs")
    return 0


def _run(syncs: Syncs, state: State, settings: Settings, console: Console, *, as_json: bool) -> int:
    from ingest.sync.run import STOPPED, run_sync

    with _ready(settings) as (index, workers), _stopped_by_signals() as stop:
        run = run_sync(index, workers, syncs, state, stop=stop)
        look(index, Notices(index.folder))
    _tell(run, console)
    if as_json:
        print(json.dumps(asdict(run), ensure_ascii=False))
    return 130 if run.error == STOPPED else int(bool(run.error or run.failed))


def _go_on(syncs: Syncs, arguments: argparse.Namespace, settings: Settings, console: Console) -> int:
    from ingest.sync.serve import serve, watch

    def told(run: SyncRun) -> None:
        _tell(run, console)
        look(index, Notices(index.folder))
        if arguments.json:
            print(json.dumps(asdict(run), ensure_ascii=False), flush=True)

    with _ready(settings) as (index, workers), _stopped_by_signals() as stop:
        if arguments.serve_syncs:
            if not any(state.sync.every for state in syncs.all()):
                console.print("No sync has a time yet: python -m ingest --sync NAME --from PLACE --every 6h")
            serve(index, workers, syncs, told, stop)
        else:
            arguments.place = arguments.watch
            arguments.sync = str(Path(arguments.watch).expanduser().resolve())
            if not Path(arguments.sync).is_dir():
                raise SettingsError(f"{arguments.watch!r} is no folder that could be watched.")
            syncs.define(_sync(arguments))
            watch(index, workers, syncs, arguments.sync, told, stop)
    console.print("Stopped.")
    return 0


@contextmanager
def _ready(settings: Settings) -> Iterator[tuple[Any, Any]]:
    from ingest.workers import Workers
    from store.index import Index

    with Index(settings) as index, Workers(settings) as workers:
        yield index, workers


@contextmanager
def _stopped_by_signals() -> Iterator[Event]:
    """An event that SIGTERM and Ctrl-C set, as long as this lasts."""
    stop = Event()
    before = {one: signal.signal(one, lambda *_: stop.set()) for one in (signal.SIGTERM, signal.SIGINT)}
    try:
        yield stop
    finally:
        for one, handler in before.items():
            signal.signal(one, handler)


def _tell(run: SyncRun, console: Console) -> None:
    console.print(f"{plain(run.sync)}: {_counts(run)} in {run.seconds:.1f} s")
    for failure in run.failures:
        console.print(f"[red]Failed:[/] {plain(failure.what)}: {plain(failure.why)}", soft_wrap=True)
    for loss in run.losses:
        console.print(f"[yellow]Lost:[/] {plain(loss.what)}: {plain(loss.why)}", soft_wrap=True)
    if run.error:
        console.print(f"[red]Not in step:[/] {plain(run.error)}", soft_wrap=True)


def _counts(run: SyncRun) -> str:
    names = ("added", "changed", "unchanged", "moved", "removed", "failed")
    return ", ".join(f"{getattr(run, name)} {name}" for name in names)


def _list(syncs: Syncs, *, as_json: bool) -> int:
    states = syncs.all()
    last = {state.sync.name: next(iter(syncs.history(state.sync.name, 1)), None) for state in states}
    if as_json:
        print(json.dumps({"syncs": [_listed(state, last[state.sync.name]) for state in states]}, ensure_ascii=False))
        return 0
    table = Table("Sync", "Place", "Every", "Last run", "State", box=None, header_style="bold")
    for state in states:
        run = last[state.sync.name]
        every = f"{state.sync.every:,.0f} s" if state.sync.every else "when asked"
        row = (state.sync.name, state.sync.location, every, run.began[:16] if run else "never", _state(state, run))
        table.add_row(*(plain(cell) for cell in row))
    Console(highlight=False).print(
        table if states else "There are no syncs. Define one: python -m ingest --sync NAME --from PLACE"
    )
    return 0


def _state(state: State, run: SyncRun | None) -> str:
    if run is None:
        return "has not run"
    if not state.failures:
        return _counts(run)
    again = f", again at {_when(state.due)}" if state.sync.every else ""
    return f"FAILING, {state.failures} times in a row{again}: {run.error}"


def _listed(state: State, run: SyncRun | None) -> dict[str, Any]:
    """A sync as programs read it."""
    due = _when(state.due) if state.sync.every and state.due else ""
    return {**asdict(state.sync), "failures": state.failures, "due": due, "last": asdict(run) if run else None}


def _when(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, UTC).isoformat(timespec="seconds")


def _history(syncs: Syncs, name: str, *, as_json: bool) -> int:
    _known(syncs, name)
    runs = syncs.history(name)
    if as_json:
        print(json.dumps({"runs": [asdict(run) for run in runs]}, ensure_ascii=False))
        return 0
    table = Table("Began", "Seconds", "What", "Error", box=None, header_style="bold")
    for run in runs:
        table.add_row(*(plain(cell) for cell in (run.began, f"{run.seconds:.1f}", _counts(run), run.error)))
    Console(highlight=False).print(table if runs else f"{plain(name)} has not run yet.")
    return 0


def _notice(arguments: argparse.Namespace, settings: Settings, console: Console) -> int:
    """Define a rule, or forget it."""
    from store.index import Index

    notices = Notices(settings.data_dir)
    if arguments.forget:
        if not notices.forget(arguments.notice):
            raise SettingsError(f"No rule {arguments.notice!r}. List them: python -m ingest --notices")
        console.print(f"Forgot {plain(arguments.notice)}.")
        return 0
    stated = {kind: text for kind in KINDS if (text := getattr(arguments, kind))}
    if len(stated) != 1:
        raise SettingsError("A rule waits for one thing: name --words, --label or --question.")
    ((kind, text),) = stated.items()
    groups = readers_of(arguments.groups.split(",")) if arguments.groups else ()
    rule = Rule(name=arguments.notice, kind=kind, text=text, to=arguments.to, groups=groups)
    check_rule(rule, settings)
    with Index(settings) as index:
        notices.define(rule, present(index, rule.principal))
    console.print(f"{plain(rule.name)} fires on what is new or changed from now on.")
    return 0


def _list_notices(notices: Notices, *, as_json: bool) -> int:
    rules, fired = notices.rules(), notices.fired()
    if as_json:
        told = {"rules": [asdict(rule) for rule in rules], "fired": [asdict(one) for one in fired]}
        print(json.dumps(told, ensure_ascii=False))
        return 0
    console = Console(highlight=False)
    table = Table("Rule", "Waits for", "Text", "Tells", "Reads as", box=None, header_style="bold")
    for rule in rules:
        cells = (rule.name, rule.kind, rule.text, rule.to or "this list", ", ".join(rule.groups) or "everybody")
        table.add_row(*(plain(cell) for cell in cells))
    console.print(table if rules else "There are no rules. Define one: python -m ingest --notice NAME --words TEXT")
    table = Table("When", "Rule", "Source", "Place", "Quote", "Sent", box=None, header_style="bold")
    for one in fired:
        sent = "yes" if one.sent else f"no, tried {one.tries} times: {one.error}"
        table.add_row(*(plain(cell) for cell in (one.when, one.rule, one.source, one.place, one.quote[:80], sent)))
    console.print(table if fired else "Nothing has fired.")
    return 0
