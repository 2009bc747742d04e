"""What the page makes of kept conversations, of what a question may use, and of models that may be chosen."""

from __future__ import annotations

import base64
import io
import re
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import pytest
from fakes import settings_at
from makers import citation, source, turn
from pictures_drawn import drawn, encoded
from PIL import Image

from app.chat import Exchange, messages
from app.conversation_list import as_markdown, list_html
from app.models_panel import READER, model_choices, model_name, panel_html
from app.scope import choices_of, scope_html, scope_of, still_there, toggled
from app.suggested import suggestions_html
from errors import SourceError
from records import OPERATOR, Principal, SubAnswer
from store.conversations import Summary

UPLOADS = Path("/data/uploads")
A = source(source="/docs/a.pdf", title="Alpha <report>")
B = source(source="/docs/b.pdf", title="Beta")
UPLOADED = source(source="/data/uploads/9fe9/c.pdf", title="Gamma")
PAGE = source(source="https://example.org/x", title="A page", kind="web")
SOURCES = [A, B, UPLOADED, PAGE]


def test_sources_folders_and_tags_can_be_picked() -> None:
    choices = choices_of(SOURCES, UPLOADS, ["boat"])
    assert [one.value for one in choices] == [
        "source:/docs/a.pdf", "source:/docs/b.pdf", "source:/data/uploads/9fe9/c.pdf", "source:https://example.org/x",
        "folder:/docs", "tag:boat",
    ]  # fmt: skip
    assert choices[4].label == "Folder docs: 2 documents"
    assert not any("/data/uploads" in one.label for one in choices)


def test_what_is_picked_becomes_a_scope() -> None:
    def scope(*picked: str) -> tuple[object, object]:
        found = scope_of(picked, SOURCES, UPLOADS, OPERATOR)
        return found.sources, found.tags

    assert scope() == (None, ())
    assert scope("source:/docs/b.pdf") == (("/docs/b.pdf",), ())
    assert scope("folder:/docs", "source:https://example.org/x")[0] == (A.source, B.source, PAGE.source)
    assert scope("tag:boat") == (None, ("boat",))
    assert scope("source:/docs/gone.pdf", "source:/docs/b.pdf")[0] == ("/docs/b.pdf",)
    with pytest.raises(SourceError, match="are gone"):
        scope("source:/docs/gone.pdf")  # never wider than what was picked


def test_the_choice_is_shown_at_the_box() -> None:
    choices = choices_of(SOURCES, UPLOADS)
    everything = scope_html(choices, ())
    assert "Uses all 4 documents" in everything
    assert "Alpha &lt;report&gt;" in everything and "<report>" not in everything
    assert 'aria-pressed="true"' not in everything
    some = scope_html(choices, ("source:/docs/b.pdf", "source:/docs/gone.pdf"))
    assert some.count('aria-pressed="true"') == 2
    assert "Only what is marked is used" in some and "A document that is gone" in some and "gone.pdf<" not in some
    assert toggled(("a",), "b") == ("a", "b")
    assert toggled(("a", "b"), "a") == ("b",)


def test_what_was_picked_and_is_gone_is_dropped_and_said() -> None:
    picked = (
        "source:/data/uploads/1/gone <1>.pdf",
        "source:/docs/b.pdf",
        "folder:/docs",
        "folder:/old/cases",
        "tag:boat",
    )
    left, gone = still_there(picked, SOURCES, UPLOADS)
    assert left == ("source:/docs/b.pdf", "folder:/docs", "tag:boat")
    assert gone == ("gone <1>.pdf", "old/cases")
    html = scope_html(choices_of(SOURCES, UPLOADS), (), gone)
    assert "“gone &lt;1&gt;.pdf”, “old/cases” are gone. Uses all 4 documents" in html
    assert "“old/cases” is gone. Only what" in scope_html(choices_of(SOURCES, UPLOADS), left, gone[1:])


def test_conversations_are_listed_with_their_names_escaped() -> None:
    one = Summary(id="x1", name='<b>"Hi"</b>', when="2026-01-02T03:04:05+00:00", questions=2)
    html = list_html([one], "x1")
    assert "<b>" not in html and "&lt;b&gt;" in html and "2 questions" in html
    assert 'aria-current="true"' in html and 'href="conversations/x1.md"' in html and "will be deleted" in html
    assert "No conversation has these words" in list_html([], "", "weir")


def test_a_conversation_as_markdown_has_numbered_sources() -> None:
    failed = Exchange(replace(turn(), answer="", citations=()), status="failed", error="No model.")
    text = as_markdown("Talk", (Exchange(turn(), status="done"), failed))
    assert text.startswith(
        "# Talk\n\n## What was revenue?\n\n12.5 million. [1]\n\nSources:\n\n1. Report, page 3: “Revenue was"
    )
    assert "could not be answered. No model." in text


