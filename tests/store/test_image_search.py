"""Pictures as questions: copies are found, strangers are not, and what is removed is not there."""

from __future__ import annotations

import sqlite3
import tracemalloc
from collections.abc import Callable
from contextlib import closing

import numpy as np
import pytest
from fakes import agree, chunk, put
from pictures_drawn import drawn, encoded
from PIL import Image, ImageDraw

import vision.image_index
from errors import ParseError
from records import Access, Chunk, Scope
from store.auth.users import principal_named
from store.index import Index
from store.maintenance.doctor import check, repair
from vision.alignment import agreement
from vision.postings import Postings
from vision.signature import Signature, gray_of, load_signature, signature_of

EVERYTHING = Scope()
MakeIndex = Callable[..., Index]


@pytest.fixture
def index(make_index: MakeIndex) -> Index:
    """Sources 0.pdf to 5.pdf, each with the picture of its number on page 4."""
    index = make_index()
    for seed in range(6):
        put(index, [pictured(index, seed)])
    return index


def pictured(index: Index, seed: int, **fields: object) -> Chunk:
    asset = index.assets.put(encoded(drawn(seed)), ".png")
    fields.setdefault("source", f"{seed}.pdf")
    return chunk(f"figure {fields}", kind="image", page=4, picture=asset, bbox=(10, 20, 330, 260), **fields)


def found(index: Index, image: Image.Image, scope: Scope = EVERYTHING) -> list[str]:
    return [one.source for one, _ in index.images.search(encoded(image), 5, scope)]


def test_a_picture_of_a_source_one_may_not_read_is_not_found(index: Index) -> None:
    index.catalog.set_access("2.pdf", Access(("law",)))
    assert found(index, drawn(2)) == []
    assert found(index, drawn(2), Scope(principal=principal_named("bob", ["law"]))) == ["2.pdf"]
    assert found(index, drawn(3)) == ["3.pdf"]


