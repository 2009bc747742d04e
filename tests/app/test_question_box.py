"""What is put into the question box: words, pictures, recordings; and the picture that a conversation is about."""

from __future__ import annotations

import base64
import io
import re
import socket
import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from langchain_core.runnables import RunnableGenerator
from pictures_drawn import drawn, encoded
from PIL import Image

from app.assistant import Assistant
from app.callbacks import Callbacks
from app.chat import Exchange, history, messages
from app.evidence import EMPTY, panel
from app.question_box import Additions, additions, asked, carried
from config import Settings
from errors import AssistantError
from records import FoundObject, Turn
from store.index import Index
from tests.app.browser import browser, chromium

SETTINGS = Settings(max_image_bytes=100_000)
VALVE = FoundObject(label="valve", score=0.9, bbox=(10.0, 10.0, 60.0, 40.0))


@pytest.fixture
def photo(tmp_path: Path) -> Path:
    (tmp_path / "photo.png").write_bytes(encoded(drawn(1, 80, 60)))
    return tmp_path / "photo.png"


def done(**fields: object) -> Exchange:
    return Exchange(Turn(**fields), "done")  # type: ignore[arg-type]


def test_words_and_a_picture_are_taken(photo: Path) -> None:
    assert asked("  Who? ", (), SETTINGS) == Turn(question="Who?")
    value = {"text": "What is this?", "files": [str(photo)]}
    assert asked(value, (), SETTINGS) == Turn(question="What is this?", picture=photo.read_bytes())
    assert asked({"text": None, "files": [{"path": str(photo)}]}, (), SETTINGS).picture == photo.read_bytes()


def test_what_cannot_be_asked_about_is_refused(photo: Path) -> None:
    other = photo.with_suffix(".exe")
    other.write_bytes(b"x")
    with pytest.raises(AssistantError, match="neither a question nor a document"):
        asked({"text": "", "files": [str(other)]}, (), SETTINGS)
    with pytest.raises(AssistantError, match="one picture at a time"):
        asked({"text": "What are these?", "files": [str(photo), str(photo)]}, (), SETTINGS)
    with pytest.raises(AssistantError, match="too large"):
        asked({"text": "", "files": [str(photo)]}, (), replace(SETTINGS, max_image_bytes=10))


@pytest.mark.parametrize(
    ("text", "files", "added"),
    [
        ("Who built the weir?", [], Additions()),
        ("Who? https://a.example/b", [], Additions()),
        ("https://a.example/b\nhttp://c.example", [], Additions(links=("https://a.example/b", "http://c.example"))),
        ("What is this?", ["a.png"], Additions()),
        ("", ["a.png"], Additions()),
        ("", ["said.wav"], Additions()),
        ("", ["a.png", "b.jpg"], Additions((Path("a.png"), Path("b.jpg")))),
        ("What are these?", ["a.png", "b.jpg"], Additions()),
        ("", ["a.PDF", "b.png"], Additions((Path("a.PDF"), Path("b.png")))),
        ("Who wrote it?", ["a.md"], Additions((Path("a.md"),), text="Who wrote it?")),
        ("https://a.example", ["a.md"], Additions((Path("a.md"),), ("https://a.example",))),
        ("", ["a.exe"], Additions()),
    ],
)
def test_documents_and_links_are_added_and_a_picture_is_a_question(
    text: str, files: list[str], added: Additions
) -> None:
    assert additions({"text": text, "files": [{"path": file} for file in files]}) == added


