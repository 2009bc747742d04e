"""The pictures of a web page: where they are, what is said of them, and their pixels."""

from __future__ import annotations

import base64
import binascii
import io
import re
import time
import warnings
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import unquote, unquote_to_bytes, urljoin, urlsplit

from bs4 import Tag
from PIL import Image, UnidentifiedImageError

from config import Settings
from errors import FetchError, ParseError
from ingest.connectors.address import is_path, is_url
from ingest.connectors.download import Hop, download
from ingest.connectors.files import read_file
from ingest.parsers.html.tree import attribute, number
from records import Raw

MIN_SIDE = 48  # pixels; smaller ones are icons
MIN_AREA = 4_000  # pixels; smaller ones are spacers and trackers
MAX_PIXELS = 50_000_000
PAGE_TIMEOUTS = 3  # all pictures of a page together may take this many times the limit of one
_KEPT = {"PNG": ".png", "JPEG": ".jpg", "WEBP": ".webp"}
_FILE_NAME = re.compile(r"[\w\-. %]+\.(?:png|jpe?g|gif|webp|svg|bmp|tiff?)", re.IGNORECASE)
_PLACEHOLDER = re.compile(
    r"(?:^|[/_.-])(?:placeholder|blank|spacer|transparent|pixel|1x1|lazy|loading)[\w-]*\.\w{3,4}$", re.IGNORECASE
)
_LAZY = ("data-src", "data-original", "data-lazy-src", "data-lazy")


@dataclass(frozen=True)
class Pixels:
    """A picture that can be stored."""

    data: bytes
    suffix: str
    width: int
    height: int

    @property
    def is_small(self) -> bool:
        """Return whether it is an icon, a spacer or a tracker."""
        return is_small(self.width, self.height)


def is_small(width: int | None, height: int | None) -> bool:
    """Return whether what is known of a picture's size makes it an icon, a spacer or a tracker."""
    sides = [side for side in (width, height) if side is not None]
    return any(side < MIN_SIDE for side in sides) or (len(sides) == 2 and sides[0] * sides[1] < MIN_AREA)


def is_icon(tag: Tag) -> bool:
    """Return whether the page itself says that an ``<img>`` is tiny, or it names no picture."""
    if not image_address(tag):
        return True
    sides = [number(tag, side) if "%" not in attribute(tag, side) else None for side in ("width", "height")]
    return is_small(sides[0], sides[1])


def is_file_name(alt: str) -> bool:
    """Return whether an alternative text is but the name of a file."""
    return bool(_FILE_NAME.fullmatch(alt))


def image_address(tag: Tag) -> str:
    """Return the address of an ``<img>`` as written, also where a script is to load it later; "" when there is none."""
    source = attribute(tag, "src")
    lazy = next((attribute(tag, name) for name in _LAZY if attribute(tag, name)), "")
    listed = _listed(tag) or _of_picture(tag)
    if source and not ((lazy or listed) and _is_placeholder(source)):
        return source
    return lazy or listed or source


def _listed(tag: Tag) -> str:
    """The last, which is the largest, of the addresses for screens of several sizes."""
    candidates = re.split(r",\s+", attribute(tag, "srcset") or attribute(tag, "data-srcset"))
    return candidates[-1].split()[0] if candidates[-1].split() else ""


def _of_picture(tag: Tag) -> str:
    """The first address that a ``<picture>`` around the ``<img>`` gives."""
    box = tag.find_parent("picture")  # not the parent: lxml takes a <source> to hold what follows it
    if box is None:
        return ""
    return next(
        (found for source in box.find_all("source") if (found := _listed(source) or attribute(source, "src"))), ""
    )


def _is_placeholder(source: str) -> bool:
    return source.startswith("data:") or bool(_PLACEHOLDER.search(source))


def find_caption(tag: Tag) -> Tag | None:
    """Return the caption of an ``<img>``: a ``<figcaption>``, or what a class calls one, beside it in a box of its own."""
    box = tag.parent
    for _ in range(5):
        if box is None or box.name in ("body", "main", "article", "section", "td", "li"):
            return None
        found = box.find(_is_caption)
        if isinstance(found, Tag) and tag not in found.find_all("img"):
            return found if box.name == "figure" or len(box.find_all("img", limit=20)) < 20 else None
        if box.name == "figure":
            return None
        box = box.parent
    return None


def _is_caption(tag: Tag) -> bool:
    return tag.name == "figcaption" or (
        tag.name in ("p", "div", "span", "dd") and "caption" in attribute(tag, "class").lower()
    )


