from __future__ import annotations

import time

import pytest
from web_page import MemoryAssets, all_text, parse

from config import Settings
from errors import ParseError
from ingest.parsers.html.page import parse_web
from records import Raw

PAGE = """<!DOCTYPE html><html><head><title>KEEP-TITLE: Annual Report - DROP-SITE</title>
<style>DROP-STYLE</style></head>
<body class="has-sidebar nav-open">
<a class="skip-link" href="#main">DROP-SKIP</a>
<header><a href="/">DROP-LOGO</a> <nav><ul><li><a href="/a">DROP-NAV</a></li></ul></nav></header>
<div id="cookieBanner"><p>DROP-COOKIE we use cookies</p><button>OK</button></div>
<div role="dialog">DROP-DIALOG</div>
<div class="sidebar"><a href="/x">DROP-SIDE one</a> <a href="/y">two</a></div>
<div id="content">
<h1>KEEP-TITLE: Annual Report<a class="headerlink" href="#t">¶</a></h1>
<ul><li><a href="#one">DROP-TOC One</a></li><li><a href="#two">Two</a></li><li><a href="#three">Three</a></li></ul>
<p>KEEP-FIRST rev<b>enu</b>e grew <i>by</i>
 <span>12&nbsp;%</span>.<sup><a href="#n1">[1]</a></sup> An area of 10<sup>2</sup> m<sup>2</sup>.</p>
<script>DROP-SCRIPT</script><noscript>DROP-NOSCRIPT</noscript>
<p style="display: none">DROP-HIDDEN</p><p hidden>DROP-HIDDEN-2</p><p aria-hidden="true">DROP-HIDDEN-3</p>
<!-- DROP-COMMENT -->
<h2 id="one">Sales <span class="editsection">[<a href="/edit">DROP-EDIT</a>]</span></h2>
<p>KEEP-SALES line one<br>line two</p>
<div class="market-share"><p>KEEP-SHARE The share of the market, as <a href="/m">measured</a> by others, rose.</p></div>
<aside><p>KEEP-ASIDE Note that figures are rounded.</p></aside>
<h3>By <em>region</em></h3>
<ol start="3"><li>KEEP-ITEM <ul><li>inner</li></ul></li><li><p>fourth</p><p>and more</p></li></ol>
<dl><dt>KEEP-TERM</dt><dd>its meaning</dd></dl>
<blockquote><p>KEEP-QUOTE To be.</p><footer>KEEP-AUTHOR</footer></blockquote>
<pre>def f():
    return 1   # KEEP-CODE
</pre>
<h2>Costs</h2>KEEP-BARE text without a paragraph
</div>
<footer><p>DROP-FOOTER All rights reserved</p></footer>
</body></html>"""


def test_content_is_kept_and_the_rest_is_not() -> None:
    text = all_text(parse(PAGE))
    for marker in ("FIRST", "SALES", "SHARE", "ASIDE", "ITEM", "TERM", "QUOTE", "AUTHOR", "CODE", "BARE"):
        assert text.count(f"KEEP-{marker}") == 1, marker
    assert text.count("KEEP-TITLE") == 1
    assert "DROP" not in text
    assert "[1]" not in text


def test_title_is_the_heading_where_the_page_title_adds_the_site() -> None:
    assert parse(PAGE).title == "KEEP-TITLE: Annual Report"
    assert parse("<title>A b</title><h1>Other</h1><p>x").title == "A b"
    assert parse("<h1>Only</h1><p>x").title == "Only"
    assert parse("<p>x", source="https://example.org/some_page.html").title == "some page"


def test_headings_make_sections() -> None:
    elements = parse(PAGE).elements
    headings = [(e.heading, e.text, e.section) for e in elements if e.heading]
    title = "KEEP-TITLE: Annual Report"
    assert headings == [
        (1, title, ()),
        (2, "Sales", (title,)),
        (3, "By region", (title, "Sales")),
        (2, "Costs", (title,)),
    ]
    quote = next(e for e in elements if "QUOTE" in e.text)
    assert quote.section == (title, "Sales", "By region")
    assert elements[-1].text == "KEEP-BARE text without a paragraph"
    assert elements[-1].section == (title, "Costs")


