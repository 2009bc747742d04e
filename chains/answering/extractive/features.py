"""What the reader knows of a question and a quotable piece, in numbers that mean the same in every corpus."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from chains.answering.extractive.pieces import Piece
from chains.retrieval.terms import WeightedTerms
from text.english.question_kinds import ASKS_NUMBER, ASKS_PERSON, ASKS_TIME
from text.tokens import content_stems, content_words, held, word_count
from text.values import numbers
from text.years import years_in

FEATURES: dict[str, str] = {
    "cosine": "nearness in meaning of the piece to the question",
    "cosine_of_chunk": "nearness in meaning of the whole chunk to the question",
    "covered": "share of the question, by rarity of its words, that the piece's own words hold",
    "covered_with_context": "the share that the piece, caption, headings and title hold together",
    "phrases": "share of the question's neighbouring words that stand side by side",
    "rank": "reciprocal rank of the chunk among the hits",
    "numbers": "share of the numbers in the question that the piece holds",
    "years": "share of the years in the question that the piece, its header or headings name",
    "new_number": "a number is asked for, and the piece holds one that the question does not",
    "no_number": "a number or time is asked for, and the piece holds none that the question does not",
    "new_time": "a time is asked for, and the piece names a year or month",
    "new_name": "a person is asked for, and the piece names somebody that the question does not",
    "no_name": "a person is asked for, and the piece names nobody that the question does not",
    "short": "it has fewer than five words",
    "heading": "it repeats the section's or the document's name",
    "located": "it stands at the page, figure, table or section that the question names",
}
BY_EMBEDDER = ("cosine", "cosine_of_chunk")  # 0 in a language that the embedder was not made for
SPEAK_AGAINST = ("no_number", "no_name", "short", "heading")  # all others speak for a piece
MIN_LENGTH = 5  # words of a piece that is not short
_TIMES = frozenset(
    """january february march april may june july august september october november december monday tuesday wednesday
    thursday friday saturday sunday""".split()
)
Matrix = NDArray[np.float64]


def features(asked: WeightedTerms, pieces: Sequence[Piece], cosines: Sequence[float]) -> Matrix:
    """Return a row for each of ``pieces`` with a column for each of ``FEATURES``, in their order.

    Args:
        asked: the question with its words.
        pieces: what may be quoted.
        cosines: of each piece with the question.
    """
    rows = [_of(asked, piece, cosine) for piece, cosine in zip(pieces, cosines, strict=True)]
    return np.array([[row[name] for name in FEATURES] for row in rows], dtype=float).reshape(len(rows), len(FEATURES))


def _of(asked: WeightedTerms, piece: Piece, cosine: float) -> dict[str, float]:
    question, language = asked.text, asked.language
    evidence, chunk = piece.evidence, piece.evidence.chunk
    quote = evidence.quote
    said, there = set(numbers(question)), set(numbers(quote))
    own, words = (
        held(asked.weights, f"{quote}\n{_header(piece)}", language),
        content_words(quote, language),
    )
    context = own | held(asked.weights, f"{chunk.context}\n{evidence.about}", language)
    wants_number, wants_time = bool(ASKS_NUMBER.search(question)), bool(ASKS_TIME.search(question))
    wants_person = bool(ASKS_PERSON.search(question))
    wants_value = wants_number or wants_time
    new_number, new_name = bool(there - said), _names(quote, question)
    years = years_in(question)
    named = years_in(f"{chunk.context}\n{evidence.about}\n{_header(piece)}\n{quote}")
    return {
        "cosine": cosine,
        "cosine_of_chunk": piece.cosine,
        "covered": asked.share(own),
        "covered_with_context": asked.share(context),
        "phrases": asked.phrases(f" {' '.join(content_stems(quote, language))} "),
        "rank": 1 / evidence.rank,
        "numbers": len(said & there) / len(said) if said else 0.0,
        "years": len(years & named) / len(years) if years else 0.0,
        "new_number": float(wants_number and new_number),
        "no_number": float(wants_value and not new_number),
        "new_time": float(wants_time and bool(years_in(quote) - years or _TIMES & set(words))),
        "new_name": float(wants_person and new_name),
        "no_name": float(wants_person and not new_name),
        "short": float(word_count(quote) < MIN_LENGTH),
        "heading": float(_is_heading(quote, (*chunk.section, chunk.title))),
        "located": float(piece.located),
    }


def _header(piece: Piece) -> str:
    """The names of the columns that are asked for."""
    table = piece.evidence.table
    if table is None or not piece.columns:
        return ""
    names = table.column_names()
    return " ".join(names[col] for col in piece.columns)


def _names(quote: str, question: str) -> bool:
    """Whether a capitalised word that does not begin ``quote`` stands in it and not in the question."""
    asked = question.lower()
    return any(word[:1].isupper() and word.lower().strip(".,;:()") not in asked for word in quote.split()[1:])


def _is_heading(quote: str, names: Sequence[str]) -> bool:
    letters = "".join(filter(str.isalpha, quote.lower()))
    return any(letters == "".join(filter(str.isalpha, name.lower())) for name in names)
