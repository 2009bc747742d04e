"""What a chat model that sees is shown beside the passages."""

from __future__ import annotations

import base64
import io
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pymupdf
import pytest
from chat_models import Scripted
from fakes import chunk, document, put, table
from PIL import Image
from seeing import square

from chains.answering.generative.pictures import MAX_PICTURES, picture_blocks
from chains.pipeline import build, resources_of
from config import Settings
from errors import SettingsError
from models.prompts import PICTURES_SHOWN, SubQuestions
from records import GUEST, Access, Chunk, Hit, Principal, Turn
from store.index import Index

ASKED = "How many hours did the gearbox stand still?"


def page_of_one_colour() -> bytes:
    """A PDF of one page of 200 by 100 points, blue, with a yellow table at (20, 30, 120, 80)."""
    with pymupdf.open() as pdf:
        page = pdf.new_page(width=200, height=100)
        page.draw_rect(page.rect, color=(0, 0, 1), fill=(0, 0, 1))
        page.draw_rect((20, 30, 120, 80), color=(1, 1, 0), fill=(1, 1, 0))
        return bytes(pdf.tobytes())


@pytest.fixture
def index(make_index: Callable[..., Index]) -> Index:
    """A web page with a red figure; a PDF with a text and a table."""
    opened = make_index()
    red = opened.assets.put(square("#ff0000", (300, 100)), ".png")
    figure = chunk("Figure 1. Gearbox hours", id="figure", kind="image", picture=red, element=red, title="Web")
    put(opened, [chunk("The gearbox broke.", id="words", title="Web"), replace(figure, ordinal=1)])
    original = opened.assets.put(page_of_one_colour(), ".pdf")
    whole = opened.assets.put_table(table(("Part", "Hours"), ("Gearbox", "212")))
    part = chunk("Gearbox | 212", id="table", source="b.pdf", kind="table", table=whole, bbox=(20, 30, 120, 80))
    text = chunk("Hours of the gearbox.", id="text", source="b.pdf", ordinal=1)
    put(
        opened,
        [replace(part, first_row=1, last_row=2), text],
        replace(document("b.pdf", original=original), kind="pdf"),
    )
    return opened


def shown(
    index: Index, *ids: str, passages: list[list[Chunk]] | None = None, room: int = 4_000, **fields: Any
) -> list[tuple[str, tuple[int, ...], str]]:
    """Label, size and middle pixel of each picture that is shown for hits with these ids, by default each a passage."""
    chunks = [index.catalog.chunks([id_])[id_] for id_ in ids]
    resources = resources_of(index, replace(index.settings, **{k: v for k, v in fields.items() if k != "asks"}))
    hits = [Hit(chunk=one, score=1.0) for one in chunks]
    blocks = picture_blocks(passages or [[one] for one in chunks], hits, resources, fields.get("asks", GUEST), room)
    found = []
    for label, image in zip(blocks[::2], blocks[1::2], strict=True):
        with Image.open(io.BytesIO(base64.b64decode(image["base64"]))) as opened:
            x, y = opened.width // 2, opened.height // 2
            found.append((label["text"], opened.size, "#" + bytes(opened.convert("RGB").getpixel((x, y))).hex()))
    return found


RED, YELLOW, BLUE = "#ff0000", "#ffff00", "#0000ff"


def test_figures_and_tables_by_rank_then_the_pages_of_the_best(index: Index) -> None:
    assert shown(index, "text", "figure", "table", figure_dpi=72) == [
        ("The figure of passage [2]:", (300, 100), RED),
        ("The table of passage [3]:", (100, 50), YELLOW),  # a point is a pixel at 72 dpi
        ("The page with passage [1], passage [3]:", (200, 100), YELLOW),
    ]


def test_pictures_are_numbered_like_their_passages(index: Index) -> None:
    by_id = index.catalog.chunks(["figure", "words", "table"])
    passages = [[by_id["words"]], [by_id["table"]], [by_id["figure"]]]
    assert [label for label, *_ in shown(index, "figure", "table", passages=passages)][:2] == [
        "The figure of passage [3]:",
        "The table of passage [2]:",
    ]


def test_pictures_are_scaled_to_the_cap(index: Index) -> None:
    assert [size for _, size, _ in shown(index, "figure", vision_side=60)] == [(60, 20)]