def copies(image: Image.Image) -> dict[str, Image.Image]:
    width, height = image.size
    wide = Image.new("RGB", (width + 200, height + 160), "white")
    wide.paste(image, (90, 70))
    return {
        "same": image,
        "crop": image.crop((width // 5, height // 5, width, height)),
        "half": image.resize((width // 2, height // 2)),
        "double": image.resize((width * 2, height * 2)),
        "with a margin": wide,
        "gray": image.convert("L").convert("RGB"),
    }


@pytest.mark.parametrize("form", list(copies(drawn(0))))
def test_a_copy_is_found_where_the_picture_stands(index: Index, form: str) -> None:
    ((place, sure),) = index.images.search(encoded(copies(drawn(3))[form]), 5, EVERYTHING)
    assert (place.source, place.page, place.bbox) == ("3.pdf", 4, (10, 20, 330, 260))
    assert vision.image_index.SAME <= sure <= 1


def test_a_jpeg_of_low_quality_is_found(index: Index) -> None:
    assert [one.source for one, _ in index.images.search(encoded(drawn(2), "JPEG", quality=40), 5, EVERYTHING)] == [
        "2.pdf"
    ]


def test_strangers_and_empty_pictures_are_not_found(index: Index) -> None:
    assert found(index, drawn(99)) == []
    assert found(index, Image.new("RGB", (400, 300), "white")) == []
    assert found(index, Image.new("RGB", (1, 1))) == []


def test_a_picture_of_the_same_template_is_not_the_same(make_index: MakeIndex) -> None:
    """The frame is the same and a third of the inside is other: features agree, places do not."""
    index = make_index()
    put(index, [pictured(index, 1)])
    other = drawn(1)
    other.paste(drawn(50).crop((200, 150, 440, 330)), (200, 150))
    assert found(index, other) == []


def test_scope_kinds_and_limit(index: Index) -> None:
    put(index, [pictured(index, 3, source="again.pdf")])
    assert found(index, drawn(3)) == ["3.pdf", "again.pdf"]
    assert found(index, drawn(3), Scope(sources=("again.pdf", "1.pdf"))) == ["again.pdf"]
    assert found(index, drawn(3), Scope(sources=("1.pdf",))) == []
    assert found(index, drawn(3), Scope(kinds=("text",))) == []
    assert len(index.images.search(encoded(drawn(3)), 1, EVERYTHING)) == 1


def test_chunks_of_one_place_are_one_find(make_index: MakeIndex) -> None:
    index = make_index()
    put(index, [pictured(index, 1, id="first", ordinal=1), pictured(index, 1, id="second", ordinal=2)])
    assert [one.id for one, _ in index.images.search(encoded(drawn(1)), 5, EVERYTHING)] == ["first"]


def test_a_removed_source_leaves_no_signature(index: Index) -> None:
    put(index, [pictured(index, 3, source="again.pdf")])
    (asset,) = index.catalog.assets_of("3.pdf")
    index.remove("3.pdf")
    assert found(index, drawn(3)) == ["again.pdf"]
    index.remove("again.pdf")
    assert found(index, drawn(3)) == []
    assert asset not in index.parts.signatures.assets()
    assert agree(index)


def test_a_missing_signature_is_made_when_it_is_needed(index: Index) -> None:
    before = index.parts.signatures.assets()
    assert len(before) == 6
    index.parts.signatures.remove(before)
    assert check(index).faults == ()
    assert found(index, drawn(4)) == ["4.pdf"]
    assert index.parts.signatures.assets() == before


def test_signatures_of_another_recipe_are_made_again(index: Index, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(vision.image_index, "RECIPE", "another")
    assert found(index, drawn(4)) == ["4.pdf"]
    assert index.parts.signatures.assets("another") == index.parts.signatures.assets()


def test_a_catalog_of_version_2_finds_its_pictures(index: Index, make_index: MakeIndex) -> None:
    path = index.catalog.path
    index.close()
    with closing(sqlite3.connect(path)) as old:
        old.executescript(
            "DROP TABLE names; DROP TABLE removed; DROP TABLE removed_vectors;"
            "DROP TABLE embedded; ALTER TABLE sources ADD COLUMN space TEXT NOT NULL DEFAULT '';"
            "DROP TABLE signatures; DROP INDEX pictures_of_chunks; DROP TABLE readers;"
            "ALTER TABLE waiting DROP COLUMN access; ALTER TABLE sources DROP COLUMN owner;"
            "UPDATE meta SET value = '2' WHERE key = 'schema'"
        )
    assert found(make_index(), drawn(5)) == ["5.pdf"]


def test_the_doctor_names_and_drops_signatures_of_nobody(index: Index) -> None:
    with closing(sqlite3.connect(index.catalog.path)) as db:
        db.execute("INSERT INTO signatures VALUES ('gone.png', 'x', '')")
        db.commit()
    assert [(fault.kind, fault.names) for fault in check(index).faults] == [("orphaned signatures", ("gone.png",))]
    assert repair(index)[1].faults == ()


def test_a_signature_of_what_no_source_has_is_not_kept(index: Index) -> None:
    index.parts.signatures.put("x", {"0" * 40 + ".png": b""})
    assert index.parts.signatures.assets("x") == set()


@pytest.mark.parametrize("data", [b"", b"nothing", encoded(drawn(1))[:2000]], ids=["empty", "words", "cut"])
def test_what_is_no_picture_is_named(index: Index, data: bytes) -> None:
    with pytest.raises(ParseError, match="The picture is not a readable picture"):
        index.images.search(data, 5, EVERYTHING)


def test_a_picture_that_would_fill_the_memory_is_refused_before_it_is_unpacked(index: Index) -> None:
    bomb = encoded(Image.new("1", (20_000, 20_000)))
    with pytest.raises(ParseError, match="more pixels than can safely be opened"):
        index.images.search(bomb, 5, EVERYTHING)


def test_an_asset_that_cannot_be_read_is_passed_over(index: Index) -> None:
    asset = index.assets.put(b"no picture", ".png")
    put(index, [chunk("broken", source="broken.pdf", kind="image", picture=asset)])
    assert found(index, drawn(1)) == ["1.pdf"]


# --- parts -----------------------------------------------------------------------------------------------------------


def test_a_signature_is_stored_to_a_64th_of_a_pixel() -> None:
    signature = signature_of(gray_of(drawn(1)))
    again = load_signature(signature.dump())
    assert len(signature.dump()) == 36 * len(signature.bits)
    assert np.abs(again.places - signature.places).max() <= 1 / 128
    assert (again.bits == signature.bits).all()


def test_votes_by_hand() -> None:
    """Picture a has one feature of zeros, b two, c one of ones: a word of zeros is in two of three pictures."""
    zeros, ones = np.zeros((1, 32), np.uint8), np.full((1, 32), 255, np.uint8)
    bits = [zeros, np.concatenate([zeros, zeros]), ones]
    signatures = [Signature(np.zeros((len(one), 2), np.float32), one) for one in bits]
    postings = Postings(["a", "b", "c"], signatures)
    # 16 words, each weighing log(4 / 2) and log(4 / 1)
    assert postings.votes(signatures[0]) == pytest.approx([16 * np.log(2), 16 * np.log(2), 0])
    assert postings.votes(signatures[2]) == pytest.approx([0, 0, 16 * np.log(4)])


def test_the_words_of_signatures_take_no_memory_but_for_where_they_begin() -> None:
    """A thousand pictures of 300 features have 300,000 x 16 words of 4 bytes, 19 MB; where each of the 2 ** 16 words of 16
    tables begins takes 8 bytes, 8.4 MB, however many pictures there are."""
    draw = np.random.default_rng(1)
    bits = [draw.integers(0, 256, (300, 32), np.uint8) for _ in range(1000)]
    places = np.zeros((300, 2), np.float32)
    tracemalloc.start()
    postings = Postings([str(n) for n in range(1000)], (Signature(places, one) for one in bits))
    kept, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert kept < 9e6
    assert int(np.argmax(postings.votes(Signature(places, bits[7])))) == 7


def test_agreement_is_one_of_the_same_pixels_and_none_of_others() -> None:
    one, other = (gray_of(drawn(seed)) for seed in (1, 2))
    assert agreement(one, signature_of(one), one, signature_of(one)) == pytest.approx(1, abs=0.01)
    assert agreement(one, signature_of(one), other, signature_of(other)) < 0.2


def test_most_places_alike_is_not_enough() -> None:
    """A bar of another height, on a ninth of the picture."""
    one, other = drawn(1), drawn(1)
    ImageDraw.Draw(other).rectangle((200, 100, 420, 320), "black")
    ours, theirs = gray_of(one), gray_of(other)
    assert agreement(ours, signature_of(ours), theirs, signature_of(theirs)) < vision.image_index.SAME
