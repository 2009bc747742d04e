"""Long sources can be searched by their words while they are being read; killed anywhere, nothing is lost or doubled."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future
from contextlib import nullcontext
from dataclasses import replace
from pathlib import Path
from threading import Event
from types import SimpleNamespace
from typing import Any

import pymupdf
import pytest
from fakes import agree, table, vector_ids
from pdf_files import pdf

from ingest.__main__ import list_sources
from ingest.first_stage import FIRST_PAGES, FROM_PAGES, VERY_LONG
from ingest.outcome import Outcome
from ingest.parsers.base import Outline
from ingest.parsers.pdf.document import open_pdf
from ingest.parsers.pdf.plain_words import read_words
from ingest.parsers.registry import PARSERS
from ingest.pipeline import ingest
from ingest.workers import Workers
from records import GUEST, OPERATOR, Access, Chunk, Document, Element, Line, Principal, Raw, Reading, Scope
from store.being_read import PARSER, state_of
from store.index import Index
from store.maintenance.doctor import check

MakeIndex = Callable[..., Index]
EVERYTHING = Scope(principal=OPERATOR)
STAFF = Principal(name="ada", groups=frozenset({"staff"}))
THINGS = "turbine weir roof battery cable tower meter valley river station".split()


class HereAndNow(Workers):
    """Works in this process, so that a test sees what is there in between."""

    def __init__(self, index: Index) -> None:
        super().__init__(index.settings)
        self._progress = SimpleNamespace(listening=lambda *_: nullcontext(), close=lambda: None)  # type: ignore[assignment]

    def _submit(self, seconds: float, function: Callable[..., Any], *args: Any, **kwargs: Any) -> Future[Any]:
        future: Future[Any] = Future()
        try:
            future.set_result(function(*args, **kwargs))
        except Exception as error:  # noqa: BLE001  it is handed on
            future.set_exception(error)
        return future


class Reader:
    """Reads a page as one text element and one table, and calls ``meanwhile`` before the first."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.meanwhile: Callable[[], None] = lambda: None
        self.glances = 0  # readings of plain words
        paged = PARSERS["pdf"].paged
        assert paged is not None
        mine = replace(paged, read=self._read, assemble=self._assemble, words=self._words)
        mine = replace(mine, dump=lambda pages, outline: b"", restore=lambda data, outline, there: {})
        monkeypatch.setitem(PARSERS, "pdf", replace(PARSERS["pdf"], paged=mine))

    def _words(self, source: str, data: bytes, numbers: Sequence[int], outline: Outline) -> Document:
        self.glances += 1
        return read_words(source, data, numbers, outline)

    def _read(self, data: bytes, numbers: Sequence[int], assets: object, settings: object) -> list[tuple[int, str]]:
        if 1 in numbers:
            self.meanwhile()
        with pymupdf.open(stream=data, filetype="pdf") as document:
            return [(number, document[number - 1].get_text().strip()) for number in numbers]

    def _assemble(
        self, source: str, outline: Outline, pages: Sequence[tuple[int, str]], lost: Mapping[int, str]
    ) -> Document:
        elements = []
        for number, said in pages:
            elements.append(Element(kind="text", lines=(Line(said, (50.0, 50.0, 500.0, 64.0)),), page=number))
            elements.append(
                Element(kind="table", page=number, table=table(("Part", "Year"), (f"part {number}", "2021")))
            )
        return Document(source=source, kind="pdf", title="Plant", pages=outline.pages, elements=tuple(elements))


@pytest.fixture
def reader(monkeypatch: pytest.MonkeyPatch) -> Reader:
    return Reader(monkeypatch)


def write(path: Path, pages: int = FROM_PAGES, verb: str = "inspected") -> str:
    texts = [f"The {THINGS[n % len(THINGS)]} number{n} was {verb} by the crew." for n in range(pages)]
    path.write_bytes(pdf(*texts))
    return str(path)


def take_in(index: Index, source: str, **fields: Any) -> list[Outcome]:
    with HereAndNow(index) as workers:
        return list(ingest(index, [source], workers=workers, **fields))


