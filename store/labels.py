"""Labels of a data folder as examples for tuning: questions with passages that answer them, and passages that do not."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from errors import StoreError
from records import Chunk
from store.feedback import AnswerFeedback, FeedbackEntry, PassageLabel, latest_entries, question_key
from text.embedded import embedded_text


@dataclass(kw_only=True)
class _Labelled:
    question: str = ""
    right: dict[str, None] = field(default_factory=dict)
    wrong: dict[str, None] = field(default_factory=dict)


def tuning_rows(entries: Iterable[FeedbackEntry], chunks: Mapping[str, Chunk]) -> list[dict[str, object]]:
    """Return a row {question, positive, negatives} for each passage that somebody holds to answer or to help: labelled so, or
    cited by an answer with thumbs up. Whoever labels a passage again has changed their mind; where people disagree, the
    latest label counts.

    Args:
        entries: of the feedback file.
        chunks: by id: a labelled passage that is still there is written as the embedder sees it, with title and section.
    """
    found: dict[str, _Labelled] = defaultdict(_Labelled)
    for entry in latest_entries(entries):
        labelled = found[question_key(entry.question)]
        labelled.question = entry.question
        if isinstance(entry, PassageLabel):
            text = embedded_text(chunks[entry.chunk]) if entry.chunk in chunks else entry.text
            labelled.right.pop(text, None)
            labelled.wrong.pop(text, None)
            (labelled.wrong if entry.relevance == "not" else labelled.right)[text] = None
        elif isinstance(entry, AnswerFeedback) and entry.rating == "good" and not entry.abstained:
            labelled.right |= dict.fromkeys(cited.quote for cited in entry.citations if cited.quote)
    return [
        {"question": one.question, "positive": text, "negatives": list(one.wrong)}
        for one in found.values()
        for text in one.right
        if text.strip()
    ]


def write_rows(rows: Iterable[Mapping[str, object]], path: Path) -> None:
    """Write ``rows`` to the JSONL file ``path``, a line each.

    Raises:
        StoreError: it cannot be written.
    """
    try:
        path.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows), encoding="utf-8")
    except OSError as error:
        raise StoreError(f"{path} cannot be written ({error.strerror}). Name another file.") from error
