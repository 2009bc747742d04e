"""A second embedding space from outside the package lives beside the first, and neither harms the other."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from fakes import FakeEmbedder, agree, chunk, put, vector_ids

from records import OPERATOR, Chunk, Scope
from store.index import Index
from store.maintenance import backup
from store.maintenance.doctor import check, repair
from store.spaces import SPACES, TEXT

MakeIndex = Callable[..., Index]
DOCS = Path(__file__).resolve().parents[2] / "docs"
SECTION = "## Add a second embedding space"
EVERYTHING = Scope(principal=OPERATOR)


@pytest.fixture
def lengths() -> Iterator[None]:
    """The block of the guide, run as it stands there."""
    (guide,) = (text for path in sorted(DOCS.glob("extending*.md")) if SECTION in (text := path.read_text()))
    code = guide.split(SECTION)[1].split("```python\n")[1].partition("\n```")[0]
    exec(compile(code, "extending.md", "exec"), {"__name__": "lengths"})
    yield
    SPACES.pop("lengths", None)


@pytest.fixture
def index(lengths: None, make_index: MakeIndex) -> Index:
    opened = make_index()
    put(opened, [picture("a fish"), chunk("the weir", ordinal=1)])
    put(opened, [picture("turbines everywhere", source="b.md")])
    return opened


def picture(text: str, **fields: object) -> Chunk:
    return chunk(text, kind="image", **fields)


def found(index: Index, question: str, space: str = "lengths") -> list[str]:
    return [one.id for one, _ in index.spaces[space].search(question, 5, EVERYTHING)]


def test_it_is_searched_by_its_own_embedder_and_holds_its_kinds(index: Index) -> None:
    assert vector_ids(index, "lengths") == {"a fish", "turbines everywhere"}
    assert vector_ids(index) == {"a fish", "the weir", "turbines everywhere"}
    # "a fish": one word of 1 letter, one of 4; "turbines everywhere": one of 8 (the other has 10, which is not counted)
    ranking = index.spaces["lengths"].search("I swim", 5, EVERYTHING)
    assert [(one.id, round(score, 4)) for one, score in ranking] == [
        ("a fish", 1.0),
        ("turbines everywhere", round(1 / (3**0.5 * 2**0.5), 4)),
    ]
    assert found(index, "weir", TEXT)[0] == "the weir"
    assert check(index).faults == ()


def test_a_removal_and_a_new_version_reach_both(index: Index) -> None:
    index.remove("b.md")
    assert vector_ids(index, "lengths") == {"a fish"}
    put(index, [picture("a boat")])
    assert vector_ids(index, "lengths") == vector_ids(index) == {"a boat"}
    assert check(index).faults == ()
    assert agree(index)


def test_a_backup_keeps_it(index: Index, make_index: MakeIndex, tmp_path: Path) -> None:
    manifest = backup.save(index, tmp_path / "b.zip")
    keys = {name: space.key for name, space in index.parts.spaces.items()}
    assert manifest["vectors"] == {keys[TEXT]: 3, keys["lengths"]: 2}
    other = make_index(tmp_path / "other")
    backup.load(other, tmp_path / "b.zip")
    assert found(other, "I swim") == found(index, "I swim") == ["a fish", "turbines everywhere"]
    assert check(other).faults == ()


def test_another_embedder_of_the_first_leaves_the_second_alone(index: Index, make_index: MakeIndex) -> None:
    other = make_index(embedder=FakeEmbedder())
    kinds = {(fault.kind, fault.space) for fault in check(other).faults}
    assert kinds == {("vectors of another embedding model", TEXT)}
    before = other.parts.vectors.stored(other.parts.spaces["lengths"].key, ["a fish"])
    put(other, [picture("a fish"), chunk("the weir", ordinal=1)])  # taken in anew
    assert vector_ids(index) == {"turbines everywhere"}  # the first embedder's
    assert vector_ids(other) == {"a fish", "the weir"}
    assert repair(other)[1].faults == ()
    assert other.parts.vectors.stored(other.parts.spaces["lengths"].key, ["a fish"]) == before
    assert vector_ids(other, "lengths") == {"a fish", "turbines everywhere"}
    assert other.parts.vectors.spaces() == set(other.parts.present_keys().values())


def test_damage_is_named_and_repaired_in_its_space(index: Index) -> None:
    index.parts.vectors.delete(index.parts.spaces["lengths"].key, ["a fish"])
    assert [(fault.kind, fault.names, fault.space) for fault in check(index).faults] == [
        ("missing vectors", ("a fish",), "lengths")
    ]
    assert repair(index)[1].faults == ()
    assert found(index, "I swim")[0] == "a fish"


def test_a_program_without_it_leaves_it_alone(index: Index, make_index: MakeIndex, tmp_path: Path) -> None:
    space = SPACES.pop("lengths")
    plain = make_index()
    assert list(plain.spaces) == [TEXT]
    assert check(plain).faults == ()
    backup.save(plain, tmp_path / "b.zip")
    plain.remove("b.md")
    put(plain, [picture("a boat", source="c.md")])
    assert repair(plain)[0].faults == ()
    restored = make_index(tmp_path / "other")
    backup.load(restored, tmp_path / "b.zip")
    SPACES["lengths"] = space
    again = make_index()
    assert vector_ids(again, "lengths") == {"a fish"}  # what it removed is gone, what it added is missing
    assert [(fault.kind, fault.names) for fault in check(again).faults] == [("missing vectors", ("a boat",))]
    assert repair(again)[1].faults == ()
    assert vector_ids(again, "lengths") == {"a boat", "a fish"}
    assert vector_ids(make_index(tmp_path / "other"), "lengths") == {"a fish", "turbines everywhere"}


def test_what_was_there_before_is_embedded_by_the_doctor(lengths: None, make_index: MakeIndex) -> None:
    space = SPACES.pop("lengths")
    put(make_index(), [picture("a fish")])
    SPACES["lengths"] = space
    late = make_index()
    assert found(late, "I swim") == []
    assert [fault.kind for fault in check(late).faults] == ["missing vectors"]
    repair(late)
    assert found(late, "I swim") == ["a fish"]


class PowerCut(Exception):
    """Stands for whatever ends a process."""


def test_a_write_cut_off_between_the_spaces_is_undone_in_both(
    index: Index, make_index: MakeIndex, monkeypatch: pytest.MonkeyPatch
) -> None:
    vectors = type(index.parts.vectors)
    upsert = vectors.upsert

    def cut(self: object, space: str, *rest: object) -> None:
        if space.startswith("lengths."):
            raise PowerCut
        upsert(self, space, *rest)  # type: ignore[arg-type]

    with monkeypatch.context() as patched:
        patched.setattr(vectors, "upsert", cut)
        with pytest.raises(PowerCut):
            put(index, [picture("a boat", source="c.md")])
    assert "a boat" in vector_ids(index)
    again = make_index()
    assert vector_ids(again) == {"a fish", "the weir", "turbines everywhere"}
    assert vector_ids(again, "lengths") == {"a fish", "turbines everywhere"}
    assert check(again).faults == ()
