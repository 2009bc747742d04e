"""What a page hides, says in its footer only, writes as a formula, or has elsewhere."""

from __future__ import annotations

from pathlib import Path

import pytest
from bs4 import BeautifulSoup, Tag
from fakes import settings_at

from ingest.parsers.html.images import image_address
from ingest.parsers.html.mathml import math_text
from ingest.parsers.html.page import parse_web
from records import Document, Raw
from store.assets import Assets


def parse(body: str, tmp_path: Path, head: str = "") -> Document:
    html = f"<html><head>{head}</head><body><p>The lido opens in May.</p>{body}</body></html>"
    raw = Raw(source="https://lido.example/", data=html.encode(), url="https://lido.example/")
    return parse_web(raw, assets=Assets(tmp_path / "assets"), settings=settings_at(tmp_path))


def words_of(document: Document) -> str:
    return "\n".join(element.text for element in document.elements)


@pytest.mark.parametrize(
    "body",
    [
        '<div class="faq-item"><div class="answer" aria-hidden="true"><p>KEEP lockers cost 2 francs</p></div></div>',
        '<div role="tabpanel" hidden><p>KEEP lockers cost 2 francs</p></div>',
        '<button aria-controls="#x1">More</button><div id="x1" style="display: none">KEEP lockers cost 2 francs</div>',
        '<a href="#prices">Prices</a><section id="prices" hidden><p>KEEP lockers cost 2 francs</p></section>',
        "<details><summary>Lockers</summary><p>KEEP lockers cost 2 francs</p></details>",
    ],
)
def test_what_can_be_opened_is_read(body: str, tmp_path: Path) -> None:
    document = parse(body, tmp_path)
    assert "KEEP lockers cost 2 francs" in words_of(document)
    assert document.losses == ()


def test_what_is_hidden_for_good_is_named_as_lost(tmp_path: Path) -> None:
    document = parse('<div style="display:none">The old price was 9 francs.</div><i aria-hidden="true">x</i>', tmp_path)
    assert "9 francs" not in words_of(document)
    assert [loss.what for loss in document.losses] == ["hidden text"]


@pytest.mark.parametrize(
    ("footer", "kept", "left"),
    [
        ("<p>Call 041 555 01 23</p><p>Copyright 2019-2024 Lido</p>", "Call 041 555 01 23", "Copyright"),
        (
            "<ul><li><a href='tel:+41415550123'>Pool desk</a></li><li><a href='/jobs'>Jobs</a></li></ul>",
            "Pool desk",
            "Jobs",
        ),
        (
            "<div>Write to desk@lido.example</div><div>All rights reserved 12.03.2024</div>",
            "desk@lido.example",
            "rights",
        ),
        ("<address>Quay 4, Seeburg</address><p>Imprint</p>", "Quay 4, Seeburg", "Imprint"),
    ],
)
def test_contact_data_of_a_footer_is_kept_alone(footer: str, kept: str, left: str, tmp_path: Path) -> None:
    text = words_of(parse(f"<footer>{footer}</footer>", tmp_path))
    assert text.count(kept) == 1
    assert left not in text


@pytest.mark.parametrize(
    ("markup", "read"),
    [
        ("<mfrac><mn>5</mn><mn>16</mn></mfrac>", "5/16"),
        ("<mfrac><mrow><mi>a</mi><mo>+</mo><mn>1</mn></mrow><mi>b</mi></mfrac>", "(a+1)/b"),
        ("<mi>v</mi><mo>=</mo><msqrt><mn>2</mn><mi>g</mi></msqrt>", "v = √(2g)"),
        ("<msup><mi>r</mi><mn>3</mn></msup><msup><mi>e</mi><mi>x</mi></msup>", "r³e^x"),
        ("<msub><mi>k</mi><mn>0</mn></msub><annotation>k_0</annotation>", "k_0"),
    ],
)
def test_a_formula_is_a_line_that_says_what_it_shows(markup: str, read: str) -> None:
    math = BeautifulSoup(f"<math>{markup}</math>", "lxml").math
    assert isinstance(math, Tag)
    assert math_text(math) == read


def test_frames_and_redirections_are_named(tmp_path: Path) -> None:
    frames = '<iframe src="https://map.example/x"></iframe><iframe src="https://t.example" width="1"></iframe>'
    head = '<meta http-equiv="Refresh" content="0; url=https://new.example/">'
    assert [loss.what for loss in parse(frames, tmp_path, head).losses] == [
        "embedded page https://map.example/x",
        "redirection to https://new.example/",
    ]


@pytest.mark.parametrize(
    "markup",
    [
        '<picture><source srcset="pool.jpg 1x"><img src="data:image/gif;base64,R0"></picture>',
        '<picture><source srcset="small.jpg 1x, pool.jpg 2x"><img></picture>',
        '<img src="/img/placeholder.gif" data-src="pool.jpg">',
    ],
)
def test_a_picture_that_is_loaded_late_is_found(markup: str) -> None:
    image = BeautifulSoup(markup, "lxml").img
    assert isinstance(image, Tag)
    assert image_address(image) == "pool.jpg"


def test_deleted_text_is_left_out_and_said(tmp_path: Path) -> None:
    body = "<p>Lockers cost <del>2</del> <ins>3</ins> francs.</p><table><tr><td>Boat<td><del>9</del> 11</table>"
    document = parse(body, tmp_path)
    assert "Lockers cost 3 francs." in words_of(document)
    assert "9" not in words_of(document)
    assert "11" in words_of(document)
    assert [loss.why for loss in document.losses] == ["2 passages marked as deleted were left out."]


def test_a_deletion_without_an_end_does_not_take_the_page_with_it(tmp_path: Path) -> None:
    document = parse("<del>Lockers cost 2 francs, boats 9, and towels are lent for nothing at all.", tmp_path)
    assert "towels are lent" in words_of(document)
    assert document.losses[0].what == "text marked as deleted"
