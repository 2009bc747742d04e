"""Serve the page: python -m app [--host HOST] [--port PORT] [--data-dir DIR] [--samples FOLDER]."""

from __future__ import annotations

import argparse
import os
import signal
import sys
from collections.abc import Sequence
from pathlib import Path

from app.no_telemetry import NO_TELEMETRY
from config import Settings, secrets
from errors import AssistantError, SettingsError
from records import OPERATOR
from text.redaction import redact_logs


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command; return 0 after Ctrl-C, 1 when the index cannot be used, 2 on wrong usage or a port that is taken."""
    options = _parser().parse_args(arguments)
    os.environ.update(NO_TELEMETRY)
    redact_logs(lambda: secrets().values())
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # ends as Ctrl-C does: the index is closed
    try:
        allowed = tuple(options.allow_host) if options.allow_host else None
        settings = Settings.from_env(data_dir=options.data_dir, allow_hosts=allowed)
        _run(settings, options)
    except SettingsError as error:
        print(f"app: {error}", file=sys.stderr)
        return 2
    except AssistantError as error:
        print(f"app: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        pass
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m app", description="Serves the page on which documents are asked.")
    parser.add_argument("--host", default="127.0.0.1", help="address to listen on (default: this machine only)")
    parser.add_argument("--port", type=int, default=7860, help="port to listen on; 0 takes a free one (default: 7860)")
    parser.add_argument("--data-dir", type=Path, metavar="DIR", help="where the index lies (default: data/var)")
    parser.add_argument(
        "--open-to-all",
        action="store_true",
        help="serve on another address than loopback although nobody has to log in",
    )
    parser.add_argument(
        "--public-name",
        action="append",
        default=[],
        metavar="NAME",
        help="a name by which browsers call this page through a proxy",
    )
    parser.add_argument(
        "--allow-host",
        action="append",
        metavar="HOST[:PORT]",
        help="read links on this host although it is no public address (this machine, a private network)",
    )
    parser.add_argument("--samples", type=Path, metavar="FOLDER", help="ingested first when the index is empty")
    return parser


def _run(settings: Settings, options: argparse.Namespace) -> None:
    import socket

    from app.logs import log_as
    from app.security.identity import Identity
    from app.security.request_filter import check_exposure, host_names
    from app.socket import open_socket

    log_as(settings.log_format)
    identity = Identity(settings, options.host)
    check_exposure(options.host, open_to_all=options.open_to_all, auth_enabled=identity.enabled)
    samples: Path | None = options.samples
    names = host_names(options.host, tuple(options.public_name))
    server_socket = open_socket(options.host, options.port)
    host, port = server_socket.getsockname()[:2]
    address = f"[{host}]:{port}" if server_socket.family == socket.AF_INET6 else f"{host}:{port}"
    from store.index import Index

    with Index(settings) as index:
        if samples is not None and not index.documents.sources(OPERATOR):
            from app.samples import ingest_samples

            ingest_samples(index, samples, lambda line: print(line, flush=True))
        from app.assistant import Assistant
        from app.serve import serve, web_app

        def ready() -> None:
            print(f"Serving on http://{address} (Ctrl-C stops)", flush=True)
            assistant.warm_up()
            if batch := assistant.ingestion.resume():
                print(f"Resuming {len(batch.sources)} sources that were being added", flush=True)

        with Assistant(index, identity=identity) as assistant:
            serve(web_app(assistant, names), server_socket, ready)


if __name__ == "__main__":
    sys.exit(main())
