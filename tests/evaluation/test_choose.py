"""The winner of an ablation."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from config import RETRIEVAL_STEPS, Settings
from errors import PackError
from evaluation.ablation import VARIANTS, Variant, single
from evaluation.choose import choose
from evaluation.results import PackResult, Report, SystemResult

KEY = "retrieval/store/page/hit@1"
NOW = Settings()


def system(name: str, values: list[float], ms: float = 10.0, **settings: Any) -> SystemResult:
    kept = {"top_k": NOW.top_k, "rrf_k": NOW.rrf_k, "code": "x", **settings}
    scores = {KEY: {f"q{n}": value for n, value in enumerate(values)}}
    return SystemResult(
        system=name, settings=kept, figures=(), values=scores, latency_ms={"total": {"p50": ms, "p95": ms}}
    )


def report(*systems: SystemResult) -> Report:
    bm25 = replace(system("bm25", [1, 1, 1, 1]), settings={"k1": 0.9})
    clusters = {f"q{n}": f"d{n}" for n in range(4)}
    pack = PackResult(
        pack="p", documents=4, passages=0, questions=4, headline=(KEY,), clusters=clusters, systems=(*systems, bm25)
    )
    return Report(packs=(pack,), about={})


def test_the_best_variant_wins_and_says_by_how_much() -> None:
    found = choose(report(system("assistant", [1, 0, 0, 0]), system("b", [1, 1, 0, 0], rrf_k=5)), NOW)
    assert (found.system, found.choices) == ("b", {"rrf_k": 5})
    assert found.difference is not None
    # one question of four got better; under the null hypothesis its sign is a coin toss, so p = 1
    assert (found.difference.difference.mean, found.difference.p_value) == (0.25, 1.0)
    assert found.sentence().startswith("Best: b (retrieval/store/page/hit@1 from 0.250 to 0.500: .250 [")


@pytest.mark.parametrize("other", [[1, 0, 0, 0], [0, 0, 0, 0]])
def test_what_is_set_stays_unless_something_is_better(other: list[float]) -> None:
    found = choose(report(system("assistant", [1, 0, 0, 0], ms=99), system("b", other, rrf_k=5)), NOW)
    assert (found.system, found.choices, found.difference) == ("assistant", {}, None)


def test_of_equals_the_fastest_wins() -> None:
    slow, fast = system("slow", [1, 1, 0, 0], 50, rrf_k=5), system("fast", [1, 0, 1, 0], 20, top_k=3)
    assert choose(report(system("assistant", [1, 0, 0, 0]), slow, fast), NOW).choices == {"top_k": 3}


def test_baselines_and_variants_by_other_means_cannot_win() -> None:
    with pytest.raises(PackError, match="nothing to choose from"):
        choose(report(system("assistant", [1, 0, 0, 0]), system("same settings", [1, 1, 1, 1])), NOW)


def test_all_packs_count_together() -> None:
    one = report(system("assistant", [1, 0, 0, 0]), system("b", [1, 1, 0, 0], rrf_k=5)).packs[0]
    other = report(system("assistant", [1, 1, 1, 1]), system("b", [0, 1, 1, 1], rrf_k=5)).packs[0]
    assert choose(Report(packs=(one, replace(other, pack="q")), about={}), NOW).choices == {}
    with pytest.raises(PackError, match="no retrieval figure"):
        choose(Report(packs=(replace(one, headline=()),), about={}), NOW)


def test_each_variant_of_the_ablation_states_the_steps_it_stands_for() -> None:
    anything: Any = None  # no question is asked
    for name, (search, different) in VARIANTS.items():
        key = "steps" if search is single else "steps beyond settings"
        settings = Variant(name, anything, NOW, anything).settings()
        assert settings[key] == different["steps"]
        assert settings["rrf_k"] == different.get("rrf_k", NOW.rrf_k)
        assert set(different["steps"]) <= set(RETRIEVAL_STEPS)
    assert {step for _, one in VARIANTS.values() for step in one["steps"]} == set(RETRIEVAL_STEPS)


def test_the_steps_of_a_variant_can_be_kept() -> None:
    found = choose(report(system("assistant", [0, 0, 0, 0]), system("b", [1, 0, 0, 0], steps=("dense",))), NOW)
    assert found.choices == {"steps": ["dense"]}