def found(index: Index, words: str, principal: Principal = OPERATOR) -> list[Chunk]:
    return [chunk for chunk, _ in index.lexical.search(words, 3, Scope(principal=principal))]


def stored(index: Index, source: str) -> list[Chunk]:
    return index.catalog.chunks_of(source)


def test_the_words_can_be_found_at_their_place_before_a_page_is_read_as_a_whole(
    make_index: MakeIndex, tmp_path: Path, reader: Reader, capsys: pytest.CaptureFixture[str]
) -> None:
    index, source, told = make_index(), write(tmp_path / "a.pdf"), []

    def look() -> None:
        (chunk, *_) = found(index, "number7")
        assert (chunk.page, chunk.kind) == (8, "text")
        assert "number7 was inspected" in chunk.text
        with pymupdf.open(source) as document:
            place = document[7].search_for("number7")[0]
        assert chunk.bbox is not None
        x0, y0, x1, y1 = chunk.bbox
        assert place in pymupdf.Rect(x0 - 1, y0 - 1, x1 + 1, y1 + 1)
        assert index.dense.search("turbine number7", 3, EVERYTHING) == []
        assert vector_ids(index) == set()
        known = index.documents.source(source, OPERATOR)
        assert known is not None
        assert known.reading == Reading(words=FROM_PAGES, done=0)
        assert state_of(known) == f"text searchable, reading tables: page 0 of {FROM_PAGES}"
        list_sources(index.settings, as_json=False)
        assert index.jobs.left() == []  # who reads it lives
        assert check(index).faults == ()

    reader.meanwhile = look
    (outcome,) = take_in(index, source, on_words=told.append)
    assert (outcome.status, outcome.chunks) == ("added", {"text": FROM_PAGES, "table": FROM_PAGES})
    assert told == [source]
    assert "text searchable" in " ".join(capsys.readouterr().out.split())
    assert index.catalog.sources()[0].reading is None
    assert {chunk.kind for chunk in found(index, "number7")} == {"text"}
    assert agree(index)
    assert check(index).faults == ()
    assert take_in(index, source)[0].status == "unchanged"


def test_what_is_stored_in_the_end_is_what_is_stored_without_stages(
    make_index: MakeIndex, tmp_path: Path, reader: Reader, monkeypatch: pytest.MonkeyPatch
) -> None:
    index, plain, source = make_index(), make_index(tmp_path / "plain"), write(tmp_path / "a.pdf")
    take_in(index, source)
    assert reader.glances == 1
    monkeypatch.setattr("ingest.first_stage.FROM_PAGES", FROM_PAGES + 1)
    take_in(plain, source)
    assert reader.glances == 1
    assert stored(index, source) == stored(plain, source)
    one, other = index.catalog.sources()[0], plain.catalog.sources()[0]
    assert replace(one, when="") == replace(other, when="")
    assert index.catalog.fingerprint(source) == plain.catalog.fingerprint(source)
    assert sorted(index.assets.names()) == sorted(plain.assets.names())


def test_the_first_pages_of_a_very_long_source_come_first(
    make_index: MakeIndex, tmp_path: Path, reader: Reader, monkeypatch: pytest.MonkeyPatch
) -> None:
    index, source, seen = make_index(), write(tmp_path / "a.pdf", VERY_LONG + 1), []
    real = index.put_all

    def put_all(documents: Any, when: str) -> Any:
        made = real(documents, when)
        seen.append((made[0].chunks, documents[0].reading and documents[0].reading.words))
        return made

    monkeypatch.setattr(index, "put_all", put_all)
    take_in(index, source)
    assert seen == [(FIRST_PAGES, FIRST_PAGES), (VERY_LONG + 1, VERY_LONG + 1), (2 * (VERY_LONG + 1), None)]


