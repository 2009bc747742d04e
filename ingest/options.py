"""The command line of python -m ingest: its options, and which of them belong together."""

from __future__ import annotations

import argparse

from ingest.sync import command as syncs

_ACTIONS = ("list", "show", "remove", "resume", "reembed", "describe", "embed_pictures", "about", "related")


def parser() -> argparse.ArgumentParser:
    """Return the parser of the command line."""
    cli = argparse.ArgumentParser(
        prog="python -m ingest",
        description="Take PDFs, Office files, mails, web pages, text and pictures into the index: docs/kinds.md.",
        epilog="Exit code: 0 all sources are in, 1 some failed (each is named with its reason), 2 wrong usage.",
    )
    cli.add_argument("sources", nargs="*", metavar="SOURCE", help="a file, a folder, an http(s) URL, or @list.txt")
    cli.add_argument("--data-dir", metavar="DIR", help="where the index lives (default: data/var)")
    _add_sources(cli)
    _add_index(cli)
    cli.add_argument("--json", action="store_true", help="print the result as one JSON object on stdout")
    syncs.add_options(cli)
    return cli


def _add_sources(cli: argparse.ArgumentParser) -> None:
    """Add what says how sources are taken in."""
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
    cli.add_argument("--resume", action="store_true", help="take in what an earlier run was killed over")
    cli.add_argument(
        "--ray", metavar="ADDRESS", help="take in on the workers of a Ray cluster, which share the store: docs/scale.md"
    )


def _add_index(cli: argparse.ArgumentParser) -> None:
    """Add what is done with sources that are in the index."""
    cli.add_argument("--list", action="store_true", help="list what is in the index")
    cli.add_argument(
        "--where", metavar="FILTER", default="", help="of --list: only these, e.g. 'date>=2024 tag=energy'"
    )
    cli.add_argument(
        "--show", metavar="SOURCE", help="show what is stored of a source: its text, cells of tables, pictures, losses"
    )
    cli.add_argument(
        "--related", metavar="SOURCE", help="list the sources that are nearest to a source by their vectors"
    )
    cli.add_argument("--remove", action="append", default=[], metavar="SOURCE", help="remove a source from the index")
    cli.add_argument(
        "--about",
        action="store_true",
        help="tell anew what is in the index (all, or SOURCEs) is about, tags and a summary: by CHAT_MODEL where it is set",
    )
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


def check(cli: argparse.ArgumentParser, arguments: argparse.Namespace) -> None:
    """End the program with a message and exit code 2 where ``arguments`` do not belong together, or ask for nothing."""
    asked = any(getattr(arguments, action) for action in _ACTIONS)
    syncing = syncs.is_asked(arguments)
    if not (arguments.sources or syncing or asked):
        cli.error(
            "name at least one SOURCE, or use --list, --show SOURCE, --remove SOURCE, --resume, --reembed, --describe, "
            "--embed-pictures or --sync NAME."
        )
    if syncing and (arguments.sources or asked):
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
