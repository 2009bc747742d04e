from __future__ import annotations

import base64
from pathlib import Path

import pytest
from web_page import FakeNetwork, MemoryAssets, all_text, parse, png

from config import Settings
from records import Document, Element

SVG = b"""<?xml version="1.0"?>
<svg xmlns="http://www.w3.org/2000/svg" width="200" height="100"><rect width="9" height="9"/></svg>"""


def pictures(document: Document) -> list[Element]:
    return [element for element in document.elements if element.kind == "image"]


def test_a_picture_has_pixels_words_and_surroundings() -> None:
    network = FakeNetwork({"https://example.org/docs/img/sales.png": png(200, 100)})
    assets = MemoryAssets()
    document = parse(
        """<h1>Report</h1><p>Sales rose, as the chart shows.</p>
        <figure><figcaption>Sales by <b>year</b></figcaption><img src="img/sales.png" alt="A rising line"></figure>
        <p>Costs fell.</p>""",
        network=network,
        assets=assets,
    )
    (element,) = pictures(document)
    assert element.caption == "Sales by year"
    assert element.section == ("Report",)
    assert element.mentions == ("Sales rose, as the chart shows.", "Costs fell.")
    assert element.picture is not None
    assert (element.picture.width, element.picture.height, element.picture.alt) == (200, 100, "A rising line")
    assert element.picture.url == "https://example.org/docs/img/sales.png"
    assert assets.kept == {element.picture.asset: png(200, 100)}
    assert [e.text for e in document.elements if e.kind == "text"] == [
        "Report",
        "Sales rose, as the chart shows.",
        "Costs fell.",
    ]


@pytest.mark.parametrize(
    ("head", "attributes", "address"),
    [
        ("", 'src="../a.png"', "https://example.org/a.png"),
        ("", 'src="//cdn.example/a.png?x=1"', "https://cdn.example/a.png?x=1"),
        ('<base href="/other/">', 'src="a.png"', "https://example.org/other/a.png"),
        ('<base href="https://b.example/c/d">', 'src="a.png"', "https://b.example/c/a.png"),
        ("", 'src="data:image/gif;base64,R0lGOD" data-src="a.png"', "https://example.org/docs/a.png"),
        ("", 'srcset="s.png 1x, l.png 2x"', "https://example.org/docs/l.png"),
    ],
)
def test_addresses(head: str, attributes: str, address: str) -> None:
    network = FakeNetwork({address: png(100, 100)})
    assert len(pictures(parse(f"<head>{head}</head><p>x</p><img {attributes}>", network=network))) == 1
    assert network.asked == [address]


def test_data_uris_and_other_formats() -> None:
    uri = "data:image/png;base64," + base64.b64encode(png(60, 80)).decode()
    svg = "data:image/svg+xml;base64," + base64.b64encode(SVG).decode()
    network = FakeNetwork()
    document = parse(f'<p>x<img src="{uri}"><img src="{svg}">', network=network)
    sizes = [(e.picture.width, e.picture.height) for e in pictures(document) if e.picture]
    assert sizes == [(60, 80), (400, 200)]  # vector graphics at 144 dpi: two pixels for a point
    assert network.asked == []


def test_icons_are_neither_fetched_nor_shown() -> None:
    network = FakeNetwork({"https://example.org/docs/s.png": png(40, 40)})
    document = parse(
        """<p>x <img src=i.png width=16 height=16 alt=ICON><img src=t.gif width=1 height=1>
        <img src=thin.png width=60 height=60><img src=s.png alt=SMALL></p>""",
        network=network,
    )
    assert pictures(document) == []
    assert network.asked == ["https://example.org/docs/s.png"]
    assert document.losses == ()
    assert all_text(document).split() == ["x"]


def test_a_lost_picture_leaves_its_words_once_and_a_reason() -> None:
    network = FakeNetwork({"https://example.org/docs/broken.png": png(99, 99)[:40]})
    document = parse(
        """<p>x</p><figure><img src=broken.png alt="A map"><figcaption>Where it is</figcaption></figure>
        <img src=https://gone.example/1.png alt="chart.png"><img src=https://gone.example/2.png>""",
        network=network,
    )
    assert pictures(document) == []
    assert [e.text for e in document.elements] == ["x", "A map\nWhere it is"]
    assert [loss.what for loss in document.losses] == [
        "image broken.png",
        "image https://gone.example/1.png",
        "image https://gone.example/2.png",
    ]
    assert "damaged" in document.losses[0].why
    assert "could not be reached before" in document.losses[2].why
    assert network.asked.count("https://gone.example/2.png") == 0  # a silent host is asked once


def test_limits_on_number_and_size() -> None:
    network = FakeNetwork({f"https://example.org/docs/{i}.png": png(100, 100 + i) for i in range(4)})
    html = "<p>x</p>" + "".join(f"<img src={i}.png>" for i in range(4)) + "<img src=0.png>"
    document = parse(html, network=network, settings=Settings(max_images_per_page=2))
    assert len(pictures(document)) == 2
    assert ["limit of 2 pictures" in loss.why for loss in document.losses] == [True, True]
    small = parse("<p>x</p><img src=0.png>", network=network, settings=Settings(max_image_bytes=50))
    assert "limit of 50 bytes" in small.losses[0].why


def test_a_local_page_sees_its_own_folder_alone(tmp_path: Path) -> None:
    folder = tmp_path / "site"
    (folder / "img").mkdir(parents=True)
    (folder / "img" / "in side.png").write_bytes(png(100, 90))
    (tmp_path / "secret.png").write_bytes(png(100, 91))
    (folder / "link.png").symlink_to(tmp_path / "secret.png")
    network = FakeNetwork()
    page = str(folder / "page.html")
    inside = parse("<p>x</p><img src='img/in%20side.png?v=1'>", source=page, network=network)
    assert [e.picture.height for e in pictures(inside) if e.picture] == [90]
    for path in (
        "../secret.png",
        "img/../../secret.png",
        "%2e%2e/secret.png",
        f"file://{tmp_path}/secret.png",
        f"{tmp_path}/secret.png",
        "link.png",
        "file://server/share/x.png",
        "ftp://x.example/a.png",
    ):
        document = parse(f"<p>x</p><img src='{path}'>", source=page, network=network)
        assert pictures(document) == [], path
        assert [loss.what for loss in document.losses] == [f"image {path}"]
        assert "outside the page's own folder" in document.losses[0].why or path.startswith("ftp")
    assert network.asked == []


def test_a_page_of_the_web_sees_no_file(tmp_path: Path) -> None:
    (tmp_path / "secret.png").write_bytes(png(100, 91))
    html = f"<base href='file://{tmp_path}/'><p>x</p><img src=secret.png><img src='file://{tmp_path}/secret.png'>"
    document = parse(html)
    assert pictures(document) == []
    assert document.losses


def test_a_picture_in_a_table_stands_beside_its_row() -> None:
    network = FakeNetwork({"https://example.org/docs/p.png": png(100, 100)})
    document = parse(
        "<table><tr><th>Park<th>Photo<th>Area<tr><td>Acadia<td><img src=p.png alt=Coast><td>47</table>",
        network=network,
    )
    assert [e.kind for e in document.elements] == ["table", "image"]
    assert document.elements[1].mentions == ("Acadia | 47",)
    assert all_text(document).count("Coast") == 1
