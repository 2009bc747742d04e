"""python -m chains: what others' scripts read, and a line for each question whatever happens to the others."""

from __future__ import annotations

import io
import json
from collections.abc import Callable
from pathlib import Path

import pytest
from chat_models import Scripted
from fakes import FakeEmbedder, chunk, put
from pictures_drawn import drawn, encoded

from chains.__main__ import main
from errors import StoreError
from models.prompts import SubQuestions
from records import FoundObject
from store.index import Index

Ask = Callable[..., tuple[int, str, str]]


@pytest.fixture
def ask(
    tmp_path: Path,
    chroma_url: str,
    make_index: Callable[..., Index],
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> Ask:
    """Runs the command on an index of two sources; gives exit code, stdout and stderr."""
    for name in ("DATA_DIR", "CHAT_MODEL", "VISION_MODEL", "EMBED_MODEL"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("CHROMA_URL", chroma_url)
    space = FakeEmbedder()
    monkeypatch.setattr("store.spaces.embedder_for", lambda *_: space)
    index = make_index(tmp_path / "data", embedder=space)
    put(
        index,
        [chunk("The weir was built in 1931.", source="/x/weir.pdf", title="[b]Weir[/b]", page=3, bbox=(1, 2, 3, 4))],
    )
    put(index, [chunk("The roofs gained 8.6% in 2025.", source="/x/roofs.md", title="Roofs")])

    def run(*arguments: str, stdin: str = "") -> tuple[int, str, str]:
        monkeypatch.setattr("sys.stdin", io.StringIO(stdin))
        code = main([*arguments, "--data-dir", str(tmp_path / "data")])
        captured = capsys.readouterr()
        return code, captured.out, captured.err

    return run


def test_the_json_object_has_the_documented_keys(ask: Ask) -> None:
    code, out, _ = ask("When was the weir built?", "--json")
    turn = json.loads(out)
    assert code == 0
    assert list(turn) == [
        "question",
        "subquestions",
        "answer",
        "outcome",
        "abstained",
        "statements",
        "citations",
        "hits",
        "objects",
        "timings_ms",
        "model",
        "notices",
    ]
    assert (turn["question"], turn["subquestions"]) == ("When was the weir built?", ["When was the weir built?"])
    assert (turn["answer"].split("\n")[0], turn["outcome"]) == ("“The weir was built in 1931.” [1]", "answered")
    assert turn["statements"][0] == {
        "text": "“The weir was built in 1931.”",
        "citations": [1],
        "checked": True,
        "added": False,
    }
    assert turn["citations"][:1] == [
        {
            "n": 1,
            "source": "/x/weir.pdf",
            "page": 3,
            "bbox": [1, 2, 3, 4],
            "place": "",
            "kind": "text",
            "quote": "The weir was built in 1931.",
            "checked": True,
        }
    ]
    assert turn["hits"][0] == {
        "source": "/x/weir.pdf",
        "page": 3,
        "kind": "text",
        "score": 1.0,
    }  # the best; the others have their odds against it
    assert turn["model"] == "extractive"
    assert set(turn["timings_ms"]) >= {"condense", "decompose", "retrieve", "answer", "synthesise", "check"}


def test_a_person_reads_the_answer_its_place_and_quote(ask: Ask) -> None:
    code, out, _ = ask("When was the weir built?")
    assert code == 0
    assert "“The weir was built in 1931.” [1]" in out
    assert "[1] [b]Weir[/b], page 3 (text, checked)" in out
    assert "/x/weir.pdf" in out


def test_what_is_not_found_is_said_with_what_comes_nearest(ask: Ask) -> None:
    code, out, _ = ask("What salary did the director receive?")
    assert code == 0
    assert out.startswith("Not found in your documents. I searched for: What salary did the director receive?")
    assert "Nearest passages:" in out


def test_the_nearest_passages_are_shown_without_a_check(ask: Ask) -> None:
    question = "When was the weir dismantled?"
    turn = json.loads(ask(question, "--json")[1])
    assert (turn["outcome"], turn["abstained"]) == ("passages", False)
    assert turn["answer"].split("\n\n")[:2] == [
        "I found no certain answer. These passages come nearest:",
        "“The weir was built in 1931.” [1]",
    ]
    assert turn["citations"][0]["quote"] == "The weir was built in 1931."
    assert not any(one["checked"] for one in turn["citations"])
    _, out, _ = ask(question)
    assert "page 3 (text, nearest passage)" in out


def test_only_the_named_source_is_asked(ask: Ask) -> None:
    _, out, _ = ask("weir roofs", "--source", "/x/roofs.md", "--json")
    assert {hit["source"] for hit in json.loads(out)["hits"]} == {"/x/roofs.md"}


def test_a_source_may_be_named_from_this_folder(ask: Ask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir("/")
    _, out, _ = ask("weir roofs", "--source", "x/roofs.md", "--json")
    assert {hit["source"] for hit in json.loads(out)["hits"]} == {"/x/roofs.md"}
    code, _, errors = ask("weir roofs", "--source", "x/roof.md")
    assert code == 1 and "There is no source 'x/roof.md'." in " ".join(errors.split())


def test_a_word_that_is_none_is_looked_for_as_it_is(ask: Ask) -> None:
    code, out, errors = ask("x" * 20_000)
    assert (code, errors) == (0, "") and out.startswith("Not found in your documents.")


def test_each_line_of_stdin_is_a_question(ask: Ask) -> None:
    code, out, _ = ask("-", stdin="When was the weir built?\n\n  How much did the roofs gain?  \n")
    turns = [json.loads(line) for line in out.splitlines()]
    assert code == 0
    assert [turn["question"] for turn in turns] == ["When was the weir built?", "How much did the roofs gain?"]
    assert [turn["citations"][0]["source"] for turn in turns] == ["/x/weir.pdf", "/x/roofs.md"]


def test_a_question_that_fails_has_its_line_and_the_others_go_on(ask: Ask, monkeypatch: pytest.MonkeyPatch) -> None:
    def fails(question: str, *_: object) -> str:
        if "second" in question:
            raise StoreError("The disk is full.")
        return question

    monkeypatch.setattr("chains.pipeline.corrected", fails)
    code, out, err = ask("-", stdin="The first?\nThe second?\nThe third?\n")
    lines = [json.loads(line) for line in out.splitlines()]
    assert code == 1
    assert [line.get("question") for line in lines] == ["The first?", None, "The third?"]
    assert lines[1]["error"] == "The disk is full."
    assert "The disk is full." in err
    assert lines[0]["model"] == "extractive"


def test_a_chat_model_that_cannot_be_reached_is_stood_in_for(ask: Ask, monkeypatch: pytest.MonkeyPatch) -> None:
    model = Scripted(
        answers={"You plan how": SubQuestions(questions=["q"]), "Question: The first": TimeoutError("too slow")}
    )
    monkeypatch.setattr("chains.pipeline.load_chat_model", lambda name, settings: model)
    monkeypatch.setenv("CHAT_MODEL", "some:model")
    code, out, _ = ask("-", stdin="The first?\n")
    (line,) = (json.loads(line) for line in out.splitlines())
    assert (code, line["model"]) == (0, "extractive")
    assert "did not answer (too slow)" in line["notices"][0]


def test_what_has_no_source_and_what_was_found_for_a_model_is_said(ask: Ask, monkeypatch: pytest.MonkeyPatch) -> None:
    said = "The weir was built in 1931. It is very large."
    monkeypatch.setattr(
        "chains.pipeline.load_chat_model", lambda name, settings: Scripted(answers={"Passages:": said, "": None})
    )
    monkeypatch.setenv("CHAT_MODEL", "some:model")
    _, out, _ = ask("When was the weir built?")
    assert out.startswith("The weir was built in 1931. [1] It is very large. [no source]\n")
    assert "checked, not cited by the model but found for it)" in out
    _, out, _ = ask("When was the weir built?", "--json")
    shown = [(one["citations"], one["checked"], one["added"]) for one in json.loads(out)["statements"]]
    assert shown == [([1], True, True), ([], False, False)]


def test_a_chat_model_that_does_not_exist_is_one_line(ask: Ask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CHAT_MODEL", "nonsense:model")
    code, out, err = ask("Anything?")
    assert (code, out) == (1, "")
    assert err.startswith("Error: The chat model 'nonsense:model'")


def test_an_empty_question_is_one_line(ask: Ask) -> None:
    code, out, err = ask("  ")
    assert (code, out) == (1, "")
    assert "The question is empty" in err


@pytest.mark.parametrize("arguments", [[], ["one", "two"], ["--no-such-option", "q"]])
def test_wrong_usage_is_2(arguments: list[str]) -> None:
    with pytest.raises(SystemExit) as raised:
        main(arguments)
    assert raised.value.code == 2


def test_a_spoken_question_is_asked(ask: Ask, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    heard = {"question.wav": "When was the weir built?", "silence.wav": ""}
    monkeypatch.setattr("models.speech.transcribe", lambda path, model: heard[path.name])
    code, out, err = ask("--audio", str(tmp_path / "question.wav"))
    assert (code, "“The weir was built in 1931.” [1]" in out) == (0, True)
    assert "Heard: When was the weir built?" in err
    code, _, err = ask("--audio", str(tmp_path / "silence.wav"))
    assert (code, "No words are heard" in err) == (1, True)
    with pytest.raises(SystemExit):
        ask("When?", "--audio", "question.wav")


def test_things_found_in_a_picture_are_written_out(ask: Ask, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    class Finds:
        name = "fake"

        def find(self, picture: object, things: object) -> list[FoundObject]:
            return [FoundObject(label="valve", score=0.91234, bbox=(1.0, 2.0, 30.0, 40.0))]

    monkeypatch.setenv("DETECT_MODEL", "hf:fake")
    monkeypatch.setattr("chains.photo.TransformersDetector", lambda name: Finds())
    (tmp_path / "photo.png").write_bytes(encoded(drawn(3)))
    pictures = ("--picture", str(tmp_path / "photo.png"), "--drawn", str(tmp_path / "out.png"))
    code, out, _ = ask("Where is the valve?", *pictures, "--json")
    assert code == 0
    assert json.loads(out)["objects"] == [{"label": "valve", "score": 0.9123, "bbox": [1.0, 2.0, 30.0, 40.0]}]
    assert (tmp_path / "out.png").read_bytes().startswith(b"\x89PNG")
