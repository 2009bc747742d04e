"""Loading models without what their packages print: the error that is raised says it, once, with the way out."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager

# that the hub cannot be reached, tried again and again, and then that a revision could not be resolved
_LOGGERS = ("sentence_transformers.util.file_io", "huggingface_hub.utils._http")


@contextmanager
def quietly() -> Iterator[None]:
    """Load a model of transformers or sentence-transformers without progress bars, and without warnings of the hub."""
    from transformers.utils import logging as of_transformers

    of_transformers.disable_progress_bar()  # type: ignore[no-untyped-call]
    loggers = [logging.getLogger(name) for name in _LOGGERS]
    for logger in loggers:
        logger.addFilter(_is_error)
    try:
        yield
    finally:
        for logger in loggers:
            logger.removeFilter(_is_error)


def _is_error(record: logging.LogRecord) -> bool:
    return record.levelno >= logging.ERROR
