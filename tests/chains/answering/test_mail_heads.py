"""Of a mail the body is quoted, its head only for what is asked of it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest
from fakes import chunk, document, put

from chains.answering.evidence import Evidence, collect, in_context
from chains.answering.extractive.mail_heads import without_heads
from records import GUEST, Hit
from store.index import Index

MakeIndex = Callable[..., Index]
HEAD = "From: Ingrid Solvang To: Jonas Berg Date: Tue, 14 Oct 2025 Subject: Vibration of pump 4. Urgent, please read"
BODY = "Hello Jonas,\nThe bearing on the drive side reaches 7.8 millimetres. We order a new bearing."
CONTENT = "How strongly does pump 4 vibrate?"


def evidence(index: Index, question: str, kind: str, text: str) -> list[Evidence]:
    """What may be quoted of a source with these words to answer ``question``."""
    one = chunk(text, source="a.eml")
    put(index, [one], replace(document("a.eml"), kind=kind))
    hits = [Hit(chunk=one, score=1.0)]
    return without_heads(question, collect(hits, index.assets), hits, index.documents, GUEST)


@pytest.mark.parametrize(
    ("question", "quoted"),
    [
        (CONTENT, False),
        ("When does the pump run again?", False),
        ("What did Ingrid Solvang write about the bearing?", False),
        ("Who sent the mail about pump 4?", True),
        ("When was the e-mail about the vibration written?", True),
        ("What is the subject of Ingrid's mail?", True),
    ],
)
def test_the_head_answers_only_who_wrote_to_whom_when_and_about_what(
    make_index: MakeIndex, question: str, quoted: bool
) -> None:
    found = evidence(make_index(), question, "mail", f"{HEAD}\n{BODY}")
    assert any(one.quote.startswith("From:") for one in found) is quoted
    assert [one.quote for one in found][-2:] == [
        "The bearing on the drive side reaches 7.8 millimetres.",
        "We order a new bearing.",
    ]


def test_a_quote_of_the_body_is_not_widened_into_the_head(make_index: MakeIndex) -> None:
    found = evidence(make_index(), CONTENT, "mail", f"{HEAD}\n{BODY}")
    assert in_context(found[0]).quote == " ".join(BODY.split())


def test_a_mail_without_words_and_other_sources_are_quoted_whole(make_index: MakeIndex) -> None:
    index = make_index()
    assert evidence(index, CONTENT, "mail", HEAD)[0].quote.startswith("From:")
    assert evidence(index, CONTENT, "text", f"{HEAD}\n{BODY}")[0].quote.startswith("From:")
