"""python -m ingest SOURCE... : take sources into the index, list them, remove them."""

from __future__ import annotations

import argparse
import json
import sys
from collections import Counter
from collections.abc import Sequence
from contextlib import closing
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    TaskID,
    TextColumn,
    TimeElapsedColumn,
    TimeRemainingColumn,
)
from rich.table import Table

from config import Settings, secrets
from errors import AssistantError, SettingsError
from ingest.connectors.address import is_path
from ingest.connectors.sidecar import accesses
from ingest.reembed import run_reembed
from records import Source
from store.auth.access import EVERYONE
from text.redaction import redact_logs

if TYPE_CHECKING:
    from ingest.pipeline import Outcome
    from models.chat.usage import Price


def parser() -> argparse.ArgumentParser:
    """Return the parser of the command line."""
    cli = argparse.ArgumentParser(
        prog="python -m ingest",
        description="Take PDFs, web pages, Markdown, text and pictures into the index.",
        epilog="Exit code: 0 all sources are in, 1 some failed (each is named with its reason), 2 wrong usage.",
    )
    cli.add_argument("sources", nargs="*", metavar="SOURCE", help="a file, a folder, an http(s) URL, or @list.txt")
    cli.add_argument("--data-dir", metavar="DIR", help="where the index lives (default: data/var)")
    cli.add_argument(
        "--include", action="append", default=[], metavar="GLOB", help="of a folder, only files that match"
    )
    cli.add_argument("--exclude", action="append", default=[], metavar="GLOB", help="of a folder, no files that match")
    cli.add_argument(
        "--groups",
        metavar="A,B",
        help="who may read what is taken in: groups, users as user:NAME, or everyone; a sidecar NAME.meta.json beside a "
        "file wins",
    )
    cli.add_argument(
        "--allow-host",
        action="append",
        metavar="HOST[:PORT]",
        help="read links on this host although it is no public address (this machine, a private network)",
    )
    cli.add_argument("--list", action="store_true", help="list what is in the index")
    cli.add_argument("--remove", action="append", default=[], metavar="SOURCE", help="remove a source from the index")
    cli.add_argument("--resume", action="store_true", help="take in what an earlier run was killed over")
    cli.add_argument(
        "--reembed",
        action="store_true",
        help="embed what is stored with the model that EMBED_MODEL names now; killed, the next run goes on",
    )
    cli.add_argument(
        "--describe",
        action="store_true",
        help="have VISION_MODEL describe the pictures of what is in the index (all, or of SOURCEs), without reading it again",
    )
    cli.add_argument(
        "--embed-pictures",
        action="store_true",
        help="embed the pictures of what is in the index already with IMAGE_EMBED_MODEL; nothing is parsed again",
    )
    cli.add_argument("--json", action="store_true", help="print the result as one JSON object on stdout")
    return cli


@dataclass
class Summary:
    """What a batch did; printed at its end."""

    sources: int = 0
    added: int = 0
    updated: int = 0
    unchanged: int = 0
    pages: int = 0
    chunks: Counter[str] = field(default_factory=Counter)
    kinds: Counter[str] = field(default_factory=Counter)
    failed: list[dict[str, str]] = field(default_factory=list)
    losses: dict[str, list[dict[str, str]]] = field(default_factory=dict)
    descriptions: dict[str, float] = field(default_factory=dict)  # pictures described and failed, tokens, cost
    seconds: float = 0.0

    def as_json(self) -> dict[str, Any]:
        """Return the summary as plain data."""
        counts = {"chunks": dict(self.chunks), "kinds": dict(self.kinds)}  # asdict cannot copy a Counter
        return {**vars(self), **counts, "seconds": round(self.seconds, 2)}

    def note(self, outcome: Outcome) -> None:
        """Count what became of one source."""
        if outcome.status == "failed":
            self.failed.append({"source": outcome.source, "reason": outcome.error})
            return
        setattr(self, outcome.status, getattr(self, outcome.status) + 1)
        self.pages += outcome.pages
        self.chunks.update(outcome.chunks or {})
        if outcome.kind:
            self.kinds[outcome.kind] += 1
        if outcome.losses:
            self.losses[outcome.source] = [asdict(loss) for loss in outcome.losses]
        for name, count in vars(outcome.usage).items() if outcome.usage else ():
            self.descriptions[name] = self.descriptions.get(name, 0) + count

    def price(self, price: Price | None) -> None:
        """Add what the descriptions cost, where the price of their model is known."""
        if price and self.descriptions:
            tokens_in, tokens_out = self.descriptions["tokens_in"], self.descriptions["tokens_out"]
            self.descriptions["cost"] = round((tokens_in * price.input + tokens_out * price.output) / 1e6, 6)


