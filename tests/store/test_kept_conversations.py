"""Conversations kept on disk: each its owner's alone, and nothing in them that the owner may not read any more."""

from __future__ import annotations

import io
import sqlite3
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from fakes import chunk, document, fingerprint
from pictures_drawn import drawn, encoded
from PIL import Image

from errors import StoreError
from records import GUEST, OPERATOR, Access, Citation, Computation, Hit, Principal, Statement, SubAnswer, Turn
from store import conversations
from store.conversations import LOCAL, Choices, Conversations, owner_of
from store.index import Index
from store.said import GONE, LISTED, Said

ANNA, BERT = Principal(name="anna"), Principal(name="bert")
A, B = "user:anna", "user:bert"


@pytest.fixture
def kept(tmp_path: Path) -> Conversations:
    return Conversations(tmp_path)


@pytest.fixture
def index(make_index: Callable[..., Any]) -> Index:
    opened: Index = make_index()
    opened.put(document("a.md"), [chunk("The weir was built in 1931.", id="c1")], fingerprint(), "2026-01-01T00:00:00")
    return opened


def answered(question: str = "When?") -> Said:
    """An answer with a citation, a computed statement, a part and a hit."""
    one = chunk("The weir was built in 1931.", id="c1")
    citation = Citation(n=1, chunk=one, quote="built in 1931", bbox=(1.0, 2.0, 3.0, 4.0), checked=True)
    statement = Statement(
        text="1931",
        citations=(1,),
        checked=True,
        computed=Computation(operation="sum", cells=("1", "2"), result=("3",)),
    )
    hit = Hit(chunk=one, score=0.5)
    part = SubAnswer(question=question, hits=(hit,), statements=(statement,), citations=(citation,), done=True)
    return Said(
        turn=Turn(
            question=question, standalone=question, answer="1931 [1]", parts=(part,), statements=(statement,),
            citations=(citation,), hits=(hit,), stage="check", model="extractive",
        )
    )  # fmt: skip


def test_what_was_kept_comes_back(kept: Conversations, index: Index) -> None:
    choices = Choices(picked=("source:a.md",), model="openai:x")
    id_ = kept.begin(A, "When was the weir built?")
    assert kept.keep(A, id_, 0, answered(), choices)
    opened = Conversations(kept.path.parent).open(A, id_, index.documents, ANNA)  # as after a restart
    assert opened is not None
    assert (opened.summary.name, opened.summary.questions, opened.choices) == ("When was the weir built?", 1, choices)
    assert opened.said == (answered(),)


def test_each_sees_their_own_alone(kept: Conversations, index: Index) -> None:
    id_ = kept.begin(A, "Mine")
    assert kept.all(B) == []
    assert kept.open(B, id_, index.documents, BERT) is None
    assert not kept.rename(B, id_, "His")
    assert not kept.delete(B, id_)
    assert not kept.keep(B, id_, 0, answered())
    assert [one.name for one in kept.all(A)] == ["Mine"]
    assert kept.open(A, id_, index.documents, ANNA).said == ()  # type: ignore[union-attr]


def test_under_whose_name() -> None:
    assert (owner_of(ANNA), owner_of(OPERATOR)) == (A, LOCAL)
    assert owner_of(GUEST) is None  # guests are not told apart
    assert owner_of(Principal(manages=True)) is None  # everybody, of a page that is open to all


@pytest.mark.parametrize("change", ["hidden", "removed"])
def test_an_answer_goes_with_the_source_it_rests_on(kept: Conversations, index: Index, change: str) -> None:
    id_ = kept.begin(A, "q")
    kept.keep(A, id_, 0, answered())
    if change == "hidden":
        index.catalog.set_access("a.md", Access(("user:bert",)))
    else:
        index.remove("a.md")
    opened = kept.open(A, id_, index.documents, ANNA)
    assert opened is not None
    (said,) = opened.said
    assert (said.turn.question, said.turn.answer, said.turn.outcome) == ("When?", GONE, "nothing")
    assert (said.turn.citations, said.turn.hits, said.turn.parts, said.turn.statements) == ((), (), (), ())


def test_a_source_read_anew_leaves_the_words_that_were_quoted(kept: Conversations, index: Index) -> None:
    id_ = kept.begin(A, "q")
    kept.keep(A, id_, 0, answered())
    index.put(document("a.md"), [chunk("Another text.", id="c2")], fingerprint("h2"), "2026-01-02T00:00:00")
    turn = kept.open(A, id_, index.documents, ANNA).said[0].turn  # type: ignore[union-attr]
    assert (turn.citations[0].quote, turn.citations[0].chunk.text, turn.hits) == ("built in 1931", "built in 1931", ())


def test_a_list_of_documents_is_not_kept(kept: Conversations, index: Index) -> None:
    id_ = kept.begin(A, "q")
    turn = Turn(question="What documents?", intent="documents", outcome="conversation", answer="Secret report")
    kept.keep(A, id_, 0, Said(turn=turn))
    assert kept.open(A, id_, index.documents, ANNA).said[0].turn.answer == LISTED  # type: ignore[union-attr]
    assert b"Secret" not in kept.path.read_bytes()


