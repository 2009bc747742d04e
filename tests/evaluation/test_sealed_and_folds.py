"""Packs of which nobody reads more than sums, and the two halves of the others."""

from __future__ import annotations

import hashlib
import json
from dataclasses import replace
from pathlib import Path

from evaluation.evaluate import sums_alone
from evaluation.load import load_pack
from evaluation.packs import Question, fold_of
from evaluation.results import PackResult, SystemResult
from evaluation.runs import Run
from evaluation.systems import Reply


def written(folder: Path, questions: int = 40) -> Path:
    """A pack of as many documents as questions."""
    (folder / "documents").mkdir(parents=True)
    lines = []
    for n in range(questions):
        (folder / "documents" / f"{n}.md").write_text(f"# {n}\n\nThe weir has {n} gates.\n", encoding="utf-8")
        evidence = [{"source": f"{n}.md"}]
        lines.append(json.dumps({"id": str(n), "question": f"Gates of {n}?", "answer": str(n), "evidence": evidence}))
    (folder / "questions.jsonl").write_text("\n".join(lines) + "\n", encoding="utf-8")
    return folder


def test_the_folds_of_a_pack_share_no_document_and_leave_none_out(tmp_path: Path) -> None:
    pack = load_pack(written(tmp_path / "pack"))
    tune, check = ({one.document for one in pack.fold(name).questions} for name in ("tune", "check"))
    assert tune & check == set()
    assert tune | check == {one.document for one in pack.questions}
    assert tune and check
    cluster = pack.questions[0].cluster
    even = int(hashlib.sha256(cluster.encode()).hexdigest(), 16) % 2 == 0
    assert fold_of(cluster) == ("tune" if even else "check")


def test_a_file_in_the_pack_or_beside_it_seals_it(tmp_path: Path) -> None:
    assert not load_pack(written(tmp_path / "a" / "pack")).sealed
    sealed = written(tmp_path / "b" / "pack")
    (sealed / "SEALED").touch()
    assert load_pack(sealed).sealed
    (tmp_path / "a" / "SEALED").touch()
    assert load_pack(tmp_path / "a" / "pack").sealed


def test_of_a_sealed_pack_nothing_of_one_question_is_kept() -> None:
    system = SystemResult(
        system="assistant",
        settings={"top_k": 10},
        figures=(),
        values={"answers/store//f1": {"q1": 0.5}},
        latency_ms={"total": {"p50": 1.0}},
        confidence={"q1": 0.7},
    )
    result = PackResult(
        pack="p",
        documents=2,
        passages=0,
        questions=1,
        headline=(),
        clusters={"q1": "a.pdf"},
        systems=(system,),
        failed=("a.pdf: broken",),
    )
    kept = sums_alone(result)
    assert "q1" not in repr(kept)
    assert "a.pdf" not in repr(kept)
    assert kept.failed == ("1 documents, which are not named",)
    assert kept.systems == (replace(system, values={}, confidence={}),)


class Echo:
    """Finds nothing, and counts how often it was asked."""

    name = "echo"

    def __init__(self) -> None:
        self.asked = 0

    def settings(self) -> dict[str, int]:
        return {}

    def ask(self, question: str, documents: object) -> Reply:
        self.asked += 1
        return Reply(locations=())


def test_replies_of_a_sealed_pack_leave_no_file(tmp_path: Path) -> None:
    echo, questions = Echo(), [Question(id="1", text="Why?", query="Why?")]
    for times in (1, 2):
        assert list(Run(tmp_path / "runs", echo, "c", kept=False).ask(questions, "store")) == ["1"]
        assert echo.asked == times
    assert list(tmp_path.iterdir()) == []