def main(argv: list[str] | None = None) -> int:
    """Run the command and return its exit code."""
    cli = parser()
    arguments = cli.parse_args(argv)
    redact_logs(lambda: secrets().values())
    asked = (
        arguments.list,
        arguments.remove,
        arguments.resume,
        arguments.reembed,
        arguments.describe,
        arguments.embed_pictures,
    )
    if not (arguments.sources or any(asked)):
        cli.error(
            "name at least one SOURCE, or use --list, --remove SOURCE, --resume, --reembed, --describe or --embed-pictures."
        )
    if arguments.describe and (arguments.resume or arguments.groups):
        cli.error("--describe reads nothing: leave out --resume and --groups.")
    console = Console(stderr=True, highlight=False)
    try:
        allowed = tuple(arguments.allow_host) if arguments.allow_host else None
        settings = Settings.from_env(data_dir=arguments.data_dir, allow_hosts=allowed)
        if arguments.list:
            return list_sources(settings, as_json=arguments.json)
        code = 0
        if arguments.reembed:
            code = run_reembed(settings, console, _progress(console), as_json=arguments.json and not arguments.sources)
        if arguments.remove:
            code = remove(arguments.remove, settings, console, as_json=arguments.json and not arguments.sources)
        if arguments.describe:
            code = max(code, describe_sources(arguments, settings, console))
        elif arguments.sources or arguments.resume:
            code = max(code, run(arguments, settings, console))
        if arguments.embed_pictures:
            embed_pictures(settings, console, as_json=arguments.json and not (arguments.sources or arguments.resume))
        return code
    except AssistantError as error:
        console.print(f"[red]Error:[/] {_plain(error)}")
        return 1
    except KeyboardInterrupt:
        console.print("Stopped. What was taken in stays; run the command again to go on.")
        return 130


def list_sources(settings: Settings, *, as_json: bool) -> int:
    """Print the catalog."""
    from store.catalog import Catalog

    catalog = Catalog(settings.data_dir / "catalog.sqlite")
    sources = catalog.sources()
    catalog.close()
    if as_json:
        print(json.dumps({"sources": [_listed(source) for source in sources]}, ensure_ascii=False, indent=1))
        return 0
    table = Table("Title", "Kind", "Pages", "Chunks", "Taken in", "Source", box=None, header_style="bold")
    for source in sources:
        row = (source.title, source.kind, str(source.pages), str(source.chunks), source.when[:16], source.source)
        table.add_row(*(_plain(cell) for cell in row))
    Console(highlight=False).print(
        table if sources else "The index is empty. Add something: python -m ingest SOURCE..."
    )
    return 0


def _listed(source: Source) -> dict[str, object]:
    access: dict[str, object] = {}
    if source.access.readers or source.access.owner:
        access = {"readers": list(source.access.readers) or [EVERYONE], "owner": source.access.owner}
    return {
        "source": source.source,
        "title": source.title,
        "kind": source.kind,
        "pages": source.pages,
        "chunks": source.chunks,
        "when": source.when,
        "losses": [asdict(loss) for loss in source.losses],
        **access,
    }


