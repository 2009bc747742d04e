"""What may be done with a source on the page, and by whom."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import gradio as gr
import pytest
from bs4 import BeautifulSoup
from fakes import FakeEmbedder, chunk, document, put, settings_at, table

from app.assistant import Assistant
from app.document_calls import DocumentCalls
from app.preview import parse_key, preview_html
from errors import AccessError
from records import OPERATOR, Access, Loss, Principal
from store.contents import contents_of
from store.index import Index
from store.source_ids import source_id

ID = source_id("/docs/weir.md")
BOB, EVE = Principal(name="bob"), Principal(name="eve")
HOSTILE = '<img src=x onerror="alert(1)">'


@pytest.fixture
def index(make_index: Callable[..., Index]) -> Index:
    opened = make_index()
    asset = opened.assets.put_table(table(("Part", "Weight"), (HOSTILE, "412")))
    picture = opened.assets.put(b"a picture", ".png")
    fields: dict[str, Any] = {"source": "/docs/weir.md", "title": "The weir"}
    chunks = [
        chunk(f"the weir {HOSTILE}", id="1", context="The weir", **fields),
        chunk("Part | Weight", id="2", kind="table", table=asset, ordinal=1, **fields),
        chunk("a gate", id="3", kind="image", picture=picture, author="model", ordinal=2, **fields),
    ]
    put(opened, chunks, replace(document("/docs/weir.md", losses=(Loss("page 2", "It is broken."),)), title="The weir"))
    opened.catalog.set_access("/docs/weir.md", Access((), "bob"))
    return opened


def event(name: str) -> Any:
    return SimpleNamespace(key=f"{name}-{ID}")


def test_each_part_of_a_preview_shows_what_is_stored(index: Index) -> None:
    contents = contents_of("/docs/weir.md", OPERATOR, index.documents, index.assets)
    assert contents is not None
    shown = {part: BeautifulSoup(preview_html(contents, part), "html.parser") for part in ("text", "tables", "figures")}
    assert [one.get_text() for one in shown["text"].select(".words")] == [f"the weir {HOSTILE}"]
    assert [cell.get_text() for cell in shown["tables"].select("td")] == [HOSTILE, "412"]
    assert [image["src"] for image in shown["figures"].select("img")] == ["evidence/3/picture"]
    assert "Written by the model model" in shown["figures"].get_text()
    assert [one.get_text() for one in shown["text"].select(".parts a")] == [
        "Text (1)", "Tables (1)", "Figures (1)", "Chunks (3)",
    ]  # fmt: skip
    assert "page 2: It is broken." in shown["text"].select_one(".losses").get_text()
    assert len(BeautifulSoup(preview_html(contents, "chunks"), "html.parser").select("article")) == 3


def test_a_long_source_is_looked_through_in_steps(make_index: Callable[..., Index]) -> None:
    index = make_index()
    put(index, [chunk(f"passage {n}", ordinal=n) for n in range(100)])
    contents = contents_of("a.md", OPERATOR, index.documents, index.assets)
    assert contents is not None
    soup = BeautifulSoup(preview_html(contents, "text", 40), "html.parser")
    assert [one.get_text() for one in soup.select(".words")] == [f"passage {n}" for n in range(40, 80)]
    assert [link["href"].partition(":")[2] for link in soup.select(".turning a")] == ["text:0", "text:80"]


@pytest.mark.parametrize(
    ("key", "parsed"),
    [
        ("preview-abc", ("abc", "", 0)),
        ("preview-abc:tables:10", ("abc", "tables", 10)),
        ("preview-abc:nothing:-1", ("abc", "", 0)),
        ("preview-", ("", "", 0)),
    ],
)
def test_keys_of_a_preview(key: str, parsed: tuple[str, str, int]) -> None:
    assert parse_key(key) == parsed


def test_a_source_is_renamed_removed_and_brought_back(index: Index) -> None:
    with Assistant(index) as assistant:
        calls = DocumentCalls(assistant)
        calls.rename("  Torvig\n weir ", ID, "")
        (source,) = index.documents.sources(OPERATOR)
        assert source.name == "Torvig weir"
        assert {one.title for one in index.documents.chunks_of(source.source, OPERATOR)} == {"Torvig weir"}
        assert index.documents.titles(OPERATOR) == [("/docs/weir.md", "Torvig weir")]
        with pytest.raises(gr.Error, match="200 characters"):
            calls.rename("x" * 201, ID, "")
        *_, said = calls.remove("", event("remove"))
        assert "Torvig weir is removed." in said and "works for 24 hours" in said
        assert assistant.contents(ID, OPERATOR) is None
        assert "It was removed before." in calls.remove("", event("remove"))[-1]
        assert "Torvig weir is back." in calls.undo("", event("undo"))[-1]
        assert "gone for good" in calls.undo("", event("undo"))[-1]
        calls.rename("The weir", ID, "")  # its title is no name of its own
        assert index.documents.sources(OPERATOR)[0].name == ""


def test_others_may_look_and_not_touch(index: Index) -> None:
    with Assistant(index) as assistant:
        assert assistant.contents(ID, EVE) is not None
        with pytest.raises(AccessError, match="The weir was added by somebody else"):
            assistant.remove(ID, EVE)
        assert assistant.remove(ID, BOB)
        assert assistant.removed(EVE) == [] and assistant.restore(ID, EVE) is None
        assert assistant.restore(ID, BOB) is not None


def test_without_a_time_to_undo_what_is_removed_is_gone(chroma_url: str, tmp_path: Any) -> None:
    settings = settings_at(tmp_path / "data", chroma_url, undo_hours=0)
    with Index(settings, FakeEmbedder()) as index, Assistant(index) as assistant:  # type: ignore[arg-type]
        put(index, [chunk("the weir")])
        *_, said = DocumentCalls(assistant).remove("", SimpleNamespace(key=f"remove-{source_id('a.md')}"))  # type: ignore[arg-type]
        assert "Undo" not in said
        assert index.removed.all(OPERATOR) == [] and list(index.assets.names()) == []
