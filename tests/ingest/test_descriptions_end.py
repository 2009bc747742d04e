"""What was said of pictures goes with its source, and a run that is cut off anywhere leaves a source whole."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from threading import Event
from typing import Any

import pytest
from describing import BLUE, GREEN, RED, Desk, said, shown
from fakes import agree

from ingest.describe import Describing
from ingest.pipeline import describe, ingest
from models.caption import load_captioner
from records import GUEST, Access, Principal
from store.catalog import Catalog
from store.writer import Writer

# --- what must not stay ----------------------------------------------------------------------------------------------


def test_what_was_said_of_a_removed_source_is_nowhere(desk: Desk) -> None:
    index = desk.open()
    source = desk.file("a.txt", RED)
    desk.take_in(index, source)
    assert said(index) == [f"A {RED} square."]
    index.remove(source)
    assert list(index.assets.names()) == []
    kept = [path for path in (index.folder / "assets").rglob("*") if path.is_file()]
    assert kept == []


def test_a_picture_of_two_sources_is_told_of_to_the_readers_of_each(desk: Desk) -> None:
    index = desk.open(vision_workers=1)
    secret, open_ = desk.file("secret.txt", f"{RED} The merger"), desk.file("open.txt", f"{RED} The logo")
    desk.take_in(index, secret, access={secret: Access(("board",))})
    desk.take_in(index, open_)
    assert ["The merger" in prompt for prompt in desk.model.prompts] == [True, False]
    assert index.documents.chunks_of(secret, GUEST) == []
    board = Principal(name="b", groups=frozenset({"board"}))
    assert [chunk.author for chunk in index.documents.chunks_of(secret, board)] == ["", "some:model"]
    index.remove(secret)
    assert shown(index, open_) == [("The logo", ""), (f"A {RED} square.", "some:model")]
    assert agree(index)


def test_a_picture_taken_out_while_the_model_looks_at_it_leaves_nothing(desk: Desk) -> None:
    index = desk.open()
    source = desk.file("a.txt", f"{RED} One", "Words.")
    desk.take_in(desk.open(""), source)

    def change(colour: str) -> None:
        desk.model.during = None
        desk.file("a.txt", f"{BLUE} Another", "Words.")
        plain = desk.open("")
        list(ingest(plain, [source], workers=desk.workers))

    desk.model.during = change
    (outcome,) = describe(index, [source])
    assert shown(index, source) == [("Another", ""), (f"A {BLUE} square.", "some:model")]
    assert outcome.usage is not None
    assert outcome.usage.described == 1
    assert agree(index)


def test_a_source_removed_while_the_model_looks_stays_removed(desk: Desk) -> None:
    index = desk.open()
    source = desk.file("a.txt", RED)
    desk.take_in(desk.open(""), source)
    desk.model.during = lambda colour: index.remove(source)
    (outcome,) = describe(index, [source])
    assert (outcome.status, index.catalog.sources(), list(index.assets.names())) == ("unchanged", [], [])
    assert agree(index)


# --- kills -----------------------------------------------------------------------------------------------------------


class PowerCut(BaseException):
    """Stands for whatever ends a process."""


STEPS: list[tuple[type, str]] = [
    (Writer, "keep_description"),
    (Catalog, "add_asset"),
    (Catalog, "begin"),
    (Catalog, "replace_source"),
    (Catalog, "finish"),
]


@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
@pytest.mark.parametrize(("part", "method"), STEPS, ids=lambda value: getattr(value, "__name__", value))
def test_cut_off_anywhere_the_source_is_whole_and_no_picture_is_paid_for_twice(
    desk: Desk, monkeypatch: pytest.MonkeyPatch, part: type, method: str, after: bool
) -> None:
    source = desk.file("a.txt", f"{RED} One", "Words.")
    desk.take_in(desk.open(""), source)
    real = getattr(part, method)

    def cut(*args: Any) -> Any:
        if after:
            real(*args)
        raise PowerCut

    index = desk.open()
    with monkeypatch.context() as patched:
        patched.setattr(part, method, cut)
        with pytest.raises(PowerCut):
            list(describe(index, [source]))
    reopened = desk.open()
    assert agree(reopened)
    with_words = [("One", ""), (f"A {RED} square.", "some:model")]
    switched = (part, method, after) in [
        (Catalog, "replace_source", True),
        *((Catalog, "finish", one) for one in (0, 1)),
    ]
    assert shown(reopened, source) == (with_words if switched else with_words[:1])
    list(describe(reopened, [source]))
    assert shown(reopened, source) == with_words
    lost = (part, method, after) in [(Writer, "keep_description", False), (Catalog, "add_asset", False)]
    assert desk.model.colours == [RED] * (2 if lost else 1)
    assert agree(reopened)


def test_a_run_that_is_stopped_keeps_what_was_said_and_loses_nothing(desk: Desk) -> None:
    stop = Event()
    desk.model.during = lambda colour: stop.set()
    source = desk.file("a.txt", RED, BLUE, GREEN)
    desk.take_in(desk.open(""), source)
    index = desk.open(vision_workers=1)
    (outcome,) = describe(index, [source], stop=stop)
    assert (outcome.losses, desk.model.colours) == ((), [RED])
    desk.model.during = None
    list(describe(index, [source]))
    assert desk.model.colours == [RED, BLUE, GREEN]
    assert agree(index)


def test_closing_while_pictures_wait_for_their_turn_ends_those_who_wait_for_them(desk: Desk) -> None:
    source = desk.file("a.txt", RED, BLUE, GREEN)
    desk.take_in(desk.open(""), source)
    index = desk.open(vision_workers=1)
    asked, over = Event(), Event()

    def first_is_asked(_: str) -> None:
        asked.set()
        assert over.wait(20)

    desk.model.during = first_is_asked
    captioner = load_captioner(index.settings)
    assert captioner is not None
    describing = Describing(index, captioner, over.is_set)
    with ThreadPoolExecutor(2) as threads:
        waiting = threads.submit(describing.describe, source)
        assert asked.wait(20)
        closing = threads.submit(describing.close)
        over.set()
        usage, losses = waiting.result(timeout=20)
        closing.result(timeout=20)
    assert (usage.described, losses, desk.model.colours) == (1, (), [RED])