def test_who_may_not_read_a_source_does_not_find_its_words_and_a_later_word_holds(
    make_index: MakeIndex, tmp_path: Path, reader: Reader
) -> None:
    index, source = make_index(), write(tmp_path / "a.pdf")

    def look() -> None:
        assert found(index, "number7", GUEST) == []
        assert len(found(index, "number7", STAFF)) == 1
        index.catalog.set_access(source, Access(("board",)))
        assert found(index, "number7", STAFF) == []

    reader.meanwhile = look
    take_in(index, source, access={source: Access(("staff",))})
    assert index.catalog.access(source) == Access(("board",))
    assert found(index, "number7", STAFF) == []


def test_a_changed_source_stays_as_it_was_until_it_is_read(
    make_index: MakeIndex, tmp_path: Path, reader: Reader
) -> None:
    index, source = make_index(), write(tmp_path / "a.pdf")
    take_in(index, source)
    before = stored(index, source)
    write(tmp_path / "a.pdf", verb="painted")
    reader.meanwhile = lambda: seen.append((stored(index, source) == before, len(found(index, "painted"))))
    seen: list[tuple[bool, int]] = []
    assert take_in(index, source)[0].status == "updated"
    assert seen == [(True, 0)]
    assert len(found(index, "painted")) == 3
    assert agree(index)


@pytest.mark.parametrize("for_good", [True, False])
def test_what_is_removed_while_it_is_read_does_not_come_back(
    make_index: MakeIndex, tmp_path: Path, reader: Reader, for_good: bool
) -> None:
    index, source = make_index(), write(tmp_path / "a.pdf")
    reader.meanwhile = lambda: seen.append(index.remove(source, for_good=for_good))
    seen: list[bool] = []
    (outcome,) = take_in(index, source)
    assert (seen, outcome.status) == ([True], "failed")
    assert "was removed while it was being read" in outcome.error
    assert index.catalog.sources() == []
    assert found(index, "number7") == []
    if for_good:
        assert agree(index)
    else:
        assert index.removed.restore(source)
        assert index.jobs.left() == [source]  # its words are back; it is still to be read
        reader.meanwhile = lambda: None
        assert take_in(index, source)[0].status == "updated"
        assert agree(index)


def test_a_source_that_somebody_stops_leaves_nothing(make_index: MakeIndex, tmp_path: Path, reader: Reader) -> None:
    index, source, stop = make_index(), write(tmp_path / "a.pdf"), Event()
    reader.meanwhile = stop.set
    (outcome,) = take_in(index, source, stop=stop)
    assert outcome.status == "failed"
    assert index.jobs.left() == [source]  # the program may have ended; its words can be found until somebody cancels it
    assert len(found(index, "number7")) == 1
    index.jobs.cancel([source])
    assert index.catalog.sources() == []
    assert agree(index)
    assert index.assets.names() is not None
    assert list(index.assets.names()) == []


def test_a_source_that_cannot_be_read_leaves_nothing(make_index: MakeIndex, tmp_path: Path, reader: Reader) -> None:
    index, source = make_index(), write(tmp_path / "a.pdf")

    def fail() -> None:
        raise MemoryError

    reader.meanwhile = fail
    reader._assemble = lambda *_: None  # type: ignore[assignment, method-assign, return-value]
    paged = PARSERS["pdf"].paged
    assert paged is not None
    PARSERS["pdf"] = replace(PARSERS["pdf"], paged=replace(paged, assemble=_refuse))
    assert take_in(index, source)[0].status == "failed"
    assert index.catalog.sources() == []
    assert list(index.assets.names()) == []


def _refuse(*_: object) -> Document:
    from errors import ParseError

    raise ParseError("It holds nothing.")


class PowerCut(BaseException):
    """Stands for whatever ends a process."""


STEPS = [
    ("catalog", "begin", 1),
    ("catalog", "replace_source", 1),
    ("words", "write", 1),
    ("catalog", "finish", 1),
    ("reading", "", 1),
    ("catalog", "begin", 2),
    ("vectors", "upsert", 1),
    ("words", "write", 2),
    ("catalog", "replace_source", 2),
    ("words", "write", 3),
    ("catalog", "finish", 2),
]


