"""What the page makes of kept conversations, of what a question may use, and of models that may be chosen."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import pytest
from fakes import settings_at
from makers import citation, source, turn

from app.chat import Exchange, messages
from app.conversation_list import as_markdown, list_html
from app.models_panel import READER, model_choices, model_name, panel_html
from app.scope import choices_of, scope_html, scope_of, still_there, toggled
from app.suggested import suggestions_html
from errors import SourceError
from records import OPERATOR, Principal
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
    assert "⚠" not in running[-2].content
    assert running[-1].metadata["title"] == "Checking the citations"
    assert "⚠" in messages((Exchange(unchecked, status="done"),))[-1].content


def test_a_second_reading_is_said_while_the_answer_is_shown() -> None:
    shown = messages((Exchange(turn(stage="read", citations=())),))
    assert shown[-2].content.startswith("12.5 million")
    assert shown[-1].metadata == {"title": "Reading the cited place a second time", "log": "", "status": "pending"}


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
