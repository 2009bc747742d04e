"""python -m ingest SOURCE... : take sources into the index, list them, remove them."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Generator, Sequence
from contextlib import closing
from getpass import getpass
from typing import TYPE_CHECKING

from rich.console import Console
from rich.table import Table

from config import Settings, secrets
from errors import AssistantError, SettingsError
from ingest import show as shown
from ingest.connectors.address import is_path, stored_names
from ingest.connectors.sidecar import accesses
from ingest.notices import look
from ingest.reembed import run_reembed
from ingest.summary import Bars, Summary, plain, progress_on, show
from ingest.sync import command as syncs
from store.being_read import state_of
from store.notices import Notices
from text.redaction import redact_logs

if TYPE_CHECKING:
    from ingest.pipeline import Outcome
    from store.job_files import Job

MOST_RELATED = 10


def parser() -> argparse.ArgumentParser:
    """Return the parser of the command line."""
    cli = argparse.ArgumentParser(
        prog="python -m ingest",
        description="Take PDFs, Office files, mails, web pages, text and pictures into the index: docs/kinds.md.",
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
    cli.add_argument(
        "--password",
        metavar="PASSWORD",
        default="",
        help="opens encrypted PDFs among the sources; - asks for it, or reads a line of stdin. It is kept nowhere",
    )
    cli.add_argument("--list", action="store_true", help="list what is in the index")
    cli.add_argument(
        "--where", metavar="FILTER", default="", help="of --list: only these, e.g. 'date>=2024 tag=energy'"
    )
    cli.add_argument(
        "--about",
        action="store_true",
        help="tell anew what is in the index (all, or SOURCEs) is about, tags and a summary: by CHAT_MODEL where it is set",
    )
    cli.add_argument(
        "--show", metavar="SOURCE", help="show what is stored of a source: its text, cells of tables, pictures, losses"
    )
    cli.add_argument(
        "--related", metavar="SOURCE", help="list the sources that are nearest to a source by their vectors"
    )
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
    cli.add_argument(
        "--ray", metavar="ADDRESS", help="take in on the workers of a Ray cluster, which share the store: docs/scale.md"
    )
    cli.add_argument("--json", action="store_true", help="print the result as one JSON object on stdout")
    syncs.add_options(cli)
    return cli


def main(argv: list[str] | None = None) -> int:
    """Run the command and return its exit code."""
    cli = parser()
    arguments = cli.parse_args(argv)
    if arguments.password == "-":
        arguments.password = getpass("Password: ") if sys.stdin.isatty() else sys.stdin.readline().rstrip("\r\n")
    redact_logs(lambda: [*secrets().values(), *filter(None, [arguments.password])])
    asked = (
        arguments.list,
        arguments.show,
        arguments.remove,
        arguments.resume,
        arguments.reembed,
        arguments.describe,
        arguments.embed_pictures,
        arguments.about,
        arguments.related,
    )
    syncing = syncs.is_asked(arguments)
    if not (arguments.sources or syncing or any(asked)):
        cli.error(
            "name at least one SOURCE, or use --list, --show SOURCE, --remove SOURCE, --resume, --reembed, --describe, "
            "--embed-pictures or --sync NAME."
        )
    if syncing and (arguments.sources or any(asked)):
        cli.error("a sync names its place by --from: leave out other sources and actions.")
    if (arguments.place or arguments.every) and not arguments.sync:
        cli.error("--from and --every belong to --sync NAME.")
    if arguments.forget and not (arguments.sync or arguments.notice):
        cli.error("--forget belongs to --sync NAME or --notice NAME.")
    if arguments.sync and arguments.every and not arguments.place:
        cli.error("--every belongs to the definition of a sync: add --from PLACE.")
    if arguments.where and not arguments.list:
        cli.error("--where belongs to --list; questions are filtered by python -m chains --where.")
    if arguments.about and (arguments.describe or arguments.resume or arguments.groups):
        cli.error("--about reads nothing: leave out --describe, --resume and --groups.")
    if arguments.describe and (arguments.resume or arguments.groups):
        cli.error("--describe reads nothing: leave out --resume and --groups.")
    console = Console(stderr=True, highlight=False)
    try:
        allowed = tuple(arguments.allow_host) if arguments.allow_host else None
        settings = Settings.from_env(data_dir=arguments.data_dir, allow_hosts=allowed)
        if syncing:
            return syncs.run_command(arguments, settings, console)
        if arguments.list:
            return list_sources(settings, arguments.where, as_json=arguments.json)
        if arguments.show:
            return show_source(arguments.show, settings, as_json=arguments.json)
        if arguments.related:
            return show_related(arguments.related, settings, as_json=arguments.json)
        code = 0
        if arguments.reembed:
            code = run_reembed(
                settings, console, progress_on(console), as_json=arguments.json and not arguments.sources
            )
        if arguments.remove:
            code = remove(arguments.remove, settings, console, as_json=arguments.json and not arguments.sources)
        if arguments.about:
            code = max(code, tell_about(arguments, settings, console))
        elif arguments.describe:
            code = max(code, describe_sources(arguments, settings, console))
        elif arguments.sources or arguments.resume:
            code = max(code, run(arguments, settings, console))
        if arguments.embed_pictures:
            embed_pictures(settings, console, as_json=arguments.json and not (arguments.sources or arguments.resume))
        return code
    except AssistantError as error:
        console.print(f"[red]Error:[/] {plain(error)}")
        return 1
    except KeyboardInterrupt:
        console.print("Stopped. What was taken in stays; run the command again to go on.")
        return 130


def list_sources(settings: Settings, where: str = "", *, as_json: bool) -> int:
    """Print the catalog, or what of it the filter ``where`` lets through.

    Raises:
        FilterError: the filter cannot be used, or lets nothing through.
    """
    from store.catalog import Catalog
    from store.fields import matching

    with closing(Catalog(settings.data_dir / "catalog.sqlite", settings.catalog_url)) as catalog:
        sources = matching(where, catalog.sources())
    if as_json:
        print(json.dumps({"sources": [shown.listed(source) for source in sources]}, ensure_ascii=False, indent=1))
        return 0
    table = Table("Title", "Kind", "Pages", "Chunks", "Taken in", "Source", box=None, header_style="bold")
    for source in sources:
        when = state_of(source) or source.when[:16]
        row = (source.title, source.kind, str(source.pages), str(source.chunks), when, source.source)
        table.add_row(*(plain(cell) for cell in row))
    Console(highlight=False).print(
        table if sources else "The index is empty. Add something: python -m ingest SOURCE..."
    )
    return 0


def tell_about(arguments: argparse.Namespace, settings: Settings, console: Console) -> int:
    """Make tags and summaries anew of what is in the index; return 1 when one could not be made.

    Raises:
        ModelError: the chat model cannot be loaded.
    """
    from ingest.about import renew
    from models.chat import load_chat_model
    from store.index import Index

    model = load_chat_model(settings.chat_model, settings) if settings.chat_model else None
    told, failed = [], []
    with Index(settings) as index:
        known = [source.source for source in index.catalog.sources()]
        named = list(dict.fromkeys(one for name in arguments.sources for one in _named(name, known))) or known
        for source in named:
            try:
                about = renew(index, source, model)
            except AssistantError as error:
                failed.append({"source": source, "reason": str(error)})
                console.print(f"[red]Failed:[/] {plain(source)}: {plain(error)}", soft_wrap=True)
                continue
            if about is None:
                failed.append({"source": source, "reason": "It is not in the index."})
                console.print(f"[red]Not in the index:[/] {plain(source)}. `python -m ingest --list` shows what is.")
                continue
            told.append({"source": source, "tags": list(about.tags), "summary": about.summary, "author": about.author})
            console.print(f"{plain(source)}: {plain(', '.join(about.tags))}", soft_wrap=True)
    if arguments.json:
        print(json.dumps({"about": told, "failed": failed}, ensure_ascii=False))
    return 1 if failed else 0


def show_source(name: str, settings: Settings, *, as_json: bool) -> int:
    """Print what is stored of a source.

    Raises:
        SourceError: there is none of that name.
    """
    from store.assets import Assets
    from store.catalog import Catalog

    with closing(Catalog(settings.data_dir / "catalog.sqlite", settings.catalog_url)) as catalog:
        contents = shown.stored(name, catalog, Assets(settings.shared_path / "assets"))
    if as_json:
        print(json.dumps(shown.as_json(contents), ensure_ascii=False, indent=1))
    else:
        shown.show(contents, Console(highlight=False))
    return 0


def show_related(name: str, settings: Settings, *, as_json: bool) -> int:
    """Print the sources that are nearest to the source ``name``, with their cosine similarity.

    Raises:
        SourceError: there is none of that name.
    """
    from records import OPERATOR
    from store.index import Index

    with Index(settings) as index:
        source = shown.stored(name, index.catalog, index.assets).source.source
        found = index.dense.related(source, MOST_RELATED, OPERATOR)
    if as_json:
        print(
            json.dumps(
                {"source": source, "related": [{"source": one, "score": round(score, 4)} for one, score in found]}
            )
        )
        return 0
    for one, score in found:
        Console(highlight=False).print(f"{score:.2f} {plain(one)}", soft_wrap=True)
    return 0


def remove(names: list[str], settings: Settings, console: Console, *, as_json: bool) -> int:
    """Remove sources; return 1 when one of them was not there."""
    from store.index import Index

    removed, missing = [], []
    with Index(settings) as index:
        for name in names:
            source = next((known for known in stored_names(name) if index.catalog.knows(known)), None)
            if source is not None and index.remove(source):
                removed.append(source)
                console.print(f"Removed {plain(source)}")
            else:
                missing.append(name)
                console.print(f"[red]Not in the index:[/] {plain(name)}. `python -m ingest --list` shows what is.")
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
    with Index(settings) as index, progress_on(console) as progress:
        task = progress.add_task("pictures", total=None, note="")
        made = index.fill(PICTURES, lambda done, total: progress.update(task, completed=done, total=total))
        pages = 0
        if settings.embeds_pages:
            task = progress.add_task("pages", total=None, note="")
            pages = index.fill_pages(lambda done, total: progress.update(task, completed=done, total=total))
    console.print(f"{made:,} figures and {pages:,} pages embedded with {plain(settings.image_embed_model)}.")
    if as_json:
        print(json.dumps({"embedded": made, "pages": pages}))


def run(arguments: argparse.Namespace, settings: Settings, console: Console) -> int:
    """Take the sources in, with a progress bar and a summary."""
    import time

    from ingest.expand import expand, passed_over
    from ingest.on_ray import ingest_on_ray
    from ingest.pipeline import ingest
    from ingest.workers import Workers
    from models.chat.usage import price_of, read_prices
    from store.index import Index

    began = time.perf_counter()
    price = price_of(settings.vision_model, read_prices(settings.chat_prices))
    sources, problems = expand(arguments.sources, include=arguments.include, exclude=arguments.exclude)
    left_out = passed_over(arguments.sources, include=arguments.include, exclude=arguments.exclude)
    summary = Summary(passed_over=left_out)

    with Index(settings) as index, Workers(settings) as workers, progress_on(console) as progress:
        left = index.jobs.left()
        if arguments.resume:
            sources = list(dict.fromkeys([*sources, *left]))
        groups = None if arguments.groups is None else arguments.groups.split(",")
        said, unclear = accesses(sources, groups)
        sources = [source for source in sources if source not in {problem.what for problem in unclear}]
        problems += unclear
        summary.failed = [{"source": problem.what, "reason": problem.why} for problem in problems]
        summary.sources = len(sources) + len(problems)
        bars = Bars(progress, len(sources))
        began_job: Job | None = None
        try:
            begun: Generator[Outcome]
            if arguments.ray:
                began_job = index.jobs.begin(sources, said)  # so that --resume goes on when this program is killed
                begun = ingest_on_ray(
                    settings, sources, address=arguments.ray, access=said, password=arguments.password
                )
            else:
                begun = ingest(
                    index, sources, workers=workers, on_pages=bars.pages, access=said, password=arguments.password
                )
            with closing(begun) as outcomes:
                for outcome in outcomes:
                    summary.note(outcome)
                    bars.done(outcome.source, summary)
        except KeyboardInterrupt:
            index.jobs.cancel(sources)  # unlike a kill, this was meant
            raise
        finally:
            if began_job is not None:
                index.jobs.end(began_job)
        waiting = len(set(left) - set(sources))
        look(index, Notices(index.folder))
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
    with Index(settings) as index, progress_on(console) as progress:
        known = [source.source for source in index.catalog.sources()]
        named = [one for name in arguments.sources for one in _named(name, known)] if arguments.sources else known
        summary.sources = len(named)
        bars = Bars(progress, len(named))
        with closing(describe(index, named)) as outcomes:
            for outcome in outcomes:
                summary.note(outcome)
                bars.done(outcome.source, summary)
    summary.seconds = time.perf_counter() - began
    summary.price(price)
    return max(show_all(summary, console, as_json=arguments.json), int(summary.descriptions.get("failed", 0) > 0))


def _named(name: str, known: Sequence[str]) -> list[str]:
    """The sources that ``name`` means: one by its name or path, or all in a folder; itself where there is none."""
    names = stored_names(name)
    within = [source for source in known if source.startswith(f"{names[-1]}/")] if is_path(name) else []
    return [one for one in names if one in known][:1] or within or [name]


def show_all(summary: Summary, console: Console, *, as_json: bool) -> int:
    """Print the summary for a person, and with ``as_json`` for programs; return the exit code."""
    show(summary, console)
    if as_json:
        print(json.dumps(summary.as_json(), ensure_ascii=False))
    return 1 if summary.failed else 0


if __name__ == "__main__":
    sys.exit(main())