def test_inline_tags_neither_glue_nor_split_words() -> None:
    first = next(e.text for e in parse(PAGE).elements if "FIRST" in e.text)
    assert first == "KEEP-FIRST revenue grew by 12 %. An area of 10² m²."


def test_blocks_and_breaks_part_words() -> None:
    assert [e.text for e in parse("<div>one</div>two<p>three<br/>four<div>five").elements] == [
        "one",
        "two",
        "three\nfour",
        "five",
    ]


def test_lists_keep_their_markers() -> None:
    texts = [e.text for e in parse(PAGE).elements]
    assert "3. KEEP-ITEM\n   - inner\n4. fourth\n   and more" in texts
    assert "KEEP-TERM\nits meaning" in texts
    assert "KEEP-QUOTE To be.\nKEEP-AUTHOR" in texts
    assert parse("<ol reversed><li>x<li>y</ol>").elements[0].text == "2. x\n1. y"
    assert parse("<ol type=i start=4><li>x<li value=9>y</ol>").elements[0].text == "iv. x\nix. y"


def test_code_keeps_its_blanks() -> None:
    assert "def f():\n    return 1   # KEEP-CODE" in [e.text for e in parse(PAGE).elements]


@pytest.mark.parametrize(
    ("data", "charset"),
    [
        ("<p>Grüße – €</p>".encode(), ""),
        ('<meta charset="windows-1252"><p>Grüße – €</p>'.encode("cp1252"), ""),
        ('<meta charset="iso-8859-1"><p>Grüße – €</p>'.encode("cp1252"), ""),  # as browsers read it
        ("<p>Grüße – €</p>".encode("utf-16"), ""),  # with a byte order mark
        ('<meta charset="ascii"><p>Grüße – €</p>'.encode("utf-8-sig"), "latin-1"),  # the mark wins
        ('<meta charset="utf-16"><p>Grüße – €</p>'.encode(), ""),  # impossible, so passed over
        ("<p>Grüße – €</p>".encode(), "no-such-charset"),
    ],
)
def test_encodings(data: bytes, charset: str) -> None:
    document = parse_web(
        Raw(source="/x/p.html", data=data, charset=charset), assets=MemoryAssets(), settings=Settings()
    )
    assert document.elements[0].text == "Grüße – €"


def test_shift_jis_by_the_servers_word() -> None:
    raw = Raw(source="https://x.example/", data="<p>日本語の表①</p>".encode("cp932"), charset="Shift_JIS")
    assert parse_web(raw, assets=MemoryAssets(), settings=Settings()).elements[0].text == "日本語の表①"


def test_one_broken_byte_does_not_change_the_encoding() -> None:
    data = '<meta charset="shift_jis"><p>日本語'.encode("cp932") + b"\x80\xff</p>"
    raw = Raw(source="/x/p.html", data=data)
    assert "日本語" in parse_web(raw, assets=MemoryAssets(), settings=Settings()).elements[0].text


@pytest.mark.parametrize("html", ["", "<p> </p>", "<script>x</script>", "<nav><a href=/></a></nav>"])
def test_a_page_without_content_is_told(html: str) -> None:
    with pytest.raises(ParseError, match=r"https://example.org/docs/page.html has no readable content"):
        parse(html)


@pytest.mark.parametrize(
    "html",
    [
        "<div>" * 100_000 + "deep</div><p>end",
        "<ul><li>" * 10_000 + "deep" + "<p>end",
        "<table><tr><td>" * 5_000 + "deep" + "</table>" * 5_000 + "<p>end",
        "</div>" * 100_000 + "deep <p>end",
        "<p>deep<p>en\0d",
    ],
    ids=["divs", "lists", "tables", "closing", "null"],
)
def test_depth_and_broken_tags_lose_nothing_and_do_not_hang(html: str) -> None:
    start = time.monotonic()
    text = all_text(parse(html))
    assert text.count("deep") == 1
    assert text.count("end") == 1
    assert time.monotonic() - start < 60


def test_a_page_that_holds_little_but_links_is_kept_whole() -> None:
    html = """<body><nav class="menu"><ul><li><a href="/a">Crane rules</a></li><li><a href="/b">Quay map</a></li></ul></nav>
    <script>DROP</script><p hidden>DROP</p></body>"""
    assert all_text(parse(html)).split("\n")[:2] == ["- Crane rules", "- Quay map"]
    assert "DROP" not in all_text(parse(html))