def test_no_more_pictures_than_the_budget_has_room_for(index: Index) -> None:
    red = index.assets.put(square("#ff0000"), ".png")
    others = [index.assets.put(square(f"#0000{n:02x}"), ".png") for n in range(MAX_PICTURES + 2)]
    figures = [
        chunk(f"Figure {n}", id=str(n), kind="image", picture=one, source="c.md")
        for n, one in enumerate([red, *others])
    ]
    put(index, figures)
    assert len(shown(index, *(one.id for one in figures))) == MAX_PICTURES


def test_pictures_take_a_part_of_what_may_be_read(index: Index) -> None:
    rooms = (39, 40, 46, 47)  # 300 * 100 / 750 = 40 for the figure, 100 * 50 / 750 is nearly 7 for the table
    assert [len(shown(index, "figure", "table", figure_dpi=72, room=room)) for room in rooms] == [0, 1, 1, 2]
    asked = {budget: model() for budget in (4_000, 100)}
    for budget, one in asked.items():
        settings = replace(index.settings, answer_with_pictures="yes", context_tokens=budget, vision_side=300)
        build(index, settings, one).invoke(Turn(question=ASKED))
    prompts = {budget: one.prompts("from the numbered passages")[0] for budget, one in asked.items()}
    assert prompts[4_000].count("The page with") > prompts[100].count("The page with")


def test_what_cannot_be_drawn_is_left_out(index: Index) -> None:
    figure = index.catalog.chunks(["figure"])["figure"]
    index.assets.remove(figure.picture)
    assert shown(index, "figure", "words") == []


def test_a_page_of_a_source_that_one_may_not_read_is_not_drawn(index: Index) -> None:
    index.catalog.set_access("b.pdf", Access(("staff",)))
    assert shown(index, "table") == []
    assert len(shown(index, "table", asks=Principal(groups=frozenset({"staff"})))) == 2


# --- the whole way -----------------------------------------------------------------------------------------------------


def model() -> Scripted:
    return Scripted(
        answers={
            "You plan how": SubQuestions(questions=[ASKED]),
            "The figure of passage [": lambda prompt: f"It stood still for 212 hours [{_number(prompt)}].",
            "from the numbered passages": "NOT FOUND",
        }
    )


def _number(prompt: str) -> str:
    return prompt.split("The figure of passage [")[1].split("]")[0]


def ask(index: Index, choice: str, asked: Scripted) -> Turn:
    settings = replace(index.settings, answer_with_pictures=choice)
    return build(index, settings, asked).invoke(Turn(question=ASKED))


def test_the_answer_cites_the_figure_that_was_seen(index: Index) -> None:
    asked = model()
    turn = ask(index, "yes", asked)
    (citation,) = turn.citations
    assert (citation.chunk.id, bool(citation.chunk.picture)) == ("figure", True)
    assert turn.statements[0].checked is False  # no words of the source say 212 there
    (prompt,) = asked.prompts("from the numbered passages")
    assert PICTURES_SHOWN in prompt
    assert prompt.index("The figure of passage") < prompt.index(f"Question: {ASKED}")


@pytest.mark.parametrize(
    ("choice", "profile", "sees"), [("no", True, False), ("auto", True, True), ("auto", False, False)]
)
def test_a_model_is_shown_pictures_where_it_is_said_to_see(
    index: Index, choice: str, profile: bool, sees: bool
) -> None:
    asked = model()
    asked.profile = {"image_inputs": profile}
    assert ask(index, choice, asked).abstained is not sees


def test_a_choice_that_is_none_is_named(index: Index) -> None:
    said = r"ANSWER_WITH_PICTURES='maybe' is unknown\. Choose from: no, yes, auto\."
    with pytest.raises(SettingsError, match=said):
        build(index, replace(index.settings, answer_with_pictures="maybe"), model())
    with pytest.raises(SettingsError, match=said):  # without a chat model, too
        Settings.from_env({"ANSWER_WITH_PICTURES": "maybe"})
    with pytest.raises(SettingsError, match=r"IMAGE_EMBED_PAGES='1' is unknown\. Choose from: no, yes\."):
        Settings.from_env({"IMAGE_EMBED_PAGES": "1"})