@dataclass
class ImageLoader:
    """A loader of the pictures of one page, within limits on size, number and time."""

    raw: Raw
    base: str  # of relative addresses: the page's own address or its <base>
    settings: Settings
    hop: Hop
    _asked: int = 0
    _deadline: float = field(default=0.0)
    _silent: set[str] = field(default_factory=set)  # hosts that could not be reached: asked once

    def resolve(self, address: str) -> str:
        """Return the whole address of a picture."""
        if address.startswith("//") and not is_url(self.base):
            return f"https:{address}"
        try:
            return address if address.startswith("data:") else urljoin(self.base, address)
        except ValueError as error:
            raise FetchError(f"{address!r} is not a valid address: {error}.") from error

    def load(self, address: str) -> Pixels:
        """Return the pixels at a whole address.

        Raises:
            FetchError: it cannot be reached, or lies where this page may not look.
            ParseError: it is no picture.
        """
        if self._asked >= self.settings.max_images_per_page:
            raise FetchError(f"a page's limit of {self.settings.max_images_per_page} pictures is reached.")
        self._asked += 1
        try:
            data = self._bytes(address)
        except ValueError as error:
            raise FetchError(f"{address[:200]!r} is not a valid address: {error}.") from error
        return read_pixels(data, max_bytes=self.settings.max_image_bytes)

    def _bytes(self, address: str) -> bytes:
        if address.startswith("data:"):
            return _data_uri(address, self.settings.max_image_bytes)
        if is_url(address):
            return self._from_network(address)
        if is_path(self.raw.source) and urlsplit(address).scheme == "file":
            return self._from_folder(address)
        raise FetchError(f"a picture cannot be read from {address[:200]!r} for this page.")

    def _from_network(self, address: str) -> bytes:
        host = urlsplit(address).netloc
        if host in self._silent:
            raise FetchError(f"{host} could not be reached before.")
        self._deadline = self._deadline or time.monotonic() + PAGE_TIMEOUTS * self.settings.fetch_timeout
        if time.monotonic() > self._deadline:
            raise FetchError("the time for this page's pictures is used up.")
        try:
            return download(address, max_bytes=self.settings.max_image_bytes, settings=self.settings, hop=self.hop).data
        except FetchError as error:
            if error.__cause__ is not None:  # no answer at all, in contrast to a refusal
                self._silent.add(host)
            raise

    def _from_folder(self, address: str) -> bytes:
        """A file beside the page or below, wherever links and dots may lead."""
        parts = urlsplit(address)
        folder = Path(self.raw.source).resolve().parent
        try:
            path = Path(unquote(parts.path)).resolve()
        except (OSError, ValueError, RuntimeError) as error:
            raise FetchError(f"{address[:200]!r} is not a valid path: {error}.") from error
        if parts.netloc not in ("", "localhost") or not path.is_relative_to(folder):
            raise FetchError("it lies outside the page's own folder.")
        return read_file(path, self.settings.max_image_bytes)


def _data_uri(address: str, max_bytes: int) -> bytes:
    head, _, body = address.partition(",")
    if len(body) > 3 * max_bytes:
        raise FetchError(f"its data is larger than the limit of {max_bytes:,} bytes.")
    data = unquote_to_bytes(body)
    if not head.rstrip().lower().endswith(";base64"):
        return data
    try:
        return base64.b64decode(re.sub(rb"\s", b"", data))
    except binascii.Error as error:
        raise FetchError(f"its base64 data is broken: {error}.") from error


def read_pixels(data: bytes, *, max_bytes: int) -> Pixels:
    """Return a picture checked by decoding it: PNG, JPEG and WebP as they are, other formats as PNG, SVG drawn at 144 dpi.

    Raises:
        ParseError: it is no picture, is damaged, or has more than ``MAX_PIXELS`` pixels.
    """
    if len(data) > max_bytes:
        raise ParseError(f"it is larger than the limit of {max_bytes:,} bytes.")
    if is_svg(data):
        data = _draw_svg(data)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", Image.DecompressionBombWarning)  # our own limit is lower
            with Image.open(io.BytesIO(data)) as image:
                if image.width * image.height > MAX_PIXELS:
                    raise ParseError(f"it has {image.width} x {image.height} pixels, more than {MAX_PIXELS:,}.")
                image.load()
                if image.format in _KEPT:
                    return Pixels(data, _KEPT[image.format], image.width, image.height)
                buffer = io.BytesIO()
                image.convert("RGBA").save(buffer, "PNG")
                return Pixels(buffer.getvalue(), ".png", image.width, image.height)
    except (UnidentifiedImageError, Image.DecompressionBombError, OSError, ValueError, SyntaxError) as error:
        raise ParseError("it is no picture that can be read, or it is damaged.") from error


def is_svg(data: bytes) -> bool:
    """Return whether the bytes are a drawing in SVG."""
    head = rb"\s*(?:<\?xml.*?\?>\s*|<!--.*?-->\s*|<!DOCTYPE[^>]*>\s*)*<svg[\s>]"
    return bool(re.match(head, data[:4096], re.DOTALL))


def _draw_svg(data: bytes) -> bytes:
    import pymupdf  # only pages with vector graphics pay for it

    try:
        with pymupdf.open(stream=data, filetype="svg") as drawing:
            page = drawing[0]
            if page.rect.width * page.rect.height * 4 > MAX_PIXELS:
                raise ParseError(f"it measures {page.rect.width:.0f} x {page.rect.height:.0f}, too large to draw.")
            drawn: bytes = page.get_pixmap(dpi=144).tobytes("png")
            return drawn
    except (RuntimeError, ValueError) as error:
        raise ParseError("its vector graphics cannot be drawn.") from error
