"""Serve the documents to one MCP client over stdin and stdout: python -m app.mcp [--as NAME] [--data-dir DIR]."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence
from pathlib import Path

from app.quiet import QUIET
from config import Settings, secrets
from errors import AssistantError, SettingsError
from records import OPERATOR
from store.auth.users import Users
from text.redaction import redact_logs


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command until its client leaves; return 1 when the index cannot be used, 2 on wrong usage."""
    options = _parser().parse_args(arguments)
    os.environ.update(QUIET)
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
    principal = OPERATOR if user is None else Users(settings.users_path).principal(user)
    from app.assistant import Assistant
    from app.doors.mcp_server import mcp_server
    from app.doors.service import Service
    from app.logs import log_as
    from store.index import Index

    log_as(settings.log_format)
    with Index(settings) as index, Assistant(index) as assistant:
        # anew at each call, for groups may change
        acts = (lambda _: principal) if user is None else (lambda _: assistant.identity.users.principal(user))
        mcp_server(Service(assistant), acts, local=user is None).run("stdio")


if __name__ == "__main__":
    sys.exit(main())
