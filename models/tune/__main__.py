"""python -m models.tune WHAT ... : tune a model on your own examples."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Mapping

from errors import AssistantError
from models.tune.base import Tuner
from models.tune.caption import CAPTION
from models.tune.text import EMBED, RERANK

TUNERS: dict[str, Tuner] = {
    "embed": EMBED,
    "rerank": RERANK,
    "caption": CAPTION,
}


def parser(tuners: Mapping[str, Tuner]) -> argparse.ArgumentParser:
    """Return the parser of the command line."""
    cli = argparse.ArgumentParser(
        prog="python -m models.tune",
        description="Tune a model on your own examples.",
        epilog="Exit code: 0 tuned and saved, 1 not (the reason is named), 2 wrong usage.",
    )
    kinds = cli.add_subparsers(dest="what", required=True, metavar="WHAT")
    for name, tuner in tuners.items():
        tuner.add_arguments(kinds.add_parser(name, help=tuner.summary, description=tuner.summary))
    return cli


def main(argv: list[str] | None = None) -> int:
    """Run the command and return its exit code."""
    arguments = parser(TUNERS).parse_args(argv)
    try:
        print(TUNERS[arguments.what].run(arguments))
    except AssistantError as error:
        print(f"Error: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
