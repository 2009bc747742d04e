"""The reader model: spans that can be worked out, and a random model loaded and read the real way."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from tiny_text_models import save_bert

from errors import ModelError
from models import reader as module
from models.reader import Span, TransformersReader, best_span

WORDS = "the weir was built in who it".split()


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return save_bert("BertForQuestionAnswering", tmp_path_factory.mktemp("reader"), WORDS, initializer_range=1.0)


def test_the_best_span_begins_before_it_ends_and_is_not_too_long() -> None:
    starts, ends = np.array([9.0, 1.0, 2.0, 0.0]), np.array([9.0, 5.0, 1.0, 3.0])
    # 1-1: 1 + 5; 2-3: 2 + 3; 2-1 would be 7 and ends before it begins; 0 is not inside
    assert best_span(starts, ends, [False, True, True, True]) == (1, 1, 6.0)
    assert best_span(starts, ends, [False, False, True, True]) == (2, 3, 5.0)
    assert best_span(starts, ends, [False] * 4) is None
    far = np.zeros(40)
    far[0] = 1.0
    assert best_span(far, far[::-1], [True] * 40) == (0, 0, 1.0)  # 0-39 would be 2 and has 40 tokens
    assert best_span(far, np.roll(far, 29), [True] * 40) == (0, 29, 2.0)


def test_a_passage_is_read_with_what_its_own_logits_say(folder: Path) -> None:
    import torch

    reader = TransformersReader(str(folder))
    tokenizer, model = reader._loaded
    passage = "The weir was built in 1931."
    (found,) = reader.read("Who built it?", [passage])
    assert found is not None
    encoded = tokenizer("Who built it?", passage, return_offsets_mapping=True, return_tensors="pt")
    offsets = encoded.pop("offset_mapping")[0].tolist()
    with torch.inference_mode():
        logits = model(**encoded)
    starts, ends = logits.start_logits[0].tolist(), logits.end_logits[0].tolist()
    context = [at for at, one in enumerate(encoded.sequence_ids(0)) if one == 1]
    score, first, last = max((starts[i] + ends[j], i, j) for i in context for j in context if i <= j)
    assert (found.start, found.end) == (offsets[first][0], offsets[last][1])
    assert found.score == pytest.approx(score - starts[0] - ends[0], abs=1e-4)


def test_batches_and_padding_change_nothing(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    reader = TransformersReader(str(folder))
    passages = ["the weir", "", "the weir was built in 1931.", " ", "it was built in the weir was built"]
    together = reader.read("who?", passages)
    assert [one is None for one in together] == [False, True, False, True, False]
    for passage, found in zip(passages, together, strict=True):
        (alone,) = reader.read("who?", [passage])
        if found is None:
            assert alone is None
            continue
        assert alone is not None
        assert (alone.start, alone.end) == (found.start, found.end)
        assert alone.score == pytest.approx(found.score, abs=1e-3)
    monkeypatch.setattr(module, "BATCH", 1)
    assert [one and (one.start, one.end) for one in reader.read("who?", passages)] == [
        one and (one.start, one.end) for one in together
    ]
    assert reader.read("who?", []) == []


def test_a_long_passage_is_read_to_its_end_in_overlapping_windows(folder: Path) -> None:
    reader = TransformersReader(str(folder))
    passage = "the weir was built in it " * 40  # 240 tokens; 64 are read at once
    windows = list(reader._windows("who?", [passage]))
    seen = [offset for window in windows for offset, own in zip(window.offsets, window.inside, strict=True) if own]
    assert {tuple(one) for one in seen} == {
        tuple(one)
        for one in reader._loaded[0](passage, add_special_tokens=False, return_offsets_mapping=True, verbose=False)[
            "offset_mapping"
        ]
    }
    assert len(seen) > len(set(map(tuple, seen)))  # they overlap
    assert all(len(window.offsets) <= 64 for window in windows)
    logits = list(reader._read(windows))
    best = max(found[2] for window, starts, ends in logits if (found := best_span(starts, ends, window.inside)))
    none = min(starts[window.empty] + ends[window.empty] for window, starts, ends in logits)
    (found,) = reader.read("who?", [passage])
    assert isinstance(found, Span)
    assert found.score == pytest.approx(best - none)


def test_a_question_of_any_length_leaves_room_for_the_passage(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "LONGEST_QUESTION", 20)
    assert TransformersReader(str(folder)).read("who built the weir " * 50, ["the weir"])[0] is not None


def test_what_is_no_reader_is_named(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match=f"{tmp_path}.*cannot be loaded.*READER_MODEL"):
        TransformersReader(str(tmp_path)).read("who?", ["the weir"])
    save_bert("BertModel", tmp_path / "bert", WORDS)
    with pytest.raises(ModelError, match="was not trained to find answers"):
        TransformersReader(str(tmp_path / "bert")).read("who?", ["the weir"])
