"""python -m ingest SOURCE... : take sources into the index, list them, remove them."""

from __future__ import annotations

import argparse
import sys
from getpass import getpass

from rich.console import Console

from config import Settings, secrets
from errors import AssistantError
from ingest.batch_commands import describe_sources, embed_pictures, run, tell_about
from ingest.catalog_commands import list_sources, remove, show_related, show_source
from ingest.options import check, parser
from ingest.reembed import run_reembed
from ingest.summary import plain, progress_on
from ingest.sync import command as syncs
from text.redaction import redact_logs


def main(argv: list[str] | None = None) -> int:
    """Run the command and return its exit code."""
    cli = parser()
    arguments = cli.parse_args(argv)
    if arguments.password == "-":
        arguments.password = getpass("Password: ") if sys.stdin.isatty() else sys.stdin.readline().rstrip("\r\n")
    redact_logs(lambda: [*secrets().values(), *filter(None, [arguments.password])])
    check(cli, arguments)
    console = Console(stderr=True, highlight=False)
    try:
        allowed = tuple(arguments.allow_host) if arguments.allow_host else None
        return _run(arguments, Settings.from_env(data_dir=arguments.data_dir, allow_hosts=allowed), console)
    except AssistantError as error:
        console.print(f"[red]Error:[/] {plain(error)}")
        return 1
    except KeyboardInterrupt:
        console.print("Stopped. What was taken in stays; run the command again to go on.")
        return 130


def _run(arguments: argparse.Namespace, settings: Settings, console: Console) -> int:
    """Do what is asked; of what can be asked together, each in its turn."""
    if syncs.is_asked(arguments):
        return syncs.run_command(arguments, settings, console)
    if arguments.list:
        return list_sources(settings, arguments.where, as_json=arguments.json)
    if arguments.show:
        return show_source(arguments.show, settings, as_json=arguments.json)
    if arguments.related:
        return show_related(arguments.related, settings, as_json=arguments.json)
    code = 0
    if arguments.reembed:
        code = run_reembed(settings, console, progress_on(console), as_json=arguments.json and not arguments.sources)
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


if __name__ == "__main__":
    sys.exit(main())