def test_a_mark_is_not_doubted_before_the_check_has_run() -> None:
    unchecked = turn(citations=(citation(checked=False),))
    running = messages((Exchange(replace(unchecked, stage="synthesise")),))
    assert "⚠" not in running[-1].content
    assert running[-1].content.endswith("\n\n*Not checked yet: the citations are being checked.*")
    assert "⚠" in messages((Exchange(unchecked, status="done"),))[-1].content


def test_a_second_reading_is_said_while_the_answer_is_shown() -> None:
    shown = messages((Exchange(turn(stage="read", citations=())),))
    assert shown[-1].content.startswith("12.5 million")
    assert shown[-1].content.endswith("the cited place is being read a second time.*")


def test_a_draft_stands_where_the_answer_will_and_open_steps_above_it_are_folded() -> None:
    part = SubAnswer(question="What was revenue?", hits=turn().hits, text="12.5")
    searching = messages((Exchange(turn(stage="retrieve", parts=(part,), answer="", citations=())),))
    draft = messages((Exchange(turn(stage="answer", parts=(part,), answer="12.5", citations=())),))
    whole = messages((Exchange(turn(parts=(replace(part, done=True),)), status="done"),))
    assert [one.metadata.get("status") for one in searching] == [
        None,
        "pending",
    ]  # Gradio shows what is pending unfolded
    assert [one.metadata.get("status") for one in draft] == [None, "done", None]
    assert draft[1].metadata["log"] == "Writing the answer"
    assert draft[2].content == "12.5\n\n*Not checked yet: it is still being written.*"
    assert len(draft) == len(whole) and "Not checked" not in whole[2].content


def test_what_was_stopped_is_not_taken_for_checked() -> None:
    stopped = (Exchange(turn(stage="answer"), status="stopped"),)
    assert messages(stopped)[-1].content == "*Stopped before it was checked.*"
    assert "*Stopped before it was checked.*" in as_markdown("Talk", stopped)
    assert messages((Exchange(turn(answer="", parts=()), status="stopped"),))[-1].content == "*Stopped.*"


def test_a_picture_that_was_asked_about_is_shown_small_and_named_in_an_export() -> None:
    picture, other = encoded(drawn(1, 800, 600)), encoded(drawn(2, 80, 60))
    asked = [turn(question=one, picture=data) for one, data in zip("abc", (picture, picture, other), strict=True)]
    conversation = tuple(Exchange(one, status="done") for one in asked)
    first, second, third = (one.content for one in messages(conversation) if one.role == "user")
    small = re.fullmatch(r"a\n\n!\[with a picture: PNG, 800 × 600 pixels\]\(data:image/jpeg;base64,([^)]+)\)", first)
    assert small is not None
    assert Image.open(io.BytesIO(base64.b64decode(small.group(1)))).size == (240, 180)  # 800 × 600, the longer side 240
    assert second == "b\n\n*with a picture, the same as before*"
    assert "PNG, 80 × 60" in third
    text = as_markdown("Talk", conversation)
    assert "## a\n\n*With a picture (PNG, 800 × 600 pixels).*\n\n12.5 million" in text and "base64" not in text


def test_suggestions_are_buttons() -> None:
    assert suggestions_html([], "id1") == '<div data-chat="id1"></div>'
    html = suggestions_html(["What is <x> of y?"])
    assert "<x>" not in html and 'data-key="What%20is%20%3Cx%3E%20of%20y%3F"' in html


def test_which_model_does_what(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(
        "app.models_panel.proposals", lambda *_: [SimpleNamespace(reason="Ollama runs", lines=("CHAT_MODEL=o",))]
    )
    plain = settings_at(tmp_path)
    html = panel_html(plain, OPERATOR, looks=True)
    assert READER in html and "all-MiniLM-L6-v2, packaged" in html and "Ollama runs" in html
    assert "Ollama" not in panel_html(plain, OPERATOR, looks=False)
    assert model_choices(plain, OPERATOR) == [(f"{READER} (default)", "")]
    chosen = settings_at(
        tmp_path,
        chat_model="openai:big",
        chat_models=("openai:small", "extractive"),
        chat_model_of_group=("lab=openai:lab",),
    )
    assert model_choices(chosen, Principal(groups=frozenset({"lab"}))) == [
        ("openai:lab (default)", ""), ("openai:small", "openai:small"), (READER, "extractive"),
    ]  # fmt: skip
    assert panel_html(chosen, Principal(), looks=False).count("openai:small") == 1
    limited = settings_at(tmp_path, chat_models=("lab=openai:big", "extractive"))
    assert model_choices(limited, Principal())[1:] == [(READER, "extractive")]
    assert "openai:big" not in panel_html(limited, Principal(), looks=False)
    assert model_name("gguf:/home/x/model.gguf") == "gguf:model.gguf"
    assert model_name("/home/x/embedder") == "embedder"
