"""Pictures as questions, measured on drawn ones."""

from __future__ import annotations

import json
import random
from collections.abc import Callable
from pathlib import Path

from fakes import chunk, put
from pictures_drawn import drawn, encoded
from PIL import Image

from evaluation.corpus import Corpus
from evaluation.load import load_pack
from evaluation.near_duplicates import cropped, halved, near_duplicate_figures, recompressed
from store.index import Index

NAMES = [f"{seed}.png" for seed in range(4)]


def corpus_of(folder: Path, index: Index, evidence: str) -> Corpus:
    (folder / "documents").mkdir(parents=True)
    rows = []
    for seed, name in enumerate(NAMES):
        (folder / "documents" / name).write_bytes(encoded(drawn(seed)))
        rows.append({"id": name, "question": "?", "answer": name, "evidence": [{"source": name, evidence: name}]})
    (folder / "questions.jsonl").write_text("\n".join(json.dumps(row) for row in rows))
    corpus = Corpus(load_pack(folder), index)
    for seed, name in enumerate(NAMES):
        asset = index.assets.put(encoded(drawn(seed)), ".png")
        put(index, [chunk(name, source=corpus.source(name), kind="image", picture=asset)])
    return corpus


def measured(corpus: Corpus, seed: int = 0) -> dict[str, tuple[float, int]]:
    figures = near_duplicate_figures(
        corpus.pack, corpus, seed=seed, on_begin=lambda total: None, on_picture=lambda: None
    )
    return {figure.metric: (figure.estimate.mean, figure.estimate.questions) for figure in figures}


def test_two_are_found_and_two_refused(tmp_path: Path, make_index: Callable[..., Index]) -> None:
    corpus = corpus_of(tmp_path / "pack", make_index(), "image")
    found = measured(corpus)
    forms = ("cropped", "half size", "JPEG 40", "all three")
    wanted = [f"{form}: {metric}" for metric in ("hit@1", "distractors refused") for form in forms]
    assert found == dict.fromkeys(wanted, (1.0, 2))
    assert measured(corpus) == found


def test_a_pack_of_other_evidence_has_no_such_figures(tmp_path: Path, make_index: Callable[..., Index]) -> None:
    assert measured(corpus_of(tmp_path / "pack", make_index(), "section")) == {}


def test_the_forms_by_hand() -> None:
    image = Image.new("RGB", (100, 51), "red")
    assert cropped(image, random.Random(0)).size == (80, 41)
    assert halved(image, random.Random(0)).size == (50, 25)
    again = recompressed(drawn(1), random.Random(0))
    assert again.size == (640, 480)
    assert again.tobytes() != drawn(1).tobytes()
