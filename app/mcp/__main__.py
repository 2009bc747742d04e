"""Serve the documents to one MCP client over stdin and stdout: python -m app.mcp [--as NAME] [--data-dir DIR]."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from app.no_telemetry import NO_TELEMETRY
from config import Settings, secrets
from errors import AssistantError, SettingsError
from records import OPERATOR, Principal
from store.auth.users import Users
from text.redaction import redact_logs

if TYPE_CHECKING:
    from store.index import Index


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command until its client leaves; return 1 when the index cannot be used, 2 on wrong usage."""
    options = _parser().parse_args(arguments)
    os.environ.update(NO_TELEMETRY)
    redact_logs(lambda: secrets().values())
    try:
        allowed = tuple(options.allow_host) if options.allow_host else None
        _run(Settings.from_env(data_dir=options.data_dir, allow_hosts=allowed), options.user)
    except SettingsError as error:
        print(f"app.mcp: {error}", file=sys.stderr)
        return 2
    except AssistantError as error:
        print(f"app.mcp: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        pass
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m app.mcp", description="Serves the documents to an MCP client.")
    parser.add_argument("--data-dir", type=Path, metavar="DIR", help="where the index lies (default: data/var)")
    parser.add_argument(
        "--as", dest="user", metavar="NAME", help="act for this user (default: for whoever runs the commands)"
    )
    parser.add_argument(
        "--allow-host", action="append", metavar="HOST[:PORT]", help="read links on this host although it is not public"
    )
    return parser


def _run(settings: Settings, user: str | None) -> None:
    if user is not None:
        Users(settings.users_path).principal(user)  # a wrong name is told before anything is opened
    from app.logs import log_as
    from store.index import Index

    log_as(settings.log_format)
    with Index(settings) as index:
        serve(index, user)


def serve(index: Index, user: str | None) -> None:
    """Serve ``index`` over stdin and stdout until the client leaves, for ``user`` or whoever runs the commands."""
    from app.assistant import Assistant
    from app.doors.mcp_server import mcp_server
    from app.doors.service import Service

    with Assistant(index) as assistant:
        users = assistant.identity.users

        def principal(_: object) -> Principal:
            return OPERATOR if user is None else users.principal(user)  # at each call, for groups may change

        mcp_server(Service(assistant), principal, local=user is None).run("stdio")


if __name__ == "__main__":
    sys.exit(main())
