"""A picture as a question: by the chain and by the command."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from fakes import FakeEmbedder, chunk, document, put
from pictures_drawn import drawn, encoded

from chains.__main__ import main
from chains.pipeline import build
from errors import AssistantError, ParseError
from records import Document, Turn
from store.index import Index

MakeIndex = Callable[..., Index]
PICTURE = encoded(drawn(1).crop((60, 40, 600, 470)))


def pdf(source: str) -> Document:
    return replace(document(source), kind="pdf")


@pytest.fixture
def index(make_index: MakeIndex) -> Index:
    """A PDF with a picture and a sentence, a picture file, and a text on the same matter."""
    index = make_index()
    asset = index.assets.put(encoded(drawn(1)), ".png")
    figure = chunk(
        "Spillway", source="weir.pdf", kind="image", title="Weir [1]", page=4, picture=asset, bbox=(1, 2, 3, 4)
    )
    put(index, [figure, chunk("The weir was built in 1931.", source="weir.pdf", ordinal=1)], pdf("weir.pdf"))
    put(index, [chunk("The weir was built in 1877.", source="other.md")])
    asset = index.assets.put(encoded(drawn(2)), ".png")
    photo = chunk("", id="photo", source="photo.png", kind="image", title="photo", picture=asset, bbox=(0, 0, 640, 480))
    put(index, [photo], replace(document("photo.png"), kind="image"))
    return index


def test_a_picture_alone_is_answered_by_its_place(index: Index) -> None:
    turn = build(index, index.settings).invoke(Turn(question="", picture=PICTURE))
    assert turn.answer == "This picture stands on page 4 of Weir (1). [1]"
    (citation,) = turn.citations
    assert (citation.n, citation.chunk.source, citation.bbox, citation.checked) == (1, "weir.pdf", (1, 2, 3, 4), True)
    assert (turn.stage, turn.abstained) == ("find_picture", False)


def test_a_picture_file_is_named(index: Index) -> None:
    turn = build(index, index.settings).invoke(Turn(question=" ", picture=encoded(drawn(2))))
    assert turn.answer == "This picture is photo. [1]"


def test_words_are_asked_of_the_source_that_has_the_picture(index: Index) -> None:
    turns = list(build(index, index.settings).stream(Turn(question="When was the weir built?", picture=PICTURE)))
    turn = turns[-1]
    place = turn.citations[-1]  # behind those of the answer
    said = f"This picture stands on page 4 of Weir (1). [{place.n}]\n\n“The weir was built in 1931.” [1]"
    assert turn.answer.startswith(said)
    assert place.bbox == (1, 2, 3, 4)
    assert {hit.chunk.source for hit in turn.hits} == {"weir.pdf"}
    assert [citation.n for citation in turn.citations] == list(range(1, place.n + 1))
    assert all(statement.checked for statement in turn.statements)
    assert turns[0].stage == "understand" and turn.stage == "say_where"


@pytest.mark.parametrize("question", ["", "When was the weir built?"])
def test_a_stranger_is_not_claimed_and_nothing_is_answered(index: Index, question: str) -> None:
    turn = build(index, index.settings).invoke(Turn(question=question, picture=encoded(drawn(9))))
    assert turn.abstained
    assert turn.answer.startswith("This picture is not among your documents.")
    assert turn.citations == ()


def test_without_documents_or_with_garbage(index: Index, make_index: MakeIndex, tmp_path: Path) -> None:
    empty = make_index(tmp_path / "empty")
    with pytest.raises(AssistantError, match="no documents yet"):
        build(empty, empty.settings).invoke(Turn(question="", picture=PICTURE))
    with pytest.raises(ParseError, match="not a readable picture"):
        build(index, index.settings).invoke(Turn(question="", picture=b"garbage"))


def test_the_command(
    index: Index,
    tmp_path: Path,
    chroma_url: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setenv("CHROMA_URL", chroma_url)
    monkeypatch.setattr("store.spaces.embedder_for", lambda *_: FakeEmbedder(index.embedder.fingerprint))
    folder = ["--data-dir", str(tmp_path / "data")]
    (tmp_path / "a.png").write_bytes(PICTURE)
    (tmp_path / "b.png").write_bytes(b"garbage")
    assert main(["--picture", str(tmp_path / "a.png"), *folder]) == 0
    assert "This picture stands on page 4 of Weir (1). [1]" in capsys.readouterr().out
    assert main(["--picture", str(tmp_path / "b.png"), *folder]) == 1
    assert "not a readable picture" in capsys.readouterr().err
    assert main(["--picture", str(tmp_path / "c.png"), *folder]) == 1
    assert "does not exist" in capsys.readouterr().err
    for wrong in ([], ["-", "--picture", "a.png"]):
        with pytest.raises(SystemExit) as caught:
            main([*wrong, *folder])
        assert caught.value.code == 2