def remove(names: list[str], settings: Settings, console: Console, *, as_json: bool) -> int:
    """Remove sources; return 1 when one of them was not there."""
    from store.index import Index

    removed, missing = [], []
    with Index(settings) as index:
        for name in names:
            path = str(Path(name).expanduser().resolve()) if is_path(name) else name
            source = next((known for known in (name, path) if index.catalog.fingerprint(known)), None)
            if source is not None and index.remove(source):
                removed.append(source)
                console.print(f"Removed {_plain(source)}")
            else:
                missing.append(name)
                console.print(f"[red]Not in the index:[/] {_plain(name)}. `python -m ingest --list` shows what is.")
    if as_json:
        print(json.dumps({"removed": removed, "missing": missing}, ensure_ascii=False))
    return 1 if missing else 0


def embed_pictures(settings: Settings, console: Console, *, as_json: bool) -> None:
    """Embed the pictures of what is in the index.

    Raises:
        SettingsError: no image embedder is set.
    """
    from store.index import Index
    from store.spaces import PICTURES

    if not settings.image_embed_model:
        raise SettingsError("Set IMAGE_EMBED_MODEL first, e.g. IMAGE_EMBED_MODEL=clip-ViT-B-32.")
    with Index(settings) as index, _progress(console) as progress:
        task = progress.add_task("pictures", total=None, note="")
        made = index.fill(PICTURES, lambda done, total: progress.update(task, completed=done, total=total))
        pages = 0
        if settings.embeds_pages:
            task = progress.add_task("pages", total=None, note="")
            pages = index.fill_pages(lambda done, total: progress.update(task, completed=done, total=total))
    console.print(f"{made:,} figures and {pages:,} pages embedded with {_plain(settings.image_embed_model)}.")
    if as_json:
        print(json.dumps({"embedded": made, "pages": pages}))


def run(arguments: argparse.Namespace, settings: Settings, console: Console) -> int:
    """Take the sources in, with a progress bar and a summary."""
    import time

    from ingest.expand import expand
    from ingest.pipeline import ingest
    from ingest.workers import Workers
    from models.chat.usage import price_of, read_prices
    from store.index import Index

    began = time.perf_counter()
    price = price_of(settings.vision_model, read_prices(settings.chat_prices))
    sources, problems = expand(arguments.sources, include=arguments.include, exclude=arguments.exclude)
    summary = Summary()

    with Index(settings) as index, Workers(settings) as workers, _progress(console) as progress:
        left = index.jobs.left()
        if arguments.resume:
            sources = list(dict.fromkeys([*sources, *left]))
        groups = None if arguments.groups is None else arguments.groups.split(",")
        said, unclear = accesses(sources, groups)
        sources = [source for source in sources if source not in {problem.what for problem in unclear}]
        problems += unclear
        summary.failed = [{"source": problem.what, "reason": problem.why} for problem in problems]
        summary.sources = len(sources) + len(problems)
        bars = _Bars(progress, len(sources))
        try:
            with closing(ingest(index, sources, workers=workers, on_pages=bars.pages, access=said)) as outcomes:
                for outcome in outcomes:
                    summary.note(outcome)
                    bars.done(outcome.source, summary)
        except KeyboardInterrupt:
            index.jobs.cancel(sources)  # unlike a kill, this was meant
            raise
        waiting = len(set(left) - set(sources))
    if waiting:
        console.print(f"{waiting} sources of an interrupted run wait: python -m ingest --resume")
    summary.seconds = time.perf_counter() - began
    summary.price(price)
    return show_all(summary, console, as_json=arguments.json)


