"""Files that are zip archives of XML (OOXML, ODF, EPUB), opened within limits.

What such a file claims is not believed: it may unpack to terabytes, and its XML may define entities that do. Neither a macro
nor a link in it is ever followed; they are read as bytes, or not at all.
"""

from __future__ import annotations

import io
import posixpath
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import unquote
from xml.parsers.expat import ExpatError

from lxml import etree

from config import Settings
from errors import ParseError

MAX_PARTS = 20_000
MAX_HEAD = 1_000_000  # bytes of the part that says what a package is
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"  # a password makes this of an Office file; so are those of before 2007
_OOXML = {
    "docx": (b"wordprocessingml.document.main+xml", b"wordprocessingml.template.main+xml"),
    "pptx": (b"presentationml.presentation.main+xml", b"presentationml.slideshow.main+xml"),
    "xlsx": (b"spreadsheetml.sheet.main+xml", b"spreadsheetml.template.main+xml"),
}
_MACROS = {
    "docx": b"ms-word.document.macroEnabled",
    "pptx": b"ms-powerpoint.presentation.macroEnabled",
    "xlsx": b"ms-excel.sheet.macroEnabled",
}
_MIMETYPES = {
    "application/epub+zip": "epub",
    "application/vnd.oasis.opendocument.text": "odt",
    "application/vnd.oasis.opendocument.spreadsheet": "ods",
    "application/vnd.oasis.opendocument.presentation": "odp",
}
# What libraries raise over a damaged file.
_DAMAGE = (
    zipfile.BadZipFile,
    zlib.error,
    etree.LxmlError,
    ExpatError,
    EOFError,
    OSError,
    ValueError,
    KeyError,
    IndexError,
    AttributeError,
    TypeError,
    NotImplementedError,
    RuntimeError,
    AssertionError,
)


def package_type(data: bytes) -> str:
    """Return which of docx, pptx, xlsx, epub, odt, ods and odp the zip archive in ``data`` is; "" when it is none."""
    if not data.startswith(b"PK\x03\x04"):
        return ""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            names = set(archive.namelist())
            if "mimetype" in names:
                with archive.open("mimetype") as part:
                    return _MIMETYPES.get(part.read(200).decode("ascii", "replace").strip(), "")
            if "[Content_Types].xml" not in names:
                return ""
            with archive.open("[Content_Types].xml") as part:
                stated = part.read(MAX_HEAD)
    except _DAMAGE:
        return ""
    for kind, marks in _OOXML.items():
        if any(mark in stated for mark in (*marks, _MACROS[kind])):
            return kind
    return ""


@contextmanager
def damage_named(source: str) -> Iterator[None]:
    """Turn what libraries raise over a damaged file into a ParseError that names it."""
    try:
        yield
    except (ParseError, MemoryError):
        raise
    except _DAMAGE as error:
        why = f"{type(error).__name__}: {error}".strip()[:200]
        raise ParseError(f"{source} is damaged and cannot be read ({why}). Open it and save it again.") from error


class Package:
    """The parts of an archive by their names.

    Args:
        data: its bytes.
        source: what errors call it.
        settings: ``max_source_bytes`` also limits what all its parts unpack to.

    Raises:
        ParseError: it is no zip archive, has a password, unpacks to too much, or has XML with a document type, which
            neither Office nor OpenDocument writes and entity bombs need.
    """

    def __init__(self, data: bytes, source: str, settings: Settings) -> None:
        self.source = source
        if data.startswith(_OLE):
            raise ParseError(
                f"{source} has a password or is of a format from before 2007. Save it anew without either."
            )
        try:
            self._archive = zipfile.ZipFile(io.BytesIO(data))
        except _DAMAGE as error:
            raise ParseError(
                f"{source} is damaged: it does not open as a zip archive. Get a fresh copy of it."
            ) from error
        entries = self._archive.infolist()
        self.names = [entry.filename for entry in entries]
        # zipfile never unpacks more of an entry than is stated here
        size, limit = sum(entry.file_size for entry in entries), settings.max_source_bytes
        if size > limit or len(entries) > MAX_PARTS:
            raise ParseError(
                f"{source} unpacks to {size:,} bytes in {len(entries):,} files, more than {limit:,} or "
                f"{MAX_PARTS:,}. Split it."
            )
        if any(entry.flag_bits & 1 for entry in entries):
            raise ParseError(f"{source} has a password. Remove it and add the file again.")

    def __contains__(self, name: object) -> bool:
        return name in self.names

    def read(self, name: str) -> bytes:
        """Return the bytes of a part.

        Raises:
            ParseError: there is none of that name, or it is damaged.
        """
        with damage_named(self.source):
            return self._archive.read(name)

    def xml(self, name: str) -> etree._Element:
        """Return the root of an XML part; entities are not resolved.

        Raises:
            ParseError: as ``read``, or it is no XML.
        """
        with damage_named(self.source):
            return etree.fromstring(self.read(name), _parser())

    def refuse_entities(self) -> None:
        """Look for document types in all XML parts, before a library parses them.

        Raises:
            ParseError: there is one.
        """
        for name in self.names:
            if name.lower().endswith((".xml", ".rels", ".vml")):
                data = self.read(name)
                if (
                    b"<!DOCTYPE" in data
                    or b"<!ENTITY" in data
                    or b"<\0!\0D\0O\0C" in data
                    or b"\0<\0!\0D\0O\0C" in data
                ):
                    raise ParseError(
                        f"{self.source} defines entities in its XML ({name}), which no office program does."
                    )

    def relations(self, name: str) -> dict[str, tuple[str, str]]:
        """Return by id where the relations of an OOXML part lead, as names of parts, and the last word of their types;
        relations to the outside are left out."""
        folder, _, base = name.rpartition("/")
        path = f"{folder}/_rels/{base}.rels".lstrip("/")
        if path not in self:
            return {}
        found = {}
        for tag in self.xml(path).iterfind("{*}Relationship"):
            if tag.get("TargetMode") != "External":
                kind = tag.get("Type", "").rpartition("/")[2]
                found[tag.get("Id", "")] = (resolved(folder, tag.get("Target", "")), kind)
        return found

    def title(self) -> str:
        """Return the title in the properties of an OOXML file, "" when there is none."""
        try:
            found = self.xml("docProps/core.xml").findtext("{http://purl.org/dc/elements/1.1/}title")
        except ParseError:
            return ""
        return " ".join((found or "").split())


def resolved(folder: str, target: str) -> str:
    """Return the name of the part that ``target`` means, written in a part of ``folder``; it cannot leave the archive."""
    path = posixpath.normpath(posixpath.join("/", folder, unquote(target)))
    return path.lstrip("/")


def _parser() -> etree.XMLParser:
    return etree.XMLParser(
        resolve_entities=False, no_network=True, load_dtd=False, remove_comments=True, remove_pis=True
    )
