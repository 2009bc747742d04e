"""What vector index and lexical index must both do: one suite for the two."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from pathlib import Path
from typing import Protocol

import pytest
from fakes import FakeEmbedder, chunk

from records import Chunk, Scope
from store.lexical import LexicalIndex
from store.vectors.chroma import ChromaIndex
from store.vectors.server import connect, parse_url
from text.embedded import embedded_text

EVERYTHING = Scope()


class Searchable(Protocol):
    """An index, as this suite drives it."""

    def add(self, *chunks: Chunk) -> None: ...
    def delete(self, *ids: str) -> None: ...
    def search(self, question: str, limit: int = 10, scope: Scope = EVERYTHING) -> list[tuple[str, float]]: ...
    def ids(self) -> Sequence[str]: ...


def chroma(url: str) -> ChromaIndex:
    """An index that no other test sees."""
    return ChromaIndex(Path(), url, uuid.uuid4().hex[:12])


class Dense:
    """The vectors, by words hashed into places."""

    def __init__(self, url: str) -> None:
        self.embedder = FakeEmbedder()
        self.space = self.embedder.fingerprint
        self.vectors = chroma(url)

    def add(self, *chunks: Chunk) -> None:
        self.vectors.upsert(
            self.space, chunks, self.embedder.embed_documents([embedded_text(one) for one in chunks]), {}
        )

    def delete(self, *ids: str) -> None:
        self.vectors.delete(self.space, ids)

    def search(self, question: str, limit: int = 10, scope: Scope = EVERYTHING) -> list[tuple[str, float]]:
        return self.vectors.search(self.space, self.embedder.embed_query(question), limit, scope)

    def ids(self) -> Sequence[str]:
        return sorted(self.vectors.ids(self.space))


class Lexical:
    """The words."""

    def __init__(self, folder: Path) -> None:
        self.words = LexicalIndex(folder)

    def add(self, *chunks: Chunk) -> None:
        self.words.write(add=chunks, delete=())

    def delete(self, *ids: str) -> None:
        self.words.write(add=(), delete=ids)

    def search(self, question: str, limit: int = 10, scope: Scope = EVERYTHING) -> list[tuple[str, float]]:
        return self.words.search(question, limit, scope)

    def ids(self) -> Sequence[str]:
        return self.words.ids()


@pytest.fixture(params=["vectors", "words"])
def index(request: pytest.FixtureRequest, tmp_path: Path, chroma_url: str) -> Searchable:
    if request.param == "vectors":
        return Dense(chroma_url)
    return Lexical(tmp_path / "words")


def found(index: Searchable, question: str, scope: Scope = EVERYTHING, limit: int = 10) -> list[str]:
    return [id_ for id_, _ in index.search(question, limit, scope)]


def test_an_empty_index_holds_nothing_and_finds_nothing(index: Searchable) -> None:
    assert (list(index.ids()), index.search("turbines")) == ([], [])


def test_what_was_added_is_found_best_first(index: Searchable) -> None:
    index.add(
        chunk("The weir stood still in summer.", id="weir"),
        chunk("The roofs gained a little.", id="roofs"),
        chunk("A weir, the summer and much else: batteries, members, loans and a fish pass.", id="much"),
    )
    assert found(index, "weir in summer")[:2] == ["weir", "much"]
    scores = [score for _, score in index.search("weir in summer")]
    assert scores == sorted(scores, reverse=True)
    assert sorted(index.ids()) == ["much", "roofs", "weir"]


def test_at_most_limit_are_found(index: Searchable) -> None:
    index.add(*(chunk(f"turbine number {n}", id=str(n)) for n in range(9)))
    assert len(found(index, "turbine", limit=4)) == 4


def test_words_of_the_context_count_too(index: Searchable) -> None:
    index.add(chunk("It was 98.8 %.", id="a", context="Availability"), chunk("It was 94.1 %.", id="b", context="Staff"))
    assert found(index, "availability")[0] == "a"


def test_other_forms_of_a_word_are_found(index: Searchable) -> None:
    index.add(chunk("Inspections of the gearbox", id="yes"), chunk("Prices for visitors", id="no"))
    assert found(index, "inspecting gearboxes")[0] == "yes"


def test_a_scope_leaves_out_other_sources_and_kinds(index: Searchable) -> None:
    index.add(
        chunk("wind power", id="a-text", source="a.pdf"),
        chunk("wind power", id="a-table", source="a.pdf", kind="table"),
        chunk("wind power", id="b-text", source='b c\'s "d".pdf'),
    )
    assert sorted(found(index, "wind", Scope(sources=("a.pdf",)))) == ["a-table", "a-text"]
    assert found(index, "wind", Scope(sources=('b c\'s "d".pdf',))) == ["b-text"]
    assert sorted(found(index, "wind", Scope(kinds=("text",)))) == ["a-text", "b-text"]
    assert found(index, "wind", Scope(sources=("a.pdf", "c.pdf"), kinds=("table", "image"))) == ["a-table"]
    assert found(index, "wind", Scope(sources=("c.pdf",))) == []


def test_an_empty_scope_finds_nothing(index: Searchable) -> None:
    index.add(chunk("wind power", id="a"))
    assert found(index, "wind", Scope(sources=())) == []
    assert found(index, "wind", Scope(kinds=())) == []


def test_deleted_chunks_are_gone_and_unknown_ids_ignored(index: Searchable) -> None:
    index.add(chunk("wind power", id="a"), chunk("wind farm", id="b"))
    index.delete("a", "never added")
    assert list(index.ids()) == found(index, "wind power") == ["b"]
    index.delete("a")
    index.delete()
    assert list(index.ids()) == ["b"]


def test_adding_an_id_again_replaces_it(index: Searchable) -> None:
    index.add(chunk("wind power", id="a", source="old.pdf"))
    index.add(chunk("hydro power", id="a", source="new.pdf"), chunk("wind farm", id="b"))
    assert found(index, "wind")[0] == "b"
    assert found(index, "hydro")[0] == "a"
    assert found(index, "power", Scope(sources=("old.pdf",))) == []
    assert sorted(index.ids()) == ["a", "b"]


def test_a_batch_above_the_servers_limit_is_taken_and_deleted_whole(chroma_url: str) -> None:
    size = connect(parse_url(chroma_url)).get_max_batch_size() + 3
    vectors, space = chroma(chroma_url), FakeEmbedder().fingerprint
    vectors.upsert(space, [chunk("x", id=f"{n:05d}") for n in range(size)], [[1.0, n / size] for n in range(size)], {})
    assert len(vectors.ids(space)) == size
    vectors.delete(space, [f"{n:05d}" for n in range(size - 1)])
    assert vectors.ids(space) == {f"{size - 1:05d}"}


def test_vectors_report_the_cosine_of_the_angle(chroma_url: str) -> None:
    vectors, space = chroma(chroma_url), FakeEmbedder().fingerprint
    vectors.upsert(space, [chunk("a", id="near"), chunk("b", id="far")], [[3.0, 4.0], [0.0, 2.0]], {})
    ranking = vectors.search(space, [1.0, 0.0], 2, EVERYTHING)
    assert [id_ for id_, _ in ranking] == ["near", "far"]
    assert [score for _, score in ranking] == pytest.approx([0.6, 0.0], abs=1e-6)


def test_vectors_of_another_space_are_kept_apart(chroma_url: str) -> None:
    vectors = chroma(chroma_url)
    one, other = (FakeEmbedder().fingerprint for _ in range(2))
    vectors.upsert(one, [chunk("a")], [[1.0, 0.0]], {})
    vectors.upsert(other, [chunk("b")], [[1.0, 0.0, 0.0]], {})  # not even of the same length
    assert (vectors.ids(one), vectors.ids(other), vectors.spaces()) == ({"a"}, {"b"}, {one, other})


def test_a_space_goes_with_its_last_vector_and_comes_back_for_others_too(chroma_url: str) -> None:
    vectors, space = chroma(chroma_url), FakeEmbedder().fingerprint
    elsewhere = ChromaIndex(Path(), chroma_url, vectors._suffix[1:])  # another program, which knows the collection
    vectors.upsert(space, [chunk("a")], [[1.0, 0.0]], {})
    assert elsewhere.ids(space) == {"a"}
    vectors.delete(space, ["a"])
    assert (vectors.spaces(), elsewhere.spaces(), elsewhere.ids(space)) == (set(), set(), set())
    assert elsewhere.search(space, [1.0, 0.0], 1, EVERYTHING) == []
    vectors.upsert(space, [chunk("b")], [[1.0, 0.0]], {})
    assert elsewhere.ids(space) == {"b"}


@pytest.mark.parametrize(
    "question",
    [
        'weir" OR kind:table',
        "weir AND (",
        "+weir -summer",
        "text:weir~2^9",
        "weir*",
        "[weir TO zebra]",
        "weir\\",
        "'weir'",
    ],
)
def test_a_question_is_never_read_as_query_syntax(question: str, tmp_path: Path) -> None:
    words = Lexical(tmp_path)
    words.add(chunk("The weir stood still.", id="weir"), chunk("Rows and columns", id="rows", kind="table"))
    assert found(words, question) == ["weir"]


def test_a_number_with_a_comma_is_one_term(tmp_path: Path) -> None:
    words = Lexical(tmp_path)
    words.add(chunk("it lost 5 of 079", id="apart"), chunk("it lost 5,079 hours", id="together"))
    assert found(words, "5,079") == ["together"]


def test_a_question_of_stop_words_alone_is_searched_by_them(tmp_path: Path) -> None:
    words = Lexical(tmp_path)
    words.add(chunk("To be or not to be", id="be"), chunk("Wind", id="wind"))
    assert found(words, "to be or not to be") == ["be"]
    assert found(words, "?!") == found(words, "") == []


def test_rarity_is_that_of_bm25(tmp_path: Path) -> None:
    """ln(1 + (N - n + 0.5) / (n + 0.5)) for n of N = 3 texts."""
    words = Lexical(tmp_path)
    words.add(chunk("wind power"), chunk("wind farms"), chunk("roofs", context="wind"))
    assert words.words.idf(["wind", "farm", "zebra"]) == pytest.approx(
        {"wind": 0.470004, "farm": 0.980829, "zebra": 2.079442}, abs=1e-5
    )


def test_what_a_killed_writer_left_does_not_hinder_the_next(tmp_path: Path) -> None:
    """Killed between a file of deletions and the commit that names it: the same work again wants to write that file."""
    words = LexicalIndex(tmp_path / "words")
    words.write(add=[chunk("weir"), chunk("mill"), chunk("roof")], delete=())
    before = (tmp_path / "words" / "meta.json").read_bytes()
    words.write(add=(), delete=["mill"])
    (tmp_path / "words" / "meta.json").write_bytes(before)  # as if the last commit had not come to its end
    again = LexicalIndex(tmp_path / "words")
    assert sorted(again.ids()) == ["mill", "roof", "weir"]
    again.write(add=(), delete=["mill"])
    assert sorted(again.ids()) == ["roof", "weir"]


def test_a_second_reader_sees_what_was_written_since(tmp_path: Path) -> None:
    principal = Lexical(tmp_path)
    assert found(principal, "wind") == []
    Lexical(tmp_path).add(chunk("wind", id="w"))
    assert found(principal, "wind") == ["w"]
    assert list(principal.ids()) == ["w"]
