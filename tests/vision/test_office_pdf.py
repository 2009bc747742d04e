"""LibreOffice draws what is in the file, and reaches nothing else; only where it is installed."""

from __future__ import annotations

import io
import shutil
import threading
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Event

import docx
import pymupdf
import pytest
from PIL import Image

from config import Settings
from errors import ParseError
from vision import office_pdf
from vision.office_pdf import can_draw, to_pdf


def test_nothing_is_drawn_where_it_is_not_to_be(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("vision.office_pdf.shutil.which", lambda name: f"/usr/bin/{name}")
    monkeypatch.setattr(office_pdf, "_confines", lambda: False)
    assert (can_draw("auto"), can_draw("yes"), can_draw("no")) == (False, True, False)
    with pytest.raises(ParseError, match="not installed or not to be used"):
        to_pdf(b"", "docx", Settings())


@contextmanager
def listening() -> Iterator[tuple[str, list[str]]]:
    """The address of a server, and what is asked of it."""
    asked: list[str] = []

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append(self.path)
            self.send_error(404)

        do_HEAD = do_OPTIONS = do_PROPFIND = do_GET

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}", asked
    server.shutdown()
    server.server_close()
    thread.join()


def linking(*targets: str) -> bytes:
    """A Word document whose pictures lie elsewhere."""
    document = docx.Document()
    document.add_paragraph("The weir was built in 1931.")
    for number in range(len(targets)):
        buffer = io.BytesIO()
        Image.new("RGB", (60 + number, 60), "white").save(buffer, "PNG")
        document.add_picture(buffer)
    saved = io.BytesIO()
    document.save(saved)
    linked = io.BytesIO()
    with zipfile.ZipFile(saved) as old, zipfile.ZipFile(linked, "w") as new:
        for entry in old.infolist():
            part = old.read(entry.filename)
            for number, target in enumerate(targets, start=1):
                inside = f'Target="media/image{number}.png"'.encode()
                part = part.replace(inside, f'Target="{target}" TargetMode="External"'.encode())
            part = part.replace(b"r:embed=", b"r:link=")
            new.writestr(entry, part)
    return linked.getvalue()


@pytest.mark.skipif(not shutil.which("soffice"), reason="LibreOffice is not installed")
@pytest.mark.parametrize("confined", [True, False])
def test_links_to_the_network_and_to_files_are_not_followed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, confined: bool
) -> None:
    if confined and not can_draw("auto"):
        pytest.skip("this system grants no namespaces")
    if not confined:  # then the profile alone forbids it
        monkeypatch.setattr(office_pdf, "_confines", lambda: False)
    Image.new("RGB", (70, 70), (255, 0, 0)).save(tmp_path / "secret.png")
    with listening() as (address, asked):
        data = linking(f"{address}/picture.png", (tmp_path / "secret.png").as_uri())
        drawn = to_pdf(data, "docx", Settings(office_pages="yes"))
    assert asked == []
    with pymupdf.open(stream=drawn) as document:
        assert "The weir was built in 1931." in document[0].get_text()
        pixels = document[0].get_pixmap(dpi=36, alpha=False)
        assert bytes((255, 0, 0)) not in {pixels.samples[n : n + 3] for n in range(0, len(pixels.samples), 3)}


@pytest.mark.skipif(not can_draw("auto"), reason="LibreOffice is not installed or cannot be confined")
def test_a_drawing_can_be_stopped() -> None:
    stop = Event()
    stop.set()
    with pytest.raises(ParseError, match="stopped"):
        to_pdf(linking(), "docx", Settings(), stop)
