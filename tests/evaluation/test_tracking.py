"""What goes to MLflow, shown by a stand-in that notes what it is told."""

from __future__ import annotations

import sys
from contextlib import contextmanager
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from errors import PackError
from evaluation.results import PackResult, Report, SystemResult
from evaluation.scoring import Figure
from evaluation.statistics import Estimate
from evaluation.tracking import log_to_mlflow, metric_name

HIT = Figure(
    part="retrieval", within="store", level="page", group="all", metric="hit@1", estimate=Estimate(0.5, 0.25, 0.75, 4, 2)
)  # fmt: skip
F1 = Figure(
    part="answers", within="store", level="", group="all", metric="f1", estimate=Estimate(0.1, None, None, 4, 1)
)
SYSTEM = SystemResult(
    system="hybrid (RRF)", settings={}, figures=(HIT, F1), values={}, latency_ms={"total": {"p50": 12.0, "p95": 20.0}}
)
PACK = PackResult(
    pack="mine", documents=2, passages=0, questions=4, headline=(), clusters={}, systems=(SYSTEM,),
    cost={"disk_bytes": 100.0},
)  # fmt: skip
REPORT = Report(packs=(PACK,), about={"seed": 3, "settings": {"top_k": 10}, "versions": {"torch": "2"}})


class Refused(Exception):
    """Stands for mlflow.exceptions.MlflowException."""


@pytest.fixture
def told(monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    logged: dict[str, Any] = {"artifacts": []}
    module, exceptions = ModuleType("mlflow"), ModuleType("mlflow.exceptions")

    @contextmanager
    def start_run(run_name: str) -> Any:
        logged["run"] = run_name
        yield

    def set_tracking_uri(uri: str) -> None:
        if uri == "http://nowhere":
            raise Refused("no such host")
        logged["uri"] = uri

    functions: dict[str, Any] = {
        "set_tracking_uri": set_tracking_uri,
        "set_experiment": lambda name: logged.update(experiment=name),
        "start_run": start_run,
        "log_params": lambda values: logged.update(params=values),
        "log_metrics": lambda values: logged.update(metrics=values),
        "log_artifact": lambda path: logged["artifacts"].append(path),
        "exceptions": exceptions,
    }
    for name, value in functions.items():
        setattr(module, name, value)
    exceptions.MlflowException = Refused  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "mlflow", module)
    monkeypatch.setitem(sys.modules, "mlflow.exceptions", exceptions)
    return logged


def test_a_run_with_its_figures(told: dict[str, Any]) -> None:
    log_to_mlflow(REPORT, "sqlite:///x.db", [Path("a.json")])
    assert (told["uri"], told["run"], told["artifacts"]) == ("sqlite:///x.db", "mine", ["a.json"])
    assert told["metrics"] == {
        "hybrid RRF/retrieval/store/page/hit at 1": 0.5,
        "hybrid RRF/retrieval/store/page/hit at 1 low": 0.25,
        "hybrid RRF/retrieval/store/page/hit at 1 high": 0.75,
        "hybrid RRF/answers/store/f1": 0.1,
        "hybrid RRF/ms/total p50": 12.0,
        "cost/disk_bytes": 100.0,
    }
    assert told["params"]["top_k"] == "10" and told["params"]["seed"] == "3"
    assert told["params"]["version of torch"] == "2" and told["params"]["pack"] == "mine"


def test_a_server_that_refuses_is_named(told: dict[str, Any]) -> None:
    with pytest.raises(PackError, match="http://nowhere did not take the run: no such host"):
        log_to_mlflow(REPORT, "http://nowhere")


def test_a_missing_mlflow_is_said_with_the_way_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "mlflow", None)
    with pytest.raises(PackError, match="pip install mlflow"):
        log_to_mlflow(REPORT, "sqlite:///x.db")


def test_no_two_names_fall_together() -> None:
    names = ["a + b/x@1", "a (b)/x@1", "a b/x@10", "a: b/y//z"]
    assert [metric_name(name) for name in names] == ["a and b/x at 1", "a b/x at 1", "a b/x at 10", "a b/y/z"]
