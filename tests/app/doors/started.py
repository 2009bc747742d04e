"""The commands' servers in a process of their own, on an index with a fake embedder: python -m tests.app.doors.started
stdio|http DIR."""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))  # where the fakes are

from fakes import FakeEmbedder, chunk, put, settings_at

from app.logs import log_as
from store.index import Index


def say(what: object) -> None:
    """Tell the test that started this."""
    sys.stdout.write(f"{what}\n")
    sys.stdout.flush()


def main() -> None:
    """Serve until the client leaves, or the process is told to end."""
    kind, folder = sys.argv[1:]
    with Index(settings_at(folder, workers=1), FakeEmbedder("started")) as index:  # type: ignore[arg-type]
        text = "The heron budget of the harbour was 5 million in 2024, said the heron board."
        put(index, [chunk(text, source="/srv/heron.md", title="Heron")])
        if kind == "stdio":
            from app.mcp.__main__ import serve

            serve(index, None)
            return
        import signal

        from app.assistant import Assistant
        from app.serve import serve as serve_page
        from app.serve import web_app
        from app.socket import open_socket

        log_as("json")
        signal.signal(signal.SIGTERM, signal.default_int_handler)
        listener = open_socket("127.0.0.1", 0)
        with Assistant(index) as assistant:
            try:
                serve_page(web_app(assistant), listener, lambda: say(listener.getsockname()[1]))
            except KeyboardInterrupt:
                say("stopped")


if __name__ == "__main__":
    main()
