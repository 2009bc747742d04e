"""python -m models COMMAND ... : look after the models that the settings name."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable
from typing import NamedTuple

from config import secrets
from errors import AssistantError
from models import check_command, fetch
from text.redaction import redact_logs


class Command(NamedTuple):
    """A command: what it does, what it takes, and its work, which says lines and returns the exit code."""

    summary: str
    add_arguments: Callable[[argparse.ArgumentParser], None]
    run: Callable[[argparse.Namespace, Callable[[str], None]], int]


COMMANDS: dict[str, Command] = {
    "check": Command("try every configured model", check_command.add_arguments, check_command.run),
    "fetch": Command("fetch recommended models from the hub", fetch.add_arguments, fetch.run),
}


def main(argv: list[str] | None = None) -> int:
    """Run a command and return its exit code."""
    cli = argparse.ArgumentParser(prog="python -m models", description="Look after the models that the settings name.")
    commands = cli.add_subparsers(dest="command", required=True, metavar="COMMAND")
    for name, command in COMMANDS.items():
        command.add_arguments(commands.add_parser(name, help=command.summary, description=command.summary))
    arguments = cli.parse_args(argv)
    redact_logs(lambda: secrets().values())
    try:
        return COMMANDS[arguments.command].run(arguments, print)
    except AssistantError as error:
        print(f"Error: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130


if __name__ == "__main__":
    sys.exit(main())
