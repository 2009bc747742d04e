"""Logs of the server: lines for people, or one JSON object a line for programs."""

from __future__ import annotations

import json
import logging
import sys
from datetime import UTC, datetime

from errors import SettingsError

FORMATS = ("text", "json")


class JsonLines(logging.Formatter):
    """A record as one JSON object: time (ISO 8601, UTC), level, logger, message, and where there is one the traceback."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the line."""
        line = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": record.getMessage(),
        }
        if record.exc_info:
            line["traceback"] = record.exc_text or self.formatException(record.exc_info)
        return json.dumps(line, ensure_ascii=False)


def log_as(form: str) -> None:
    """Log to stderr in the format ``form`` of ``FORMATS`` from now on; "text" leaves it to Python, which shows warnings.

    Raises:
        SettingsError: there is no such format.
    """
    if form not in FORMATS:
        raise SettingsError(f"LOG_FORMAT={form!r} is no format of logs. Choose from: {', '.join(FORMATS)}.")
    if form == "json":
        handler = logging.StreamHandler(sys.stderr)
        handler.setFormatter(JsonLines())
        root = logging.getLogger()
        root.handlers[:] = [handler]
        root.setLevel(logging.WARNING)