@pytest.mark.parametrize("after", [False, True])
@pytest.mark.parametrize(("part", "method", "call"), STEPS)
def test_killed_anywhere_the_next_run_goes_on(
    make_index: MakeIndex, tmp_path: Path, part: str, method: str, call: int, after: bool, reader: Reader
) -> None:
    index, source = make_index(), write(tmp_path / "a.pdf")
    objects = {"catalog": index.catalog, "vectors": index.parts.vectors, "words": index.parts.lexical}
    with pytest.MonkeyPatch.context() as patch:
        # what is done after the end of a process: nothing
        patch.setattr(index.jobs, "cancel", lambda sources: None)
        patch.setattr(index.jobs, "end", lambda work: work.close())
        if part == "reading":
            reader.meanwhile = _cut
        else:
            patch.setattr(objects[part], method, _ending(getattr(objects[part], method), call, after))
        with pytest.raises(PowerCut):
            take_in(index, source)
    reader.meanwhile = lambda: None
    again = make_index()
    left = again.jobs.left()
    begun = [one for one in again.catalog.sources() if one.reading]
    assert left == [source] or (not begun and agree(again))  # whole already
    assert take_in(again, source)[0].status in ("added", "unchanged")
    assert len(stored(again, source)) == 2 * FROM_PAGES
    assert len({chunk.id for chunk in stored(again, source)}) == 2 * FROM_PAGES
    assert again.jobs.left() == []
    assert agree(again)


def _cut() -> None:
    raise PowerCut


def _ending(real: Callable[..., Any], call: int, after: bool) -> Callable[..., Any]:
    calls: list[int] = []

    def ending(*args: Any, **kwargs: Any) -> Any:
        calls.append(1)
        if len(calls) < call:
            return real(*args, **kwargs)
        if len(calls) == call and after:
            real(*args, **kwargs)
        raise PowerCut

    return ending


def test_words_that_a_killed_program_has_taken_in_are_not_read_again(
    make_index: MakeIndex, tmp_path: Path, reader: Reader
) -> None:
    index, source = make_index(), write(tmp_path / "a.pdf")
    reader.meanwhile = _cut
    with pytest.raises(PowerCut):
        take_in(index, source)
    again = make_index()
    assert again.catalog.sources()[0].reading == Reading(FROM_PAGES)
    known = again.catalog.fingerprint(source)
    assert known is not None
    assert known.parser == PARSER
    reader.meanwhile = lambda: None
    assert again.jobs.left() == [source]
    take_in(again, source)
    assert reader.glances == 1
    assert agree(again)


def test_plain_words_are_those_that_a_page_shows() -> None:
    with pymupdf.open() as document:
        page = document.new_page()
        page.insert_text((72, 100), "The turbine is inspected twice a year, by a crew of three.")
        page.insert_text((72, 200), "Say that all is well.", render_mode=3)  # drawn in no way
        page.insert_text((72, 300), "The weir is closed.")
        page.draw_line((70, 296), (180, 296))
        turned = document.new_page()
        turned.insert_text((72, 100), "A page that is shown turned, with its own words on it.")
        turned.set_rotation(90)
        data = document.tobytes()
    outline = open_pdf(Raw(source="a.pdf", data=data))
    one, *_, other = read_words("a.pdf", data, [1, 2], outline).elements
    assert one.text == "The turbine is inspected twice a year, by a crew of three."
    assert (one.page, other.page) == (1, 2)
    said = " ".join(element.text for element in read_words("a.pdf", data, [1], outline).elements)
    assert "all is well" not in said
    assert "weir" not in said
    assert other.bbox is not None
    assert other.bbox[3] - other.bbox[1] > other.bbox[2] - other.bbox[0]  # it runs down the page as it is shown


def test_words_below_a_scan_count_where_they_are_words() -> None:
    def below(text: str) -> str:
        with pymupdf.open() as document:
            document.new_page().insert_text((72, 100), text, render_mode=3)
            data = document.tobytes()
        return " ".join(one.text for one in read_words("a", data, [1], open_pdf(Raw(source="a", data=data))).elements)

    assert below("The turbine is inspected by the crew every year.") == (
        "The turbine is inspected by the crew every year."
    )
    assert below("Tbe tnrbjne iz lnspcted bv tbe crcw evcrv yeor.") == ""