def test_listed_latest_first_searched_renamed_and_deleted(kept: Conversations, index: Index) -> None:
    first, second = kept.begin(A, "The weir"), kept.begin(A, "Wind  power\nplants")
    kept.keep(A, first, 0, answered("How many turbines?"))
    assert [(one.name, one.questions) for one in kept.all(A)] == [("The weir", 1), ("Wind power plants", 0)]
    assert [one.id for one in kept.all(A, "TURBINES weir")] == [first]
    assert kept.all(A, "gearbox") == []
    assert kept.rename(A, second, "  Storms ")
    assert not kept.rename(A, second, "  ")
    assert {one.name for one in kept.all(A)} == {"The weir", "Storms"}
    assert kept.delete(A, first)
    assert not kept.delete(A, first)
    with sqlite3.connect(kept.path) as db:
        assert db.execute("SELECT count(*) FROM exchanges").fetchone() == (0,)
    assert b"turbines" not in kept.path.read_bytes()


def test_an_exchange_asked_again_replaces_those_after_it(kept: Conversations, index: Index) -> None:
    id_ = kept.begin(A, "q")
    for number, question in enumerate(("one", "two", "three")):
        kept.keep(A, id_, number, answered(question))
    kept.keep(A, id_, 1, answered("another two"))
    opened = kept.open(A, id_, index.documents, ANNA)
    assert [one.turn.question for one in opened.said] == ["one", "another two"]  # type: ignore[union-attr]


def test_sizes_are_bounded(kept: Conversations, index: Index, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(conversations, "MOST_CONVERSATIONS", 2)
    ids = [kept.begin(A, f"c{n} " + "x" * 500) for n in range(3)]
    kept.begin(B, "other")
    assert [one.id for one in kept.all(A)] == ids[:0:-1]
    assert all(len(one.name) <= conversations.NAME_CHARACTERS for one in kept.all(A))
    assert not kept.keep(A, ids[2], conversations.MOST_EXCHANGES, answered())
    long = Said(turn=Turn(question="q" * 50_000, answer="a" * 50_000))
    kept.keep(A, ids[2], 0, long)
    turn = kept.open(A, ids[2], index.documents, ANNA).said[0].turn  # type: ignore[union-attr]
    assert (len(turn.question), len(turn.answer)) == (conversations.MOST_CHARACTERS,) * 2


def test_a_newer_schema_is_left_alone(kept: Conversations) -> None:
    kept.begin(A, "q")
    with sqlite3.connect(kept.path) as db:
        db.execute(f"PRAGMA user_version = {conversations.SCHEMA_VERSION + 1}")
    with pytest.raises(StoreError, match="newer version"):
        kept.all(A)


def test_a_file_that_is_none_of_ours_is_said(tmp_path: Path) -> None:
    (tmp_path / conversations.FILE).write_bytes(b"no database at all" * 100)
    with pytest.raises(StoreError, match="cannot be used"):
        Conversations(tmp_path).all(A)


def test_a_picture_is_kept_once_with_its_conversation_and_goes_with_it(kept: Conversations, index: Index) -> None:
    id_ = kept.begin(A, "q")
    for number in range(2):  # the second question goes on about the same picture
        kept.keep(A, id_, number, replace(answered(), turn=replace(answered().turn, picture=b"pixels")))
    opened = kept.open(A, id_, index.documents, ANNA)
    assert [one.turn.picture for one in opened.said] == [b"pixels"] * 2  # type: ignore[union-attr]
    assert _pictures(kept) == 1
    kept.keep(A, id_, 0, answered())  # asked again without it
    assert _pictures(kept) == 0
    kept.keep(A, id_, 0, replace(answered(), turn=replace(answered().turn, picture=b"pixels")))
    kept.delete(A, id_)
    assert _pictures(kept) == 0


def test_of_a_large_picture_a_smaller_copy_is_kept(
    kept: Conversations, index: Index, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(conversations, "PICTURE_BYTES", 100)
    monkeypatch.setattr(conversations, "PICTURE_SIDE", 40)
    id_ = kept.begin(A, "q")
    kept.keep(A, id_, 0, Said(turn=Turn(question="q", picture=encoded(drawn(1)))))
    kept.keep(A, id_, 1, Said(turn=Turn(question="q", picture=b"no picture " * 20)))
    first, second = kept.open(A, id_, index.documents, ANNA).said  # type: ignore[union-attr]
    with Image.open(io.BytesIO(first.turn.picture)) as image:
        assert max(image.size) == 40
    assert second.turn.picture == b""


def test_a_file_of_the_version_before_pictures_is_read_and_goes_on(kept: Conversations, index: Index) -> None:
    id_ = kept.begin(A, "q")
    kept.keep(A, id_, 0, answered())
    with sqlite3.connect(kept.path) as db:
        db.execute("DROP TABLE pictures")
        db.execute("UPDATE exchanges SET record = json_remove(record, '$.picture')")
        db.execute("PRAGMA user_version = 1")
    kept.keep(A, id_, 1, replace(answered(), turn=replace(answered().turn, picture=b"pixels")))
    opened = kept.open(A, id_, index.documents, ANNA)
    assert [one.turn.picture for one in opened.said] == [b"", b"pixels"]  # type: ignore[union-attr]


def _pictures(kept: Conversations) -> int:
    with sqlite3.connect(kept.path) as db:
        return int(db.execute("SELECT count(*) FROM pictures").fetchone()[0])
