"""Tracking of a run in MLflow (optional): ``python -m evaluation PACK --mlflow URI``.

An MLflow run a pack: settings as parameters, the means of all systems with their intervals as metrics, and the report
files as artifacts. ``URI`` is what MLflow takes: a server (``http://host:5000``) or a database (``sqlite:///runs.db``).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from errors import PackError
from evaluation.results import PackResult, Report

EXPERIMENT = "document-assistant"
MAX_VALUE = 500  # characters of a parameter that every MLflow server takes
_NOT_IN_NAMES = re.compile(r"[^\w\-. /]+")


def log_to_mlflow(report: Report, uri: str, files: Sequence[Path] = ()) -> None:
    """Log every pack of ``report``.

    Raises:
        PackError: MLflow is not installed, or the server does not take the run.
    """
    mlflow = load_mlflow()
    try:
        mlflow.set_tracking_uri(uri)
        mlflow.set_experiment(EXPERIMENT)
        for pack in report.packs:
            with mlflow.start_run(run_name=pack.pack):
                mlflow.log_params({name: str(value)[:MAX_VALUE] for name, value in _parameters(report, pack)})
                mlflow.log_metrics(dict(_metrics(pack)))
                for file in files:
                    mlflow.log_artifact(str(file))
    except (mlflow.exceptions.MlflowException, OSError) as error:
        raise PackError(f"MLflow at {uri} did not take the run: {error}") from error


def load_mlflow() -> Any:
    """Import the library.

    Raises:
        PackError: it is not installed.
    """
    try:
        import mlflow
        import mlflow.exceptions
    except ModuleNotFoundError as error:
        if error.name and error.name.partition(".")[0] != "mlflow":
            raise
        raise PackError("--mlflow needs MLflow: pip install mlflow (mlflow-skinny does for a server)") from error
    return mlflow


def _parameters(report: Report, pack: PackResult) -> Iterator[tuple[str, object]]:
    settings = report.about.get("settings", {})
    yield from settings.items()
    yield from ((name, value) for name, value in report.about.items() if not isinstance(value, dict))
    yield from ((f"version of {name}", value) for name, value in report.about.get("versions", {}).items())
    yield from (("pack", pack.pack), ("questions", pack.questions), ("documents", pack.documents))


def _metrics(pack: PackResult) -> Iterator[tuple[str, float]]:
    """Names like "assistant/retrieval/store/page/hit at 1"; the bounds of intervals end in "low" and "high"."""
    for system in pack.systems:
        for figure in (one for one in system.figures if one.group == "all"):
            name = metric_name(f"{system.system}/{figure.key}")
            yield name, figure.estimate.mean
            if figure.estimate.low is not None and figure.estimate.high is not None:
                yield f"{name} low", figure.estimate.low
                yield f"{name} high", figure.estimate.high
        for stage, spent in system.latency_ms.items():
            yield metric_name(f"{system.system}/ms/{stage} p50"), spent["p50"]
    yield from ((metric_name(f"cost/{name}"), value) for name, value in pack.cost.items())


def metric_name(text: str) -> str:
    """Return ``text`` with the characters alone that MLflow allows in names, and no empty part.

    >>> metric_name("hybrid (RRF)/answers/store//f1")
    'hybrid RRF/answers/store/f1'
    """
    plain = _NOT_IN_NAMES.sub(" ", text.replace("@", " at ").replace("+", " and "))
    return "/".join(" ".join(part.split()) for part in plain.split("/") if part.strip())
