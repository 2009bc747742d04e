"""Conversations: rewrites against a person's, in a pack without documents."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from errors import PackError
from evaluation.__main__ import main
from evaluation.conversations import rouge1
from evaluation.fit_condense import Example, logistic
from evaluation.load import load_pack


def turn(id_: str, question: str, standalone: str, *earlier: str, rival: str = "") -> dict[str, object]:
    history = [{"role": "user", "text": one} for one in earlier]
    kind = "standalone" if question == standalone else "follow-up"
    known = {"conversation": id_[0], "rival": rival, "evidence": [], "answer": ""}
    return {"id": id_, "question": question, "standalone": standalone, "history": history, "kind": kind, **known}


def write(folder: Path, *rows: dict[str, object]) -> Path:
    folder.mkdir()
    (folder / "questions.jsonl").write_text("\n".join(map(json.dumps, rows)))
    return folder


def test_words_are_counted_as_multisets() -> None:
    assert rouge1("the weir the weir", "The weir, of Aldra.") == (0.5, 0.5)
    assert rouge1("", "weir") == (0.0, 0.0)


def test_a_pack_of_conversations_is_measured(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    first, gold = "When was the weir built?", "Who runs the weir?"
    pack = write(tmp_path / "talk", turn("a1", first, first), turn("a2", "Who runs it?", gold, first, rival="Who?"))
    assert load_pack(pack).questions[1].cluster == "a"
    out = tmp_path / "out.json"
    assert main([str(pack), "--data-dir", str(tmp_path / "data"), "--json", str(out)]) == 0
    (found,) = json.loads(out.read_text())["packs"]
    means = {one["system"]: [f["estimate"]["mean"] for f in one["figures"]] for one in found["systems"]}
    assert means["assistant"] == [1.0, 1.0, 1.0]
    assert means["unchanged"] == [1.0, 0.5, pytest.approx(2 / 3)]
    assert means["baseline"] == [0.25, 1.0]
    assert "| unchanged | 1.000 | .500 | .667 |" in capsys.readouterr().out


def test_other_packs_still_need_documents(tmp_path: Path) -> None:
    row = {"id": "1", "question": "Who?", "answer": "Ada", "evidence": []}
    with pytest.raises(PackError, match="no folder documents"):
        load_pack(write(tmp_path / "plain", row))


def test_what_tells_right_from_wrong_gets_the_weight() -> None:
    examples = [Example({"told": float(right), "same": 1.0}, right) for right in (True, False)] * 4
    weights = logistic(examples, 1.0)
    assert weights["told"] > 0
    assert weights["same"] == 0
