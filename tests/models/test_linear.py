"""Linear models kept in a file."""

from __future__ import annotations

import json
import math
import os
from pathlib import Path

import pytest

from errors import SettingsError
from models.linear import LinearModel, load_linear_model


def test_what_is_saved_is_loaded(tmp_path: Path) -> None:
    model = LinearModel({"title": 2.0, "bm25": 0.5, "rank": -3.0}, bias=0.25, made_by="hand", thresholds={"shown": 0.2})
    model.save(tmp_path / "some" / "weights.json")
    assert load_linear_model(tmp_path / "some" / "weights.json") == model


def test_the_file_can_be_read_as_a_table(tmp_path: Path) -> None:
    """The weightiest first, four places, without what counts nothing."""
    LinearModel({"small": 0.00004, "some": 0.123456, "most": -3.0}).save(tmp_path / "weights.json")
    stored = json.loads((tmp_path / "weights.json").read_text(encoding="utf-8"))
    assert list(stored["weights"].items()) == [("most", -3.0), ("some", 0.1235)]


def test_a_vector_is_in_the_order_asked_for() -> None:
    assert LinearModel({"a": 1.0, "b": 2.0}).vector(["b", "new", "a"]).tolist() == [2.0, 0.0, 1.0]


def test_a_probability_is_the_logistic_function_of_the_weighted_sum() -> None:
    model = LinearModel({"a": 2.0, "b": -1.0}, bias=0.5)
    assert model.probability({"a": 0.5, "b": 1.5, "new": 9.0}) == 0.5  # 0.5 + 1 - 1.5 = 0
    assert model.probability({"a": 1.0}) == pytest.approx(1 / (1 + math.exp(-2.5)))
    assert model.probability({"a": -1e9}) == pytest.approx(0.0)  # without an overflow


def test_a_file_that_changes_is_read_again(tmp_path: Path) -> None:
    path = tmp_path / "weights.json"
    LinearModel({"a": 1.0}).save(path)
    os.utime(path, ns=(0, 1_000))
    assert load_linear_model(path).weights == {"a": 1.0}
    LinearModel({"a": 2.0}).save(path)
    os.utime(path, ns=(0, 2_000))
    assert load_linear_model(path).weights == {"a": 2.0}


@pytest.mark.parametrize("content", ["", "{", "[1, 2]", "{}", '{"weights": [1]}', '{"weights": {"a": "many"}}', "null"])
def test_a_file_that_cannot_be_used_is_named_with_what_to_do(tmp_path: Path, content: str) -> None:
    path = tmp_path / "weights.json"
    path.write_text(content, encoding="utf-8")
    with pytest.raises(SettingsError, match=r"weights\.json holds no weights.*--fit"):
        load_linear_model(path)


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match=r"none\.json holds no weights"):
        load_linear_model(tmp_path / "none.json")
