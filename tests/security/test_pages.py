"""What a document says is shown and never obeyed: no script of it runs and nothing is loaded for it, in a real browser.

Every vector sits in a document of its own, in a file name, or in what a person types; all are ingested, listed, asked
for and opened in one session of the browser. A script would set a canary; every request that leaves for another host is
noted (and stopped on its way).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlsplit

import pytest
from fakes import FakeEmbedder, settings_at
from langchain_core.runnables import RunnableGenerator

from app.assistant import Assistant
from chains.answering.synthesis import marked
from ingest.pipeline import ingest
from ingest.workers import Workers
from records import Citation, Hit, Statement, SubAnswer, Turn
from store.index import Index
from tests.app.browser import browser, chromium
from tests.security.site import Site, served

pytest.importorskip("playwright")
if chromium() is None:
    pytest.skip("Chromium is not installed: apt-get install chromium", allow_module_level=True)

pytestmark = [pytest.mark.filterwarnings("ignore"), pytest.mark.timeout(300)]
WAIT_MS = 60_000
RUN = "window.top.canary=(window.top.canary||0)+1"
AWAY = "http://evil.example/"

# What may stand where text stands. {n} tells them apart.
MARKUP = [
    f"<script>{RUN}</script>",
    f"<img src=x onerror='{RUN}'>",
    f"<img src='{AWAY}{{n}}.png'>",
    f"<svg onload='{RUN}'></svg>",
    f"<svg><script>{RUN}</script></svg>",
    f"<svg><image href='{AWAY}{{n}}.svg'/><a xlink:href='javascript:{RUN}'><text>x</text></a></svg>",
    f'<iframe srcdoc="<script>{RUN}</script>"></iframe>',
    f"<iframe src='javascript:{RUN}'></iframe>",
    f"<iframe src='{AWAY}{{n}}'></iframe>",
    f"<object data='{AWAY}{{n}}'></object><embed src='{AWAY}{{n}}'>",
    f"<link rel=stylesheet href='{AWAY}{{n}}.css'>",
    f"<style>@import '{AWAY}{{n}}.css'; body{{{{background:url({AWAY}{{n}}.gif)}}}}</style>",
    f"<div style=\"background:url('{AWAY}{{n}}.jpg')\">x</div>",
    f"<video src='{AWAY}{{n}}.mp4' onerror='{RUN}' autoplay></video>",
    f"<audio src='{AWAY}{{n}}.mp3' autoplay></audio>",
    f"<body onload='{RUN}'>",
    f"<details open ontoggle='{RUN}'>x</details>",
    f"<input autofocus onfocus='{RUN}'>",
    f"<form action='{AWAY}{{n}}'><button autofocus>x</button></form>",
    f"<meta http-equiv=refresh content='0;url={AWAY}{{n}}'>",
    f"<base href='{AWAY}'>",
    f"<a href='javascript:{RUN}'>click</a>",
    f"<a href='{AWAY}{{n}}' ping='{AWAY}ping'>click</a>",
    f"<marquee onstart='{RUN}'>x</marquee>",
    f"<math><mtext><table><mglyph><style><img src=x onerror='{RUN}'>",
    f"<template><script>{RUN}</script></template><noscript><p title=\"</noscript><img src=x onerror='{RUN}'>\">",
    f"</script><script>{RUN}</script>",
    f"--><img src=x onerror='{RUN}'><!--",
    f"\"'><img src=x onerror='{RUN}'>",
    f"&lt;img src=x onerror='{RUN}'&gt;",
    f"&amp;lt;script&amp;gt;{RUN}&amp;lt;/script&amp;gt;",
    f"![x]({AWAY}{{n}}.png)",
    f"![x][r]\n\n[r]: {AWAY}{{n}}.png",
    f"[click](javascript:{RUN})",
    f"[click](data:text/html,<script>{RUN}</script>)",
    f"<{AWAY}{{n}}>",
    f"`</code><img src=x onerror='{RUN}'>`",
    f"$$\\href{{{{javascript:{RUN}}}}}{{{{x}}}}$$",
    f"```mermaid\ngraph TD; a[\"<img src=x onerror='{RUN}'>\"]\n```",
    f"{{{{7*7}}}} ${{{{{RUN}}}}} <%= {RUN} %>",
    f"\u202e<img src=x onerror='{RUN}'>\u202c",
    f"<im\0g src=x onerror='{RUN}'>",
]


def _filled(markup: str, number: int) -> str:
    return markup.replace("{n}", str(number)).replace("{{", "{").replace("}}", "}")


def test_there_are_vectors_enough() -> None:
    assert len(MARKUP) >= 40


def documents(folder: Path) -> list[Path]:
    """Write a Markdown file, a web page and a text for every vector; each has a word of its own to be asked for."""
    paths = []
    for number, markup in enumerate(MARKUP):
        evil = _filled(markup, number)
        escaped = evil.replace("&", "&amp;").replace("<", "&lt;").replace('"', "&quot;")
        word = f"zebra{number}"
        row = evil.replace("\n", " ").replace("|", "/")
        texts = {  # used in turn, so that the answer stays of a length that a browser shows
            f"{number}.md": f"# {word} {row}\n\nThe colour of {word} is {evil}\n\n"
            f"| {word} name | Weight {row} |\n| --- | --- |\n| {word} | {row} |\n",
            f"{number}.html": f"<title>{escaped}</title><body><h1>lion{number} {escaped}</h1>{evil}"
            f"<p>The colour of lion{number} is {escaped}</p><table><caption>{escaped}</caption><tr><th>lion{number}</th>"
            f"<th>{escaped}</th></tr><tr><td>{escaped}</td><td>{evil}</td></tr></table>"
            f'<figure><img src="gone.png" alt="{escaped}"><figcaption>{escaped}</figcaption></figure>',
            f"{number}.txt": f"The colour of tiger{number} is {evil}",
        }
        for name, text in list(texts.items())[: 1 + number % 2]:
            paths.append(folder / name)
            paths[-1].write_text(text)
    names = ["<img src=x onerror=top.canary=1>.md", "'\"><svg onload=top.canary=1>.txt", "[a](javascript:1) ![b](c).md"]
    for name in names:
        paths.append(folder / name)
        paths[-1].write_text(f"The file called {name} says little.")
    drawing = f"<svg xmlns='http://www.w3.org/2000/svg'><script>{RUN}</script><image href='{AWAY}s.png'/></svg>"
    for name in ("drawing.html", "drawing.txt"):
        paths.append(folder / name)
        paths[-1].write_text(f"{drawing} The drawing {name} has words.")
    return paths


def everything(index: Index) -> Any:
    """Build a chain that answers any question with all that is in the index, stated, cited and listed."""
    # of each the words, and of a web page its table too
    chunks = [chunk for source in index.catalog.sources() for chunk in index.catalog.chunks_of(source.source)[-2:]]
    cited = [Citation(n=n, chunk=chunk, quote=chunk.text) for n, chunk in enumerate(chunks, start=1)]
    statements = tuple(Statement(text=one.quote, citations=(one.n,)) for one in cited)

    def answer(turns: Iterator[Turn]) -> Iterator[Turn]:
        for turn in turns:
            parts = [
                SubAnswer(question=one.quote, statements=(fact,), hits=(Hit(chunk=one.chunk, score=1.0),), done=True)
                for one, fact in zip(cited, statements, strict=True)
            ]
            text = "\n\n".join(map(marked, statements))
            found = replace(turn, standalone=text, answer=text, statements=statements, citations=tuple(cited))
            yield replace(found, parts=tuple(parts), hits=tuple(hit for part in parts for hit in part.hits))

    return RunnableGenerator(answer)


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory, chroma_url: str) -> Iterator[tuple[Site, list[Path]]]:
    folder = tmp_path_factory.mktemp("pages")
    # no packet leaves for the pictures that the documents name
    settings = settings_at(folder / "data", chroma_url, workers=1, max_images_per_page=0)
    paths = documents(folder)
    with Index(settings, FakeEmbedder()) as index, Workers(settings) as workers:  # type: ignore[arg-type]
        taken = [one for one in ingest(index, list(map(str, paths)), workers=workers) if one.status == "added"]
        assert len(taken) > 0.9 * len(paths)
        with Assistant(index, everything(index)) as assistant, served(assistant) as one:
            yield one, [Path(outcome.source) for outcome in taken]


@dataclass
class Watched:
    """A page of the browser with what must not happen on it."""

    page: Any
    foreign: list[str]
    dialogs: list[str]

    def check(self) -> None:
        assert self.page.evaluate("window.canary") is None
        assert self.foreign == []
        assert self.dialogs == []


@contextmanager
def watched(context: Any, site: Site) -> Iterator[Watched]:
    page = context.new_page()
    one = Watched(page, [], [])

    def route(request: Any) -> None:
        if urlsplit(request.request.url).netloc in ("", f"127.0.0.1:{site.port}"):
            request.continue_()
        else:
            one.foreign.append(request.request.url)
            request.abort()

    def dialog(opened: Any) -> None:
        one.dialogs.append(opened.message)
        opened.dismiss()

    page.route(re.compile(".*"), route)
    page.on("dialog", dialog)
    page.on("popup", lambda popup: one.foreign.append(popup.url))
    yield one
    one.check()
    page.close()


def ask(page: Any, question: str, done: int) -> None:
    page.locator("#ask textarea").fill(question)
    page.locator("#ask textarea").press("Enter")
    page.wait_for_function(f"document.querySelectorAll('#chat .user').length >= {done}", timeout=WAIT_MS)
    page.locator("#ask .submit-button").wait_for(timeout=WAIT_MS)


def test_nothing_of_a_document_runs_or_loads(site: tuple[Site, list[Path]], tmp_path: Path) -> None:
    server, taken = site
    with browser() as one:
        context = one.new_context(viewport={"width": 1400, "height": 900})
        with watched(context, server) as seen:
            page = seen.page
            page.goto(server.address)
            page.locator("#ask textarea").wait_for()
            # one answer that holds all vectors: as statements, as steps, as locations, as evidence
            ask(page, _filled(MARKUP[1], 1), 1)
            marks = page.locator("#chat a[href^='#cite-0-']")
            assert marks.count() >= len(MARKUP)
            seen.check()
            for n in range(0, marks.count(), 7):
                marks.nth(n).click()
                page.locator(f"#evidence a[aria-current][href='#cite-0-{n + 1}']").wait_for(timeout=WAIT_MS)
            seen.check()
            page.get_by_role("tab", name="Documents").click()
            page.locator("#sources li").first.wait_for()
            page.evaluate("document.querySelectorAll('#sources details').forEach(d => d.open = true)")
            for markup in MARKUP[::8]:
                page.locator("#link textarea, #link input").fill(_filled(markup, 0).replace("\n", " "))
                page.locator("#add-link").click()
                page.locator("#search textarea, #search input").fill(_filled(markup, 0).replace("\n", " "))
            evil = tmp_path / "<img src=x onerror=top.canary=2>.pdf"
            evil.write_bytes(b"%PDF-1.7 <img src=x onerror=top.canary=3>")
            page.locator("#files input[type=file]").set_input_files(str(evil))
            page.locator("#progress li.failed").wait_for(timeout=WAIT_MS)
            seen.check()
        with watched(context, server) as seen:  # the originals, each opened by itself
            for path in taken:
                if path.suffix in (".html", ".txt") or path.stem in ("0", "5"):
                    seen.page.goto(f"{server.address}original?source={quote(str(path), safe='')}")
            seen.page.goto(server.address)


def test_the_canary_and_the_watch_work(site: tuple[Site, list[Path]]) -> None:
    """What the test above looks for is seen when it happens."""
    assert site
    with browser() as one:
        page = one.new_page()
        foreign: list[str] = []

        def stop(route: Any) -> None:
            foreign.append(route.request.url)
            route.abort()

        page.route("http://evil.example/**", stop)
        page.set_content(f"<script>{RUN}</script><img src='{AWAY}1.png'>")
        assert page.evaluate("window.canary") == 1
        page.wait_for_timeout(200)
        assert foreign == [f"{AWAY}1.png"]