def test_a_recording_is_heard(photo: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("app.question_box.transcribe", lambda file, model: "Where is the valve?")
    assert asked({"text": "", "files": ["/x/said.wav"]}, (), SETTINGS).question == "Where is the valve?"
    both = asked({"text": "", "files": ["/x/said.wav", str(photo)]}, (), SETTINGS)
    assert (both.question, both.picture) == ("Where is the valve?", photo.read_bytes())


def test_the_picture_of_a_conversation_stays_until_another_comes(photo: Path) -> None:
    earlier = (done(question="What is this?", picture=b"first"), done(question="When was it built?"))
    assert carried("Where is the valve?", earlier) == b"first"
    assert carried("What does the picture show?", earlier) == b"first"
    assert carried("What was revenue in 2024?", earlier) == b""  # a question to the documents
    assert carried("Where is the valve?", ()) == b""
    assert asked({"text": "What is this?", "files": [str(photo)]}, earlier, SETTINGS).picture == photo.read_bytes()


def test_a_picture_without_words_is_said_in_chat_and_history() -> None:
    conversation = (done(question="", picture=b"x", answer="A weir."),)
    assert messages(conversation)[0].content == "*with a picture*"
    assert [message.content for message in history(conversation)] == ["What is this picture?", "A weir."]


def test_what_was_found_is_shown_with_the_evidence() -> None:
    turn = Turn(question="Where is the valve?", drawn=encoded(drawn(1, 80, 60)), objects=(VALVE,), answer="In it.")
    html = panel((Exchange(turn, "done"),), "", {}, None)  # type: ignore[arg-type]
    assert 'alt="Found in your picture: valve"' in html
    (data,) = re.findall(r'src="data:image/jpeg;base64,([^"]+)"', html)
    assert Image.open(io.BytesIO(base64.b64decode(data))).size == (80, 60)
    assert panel((done(question="Who?"),), "", {}, None) == EMPTY  # type: ignore[arg-type]


def _finds(turns: Iterator[Turn]) -> Iterator[Turn]:
    turn = next(turns)
    found = {"drawn": turn.picture, "objects": (VALVE,)} if turn.picture else {}
    yield replace(turn, stage="find_picture", answer="In the picture: valve: 1 found.", **found)  # type: ignore[arg-type]


@pytest.fixture
def assistant(tmp_path: Path) -> Iterator[Assistant]:
    with Index(Settings(data_dir=tmp_path / "data")) as index, Assistant(index, RunnableGenerator(_finds)) as one:
        yield one


def test_an_empty_box_asks_nothing_and_a_picture_alone_does(assistant: Assistant, photo: Path) -> None:
    calls = Callbacks(assistant)
    assert all(isinstance(value, dict) for value in calls.begin({"text": " ", "files": []}, ()))
    _, conversation, _ = calls.begin({"text": "", "files": [str(photo)]}, ())
    *_, (conversation, _, shown, _) = calls.answer(conversation)
    assert "Found in your picture: valve" in shown


@pytest.mark.filterwarnings("ignore")  # Gradio's server meets deprecations of its own libraries
@pytest.mark.skipif(chromium() is None, reason="Chromium is not installed: apt-get install chromium")
def test_a_picture_is_asked_about_in_a_browser(assistant: Assistant, photo: Path) -> None:
    import uvicorn
    from playwright.sync_api import expect

    from app.serve import web_app

    with socket.create_server(("127.0.0.1", 0)) as server_socket:
        web = uvicorn.Server(uvicorn.Config(web_app(assistant), log_level="warning", timeout_graceful_shutdown=1))
        thread = threading.Thread(target=web.run, kwargs={"sockets": [server_socket]})
        thread.start()
        try:
            with browser() as one:
                page = one.new_page()
                page.goto(f"http://127.0.0.1:{server_socket.getsockname()[1]}/")
                page.locator("#ask input[type=file]").set_input_files(photo)
                page.locator("#ask .thumbnail-item").wait_for()
                page.locator("#ask textarea").fill("Where is the valve?")
                page.locator("#ask textarea").press("Enter")
                expect(page.get_by_text("valve: 1 found")).to_be_visible(timeout=30_000)
                expect(page.locator("#evidence img[alt='Found in your picture: valve']")).to_be_visible(timeout=30_000)
                # the next question about it needs no second upload
                page.locator("#ask textarea").fill("And where is the pump in this picture?")
                page.locator("#ask textarea").press("Enter")
                expect(page.get_by_text("with a picture, the same as before")).to_be_visible(timeout=30_000)
                # it is there again after a reload
                expect(page.locator("#ask .submit-button")).to_be_visible(timeout=30_000)
                page.get_by_role("tab", name="Conversations").click()
                expect(page.locator("#chats")).to_contain_text("2 questions", timeout=30_000)
                page.reload()
                shown = page.get_by_role("img", name="with a picture: PNG, 80 × 60 pixels")
                expect(shown).to_be_visible(timeout=30_000)
                assert shown.evaluate("one => one.naturalWidth") == 80
        finally:
            web.should_exit = True
            thread.join(10)
