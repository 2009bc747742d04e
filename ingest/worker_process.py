"""What a worker process does before its first task."""

from __future__ import annotations

import contextlib
import logging
import os
import resource
import signal
import sys
import time
from multiprocessing.connection import Connection
from threading import Thread

from ingest.onnx_options import worker_options
from ingest.page_progress import tell_to


def prepare_process(memory_mb: int, progress: Connection[bytes, bytes]) -> None:
    """Limit a worker's memory, and let it tell of its pages. Workers share few cores with each other and with the embedder;
    and Ctrl-C is the parent's to handle."""
    import onnxruntime

    tell_to(progress)
    onnxruntime.SessionOptions = worker_options(onnxruntime.SessionOptions)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    if memory_mb:
        with contextlib.suppress(ValueError, OSError):  # a lower limit is set already, or the system knows none
            resource.setrlimit(resource.RLIMIT_AS, (memory_mb * 1_000_000, memory_mb * 1_000_000))
    Thread(target=_end_with, args=(os.getppid(),), name="watch", daemon=True).start()
    os.nice(5)  # a page that answers questions meanwhile comes first
    logging.disable(logging.WARNING)
    sys.stdout = open(os.devnull, "w")  # noqa: SIM115, PTH123  libraries print; stdout belongs to the command


def _end_with(parent: int) -> None:
    """End this worker soon after the program that it works for was killed; it must not store assets nobody waits for."""
    while os.getppid() == parent:
        time.sleep(0.1)
    os._exit(1)