def describe_sources(arguments: argparse.Namespace, settings: Settings, console: Console) -> int:
    """Have pictures described that are in the index, with a progress bar and a summary; return 1 when one failed."""
    import time

    from ingest.pipeline import describe
    from models.chat.usage import price_of, read_prices
    from store.index import Index

    began = time.perf_counter()
    price = price_of(settings.vision_model, read_prices(settings.chat_prices))
    summary = Summary()
    with Index(settings) as index, _progress(console) as progress:
        known = [source.source for source in index.catalog.sources()]
        named = [one for name in arguments.sources for one in _named(name, known)] if arguments.sources else known
        summary.sources = len(named)
        bars = _Bars(progress, len(named))
        with closing(describe(index, named)) as outcomes:
            for outcome in outcomes:
                summary.note(outcome)
                bars.done(outcome.source, summary)
    summary.seconds = time.perf_counter() - began
    summary.price(price)
    return max(show_all(summary, console, as_json=arguments.json), int(summary.descriptions.get("failed", 0) > 0))


def _named(name: str, known: Sequence[str]) -> list[str]:
    """The sources that ``name`` means: one by its name or path, or all in a folder; itself where there is none."""
    path = str(Path(name).expanduser().resolve()) if is_path(name) else name
    within = [source for source in known if source.startswith(f"{path}/")] if is_path(name) else []
    return [one for one in (name, path) if one in known][:1] or within or [name]


def show_all(summary: Summary, console: Console, *, as_json: bool) -> int:
    """Print the summary for a person, and with ``as_json`` for programs; return the exit code."""
    show(summary, console)
    if as_json:
        print(json.dumps(summary.as_json(), ensure_ascii=False))
    return 1 if summary.failed else 0


class _Bars:
    """Progress bars: one for the batch and one for each source that is being read page by page."""

    def __init__(self, progress: Progress, total: int) -> None:
        self._progress = progress
        self._all = progress.add_task("sources", total=total, note="")
        self._tasks: dict[str, TaskID] = {}
        self._pages: dict[str, int] = {}

    def pages(self, source: str, done: int, total: int) -> None:
        if source not in self._tasks:
            self._tasks[source] = self._progress.add_task(_plain(Path(source).name[:32]), total=total, note="pages")
        self._progress.update(self._tasks[source], completed=done)

    def done(self, source: str, summary: Summary) -> None:
        task = self._tasks.pop(source, None)
        if task is not None:
            self._progress.remove_task(task)
        self._progress.update(self._all, advance=1, note=f"{summary.pages:,} pages, {summary.chunks.total():,} chunks")


def _progress(console: Console) -> Progress:
    return Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn("{task.fields[note]}"),
        TimeElapsedColumn(),
        TimeRemainingColumn(),
        console=console,
        transient=True,
    )


def show(summary: Summary, console: Console) -> None:
    """Print the summary for a person."""
    rate = f", {summary.pages / summary.seconds:.1f} pages/s" if summary.pages else ""
    console.print(
        f"{summary.added} added, {summary.updated} updated, {summary.unchanged} unchanged, {len(summary.failed)} failed "
        f"in {summary.seconds:.1f} s{rate}"
    )
    if summary.kinds:
        kinds = ", ".join(f"{count} {kind}" for kind, count in summary.kinds.most_common())
        chunks = ", ".join(f"{count:,} {kind}" for kind, count in summary.chunks.most_common())
        console.print(f"Sources: {kinds}. Pages: {summary.pages:,}. Chunks: {chunks}.")
    if used := summary.descriptions:
        price = f"; cost {used['cost']:.4f}" if "cost" in used else ""
        console.print(
            f"Pictures: {used['described']:,} described, {used['failed']:,} failed; {used['tokens_in']:,} tokens in, "
            f"{used['tokens_out']:,} out{price}."
        )
    for source, losses in summary.losses.items():
        console.print(f"[yellow]Lost from {_plain(source)}:[/]", soft_wrap=True)
        for loss in losses:
            console.print(f"  {_plain(loss['what'])}: {_plain(loss['why'])}", soft_wrap=True)
    for failure in summary.failed:
        console.print(f"[red]Failed:[/] {_plain(failure['source'])}: {_plain(failure['reason'])}", soft_wrap=True)


def _plain(text: object) -> str:
    """Text from outside, safe to print among rich's markup."""
    from rich.markup import escape

    return escape(str(text))


if __name__ == "__main__":
    sys.exit(main())
