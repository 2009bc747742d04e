"""What the arrays say of the words of a question is what sets of words say, candidate by candidate."""

from __future__ import annotations

import random

import numpy as np
import pytest
from fakes import chunk

from chains.retrieval.ranker.chunk_terms import ChunkTerms
from chains.retrieval.ranker.coverage import Coverage
from chains.retrieval.rows import rows_of
from chains.retrieval.terms import WeightedTerms
from records import Chunk
from text.tokens import content_stems, sentences

WORDS = "weir harbour gate lock quay pier mole dike sluice basin".split()
WORTH = {
    word: 1.0 + number % 4 for number, word in enumerate(content_stems(" ".join(WORDS)))
}  # some are worth the same


def stems(text: str) -> set[str]:
    return set(content_stems(text)) & set(WORTH)


def pieces(one: Chunk) -> list[str]:
    if one.kind == "table":
        head, rows = rows_of(one)
        return [f"{head}\n{row}" for row in rows]
    return [one.text[start:end] for start, end in sentences(one.text)]


def made(draw: random.Random) -> list[Chunk]:
    """Texts of up to 90 sentences, more than a word of memory has bits, and tables, with titles and headings."""

    def some(most: int) -> str:
        return " ".join(draw.choices([*WORDS, "stone", "old"], k=draw.randint(0, most)))

    texts = [". ".join(some(6).capitalize() or "Stone" for _ in range(draw.choice([1, 3, 90]))) for _ in range(12)]
    table = [f"{some(3)} | {some(2)}" for _ in range(6)]
    return [
        *(chunk(text, title=some(2), context=some(3), section=(some(2), some(1))) for text in texts),
        chunk("\n".join(table), kind="table", title=some(2), first_row=2, last_row=6),
        chunk(""),
    ]


@pytest.mark.parametrize("seed", range(10))
def test_arrays_say_what_sets_say(seed: int) -> None:
    chunks = made(random.Random(seed))
    asked = WeightedTerms(" ".join(WORDS), WORTH)
    found = Coverage(asked, [ChunkTerms(one, "en") for one in chunks])

    def same(words: np.ndarray, expected: list[set[str]]) -> None:
        assert [{stem for stem, there in zip(WORTH, row, strict=True) if there} for row in words] == expected

    same(found.title, [stems(one.title) for one in chunks])
    same(found.section, [stems(" ".join(one.section)) for one in chunks])
    same(found.context, [stems(one.context) for one in chunks])
    same(found.text, [stems(one.text) for one in chunks])
    best = [max((stems(piece) for piece in pieces(one)), key=asked.share, default=set()) for one in chunks]
    same(found.piece, best)  # the first of those that are worth the same
    assert found.share(found.piece) == pytest.approx([asked.share(words) for words in best])


def test_the_first_of_equal_pieces_counts_whatever_the_order_of_a_sum() -> None:
    """.1 + .2 + .3 and .3 + .2 + .1 differ in the last place."""
    asked = WeightedTerms("", {"a1": 0.1, "b1": 0.2, "c1": 0.3, "d1": 0.3, "e1": 0.2, "f1": 0.1})
    found = Coverage(
        asked, [ChunkTerms(chunk("F1 e1 d1.\nC1 b1 a1."), "en"), ChunkTerms(chunk("C1 b1 a1.\nF1 e1 d1."), "en")]
    )
    assert found.piece.tolist() == [[False] * 3 + [True] * 3, [True] * 3 + [False] * 3]


def test_a_question_without_words_covers_nothing() -> None:
    found = Coverage(WeightedTerms("", {}), [ChunkTerms(chunk("The weir."), "en")])
    assert found.share(found.text).tolist() == found.share(found.piece).tolist() == [0.0]


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("The weir's gate, no. 5,079 of Dr. Weir. It stood… Then (1.5 %) it fell! “Did it?” Yes.", "en"),
        ("La presa de El Salto. ¿Cuándo cayó? L’eau d’été n’est pas là.", "fr"),
        ("大坝在哪里？它在河上。水闸的高度是五米！", "zh"),
        ("ダムはどこですか。川の上です。", "ja"),
        ("बाँध कहाँ है। वह नदी पर है।", "hi"),
        ("أين السد؟ إنه على النهر.", "ar"),
        ("Το φράγμα του ΑΓΙΟΥ ΓΕΩΡΓΙΟΣ. Πού είναι;", "el"),
    ],
)
def test_the_words_of_a_text_are_those_of_its_sentences(text: str, language: str) -> None:
    assert ChunkTerms(chunk(text), language).words.split() == list(content_stems(text, language))
    rows = chunk(f"Head\n{text}\n{text}", kind="table", first_row=1, last_row=3)
    assert ChunkTerms(rows, language).words.split() == list(content_stems(rows.text, language))
