"""What ``python -m models.tune`` needs to know of each kind of model."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Tuner:
    """One kind of model that can be tuned: an entry of ``models.tune.__main__.TUNERS``."""

    summary: str  # a line for --help
    add_arguments: Callable[[argparse.ArgumentParser], None]
    run: Callable[[argparse.Namespace], str]  # tunes, and returns what to do with the result
