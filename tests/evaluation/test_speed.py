"""The command that measures speed: its stores, its table and its plot."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from errors import PackError
from evaluation.packs import Passage
from evaluation.speed import Cost, main, table
from evaluation.speed_ingest import Rate
from evaluation.speed_store import CHUNKS_A_SOURCE, CLOSED, PARAGRAPH, HashedWords, Texts, opened
from records import GUEST


def pack_at(folder: Path) -> Path:
    (folder / "documents").mkdir(parents=True)
    row = {"id": "p", "title": "Weir", "text": "In 1931 the mill of Anders burned, said Berta."}
    (folder / "documents" / "corpus.jsonl").write_text(json.dumps(row) + "\n")
    asked = {"id": "q", "question": "Who said so?", "answer": "Berta", "evidence": [{"source": "p"}]}
    (folder / "questions.jsonl").write_text(json.dumps(asked) + "\n")
    return folder


def test_texts_keep_their_words_and_vary_names_and_numbers(tmp_path: Path) -> None:
    texts = Texts.of([pack_at(tmp_path / "pack")])
    assert texts.names == ("Anders", "Berta")
    first, again = ([chunk.text for new in texts.sources(0, 3) for chunk in new.chunks] for _ in range(2))
    assert first == again and len(first) == 3 * CHUNKS_A_SOURCE and len(set(first)) > CHUNKS_A_SOURCE
    assert all("mill of" in text and text.startswith("In ") for text in first)


def test_each_passage_is_asked_of_once_before_any_comes_again() -> None:
    texts = Texts(tuple(Passage(id=word, title="", text=word) for word in ("weir", "mill", "roof")), ("Berta",))
    asked = texts.questions(5)
    assert sorted(asked[:3]) == ["mill?", "roof?", "weir?"] and asked[3:] == asked[:2]


def test_words_in_common_are_nearness() -> None:
    weir, same, other = HashedWords().embed_documents(["the weir burned", "weir burned", "roofs lost power"])
    assert sum(a * b for a, b in zip(weir, same, strict=True)) == pytest.approx(1.0)
    assert abs(sum(a * b for a, b in zip(weir, other, strict=True))) < 0.3


def test_the_table_has_medians_and_ratios_round_by_round() -> None:
    cost = Cost(1000, ours=((2.0, 4.0, 6.0), (8.0, 8.0, 8.0)), usual=((2.0, 2.0, 2.0), (1.0, 2.0, 3.0)))
    lines = table([cost], [Rate("ingestion, pages/s", (2.0, 3.0), (4.0, 2.0))]).splitlines()
    assert lines[2].endswith("| 6 (4-8) | 2 (2-2) | 3 (2-4) |")  # medians 4 and 8, against 2 and 2
    assert lines[-1] == "| ingestion, pages/s | 2.5 (2-3) | 3 (2-4) | 1 (0.5-1.5) |"


def test_sub_questions_at_once_are_compared_with_one_of_them() -> None:
    cost = Cost(1000, ours=((2.0, 4.0, 6.0),), usual=((1.0, 1.0, 1.0),), together=((6.0,),))
    assert table([cost], []).splitlines()[-1].endswith("against one of them | 6 (6-6) | 4 (4-4) | 1.5 (1.5-1.5) |")


def test_half_of_a_store_is_closed_and_the_command_measures_it(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    pack, plot = pack_at(tmp_path / "pack"), tmp_path / "speed.svg"
    arguments = ["--sizes", "20", "--packs", str(pack), "--questions", "2", "--rounds", "1", "--writes"]
    assert main([*arguments, "--folder", str(tmp_path / "stores"), "--plot", str(plot)]) == 0
    assert "| a question at 20 chunks, ms, p50" in capsys.readouterr().out
    assert plot.read_text().startswith("<svg")
    with opened(tmp_path / "stores" / "20", 20, Texts.of([pack]), lambda _: None) as index:
        assert [one.access for one in index.catalog.sources()][1::2] == [CLOSED, CLOSED]
        assert len(index.documents.sources(GUEST)) == 2


def test_without_a_pack_our_documentation_fills_the_stores(tmp_path: Path) -> None:
    texts = Texts.of_documentation()
    assert {one.title for one in texts.passages} >= {"RELIABILITY", "scale"}
    assert min(len(one.text) for one in texts.passages) >= PARAGRAPH
    assert len(texts.questions(8)) == 8
    with pytest.raises(PackError, match="--packs"):
        Texts.of_documentation(tmp_path)
