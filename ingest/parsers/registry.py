"""All file types, by the name that sources of this type have in the catalog. One of your own is one more entry."""

from __future__ import annotations

from functools import partial

from config import Settings
from errors import ParseError
from ingest.connectors.address import suffix_of
from ingest.parsers import on_demand
from ingest.parsers.base import AssetSink, PagedReading, Parser
from ingest.parsers.pdf.document import assemble, parse_pdf
from ingest.parsers.pdf.kept_pages import dump_pages, restore_pages
from ingest.parsers.pdf.pages import is_pdf, open_pdf, read_pages
from ingest.parsers.pdf.plain_words import read_words
from ingest.parsers.plain import parse_plain
from ingest.parsers.signs import is_binary, is_html, is_msg, is_package, is_picture, is_rtf, looks_like_html
from records import Document, Raw


def _read_attached(raw: Raw, assets: AssetSink, settings: Settings) -> Document:
    """A file that is attached to a PDF; what is attached to an attached PDF is named alone."""
    kind = kind_of(raw)
    parse = parse_pdf if kind == "pdf" else PARSERS[kind].parse
    return parse(raw, assets=assets, settings=settings)


# Where several claim a source, the last one gets it: so an entry of your own may take over what another reads today.
PARSERS: dict[str, Parser] = {
    "text": Parser(label="plain text", suffixes=(".txt", ".text"), parse=parse_plain),
    "markdown": Parser(
        label="Markdown",
        suffixes=(".md", ".markdown"),
        media_types=("text/markdown", "text/x-markdown"),
        parse=on_demand.parse_markdown,
    ),
    "image": Parser(
        label="PNG, JPEG, WebP, TIFF, GIF, BMP, SVG, HEIC",
        suffixes=(".png", ".jpg", ".jpeg", ".webp", ".tif", ".tiff", ".gif", ".bmp", ".svg", ".heic", ".heif"),
        media_types=(
            *("image/png", "image/jpeg", "image/webp", "image/tiff", "image/gif", "image/bmp", "image/x-ms-bmp"),
            *("image/svg+xml", "image/heic", "image/heif"),
        ),
        accepts=is_picture,
        binary=True,
        keeps_suffix=False,
        parse=on_demand.parse_picture,
        as_pdf=on_demand.pages_of_picture,
    ),
    "mail": Parser(
        label="mail (EML, MSG)",
        suffixes=(".eml", ".msg"),
        media_types=("message/rfc822", "application/vnd.ms-outlook"),
        accepts=is_msg,
        binary=True,  # parts may be
        parse=on_demand.parse_mail,
    ),
    "code": Parser(
        label="code, reStructuredText",
        suffixes=tuple(
            ".rst .py .js .ts .tsx .jsx .java .c .h .cpp .hpp .cc .cs .go .rs .rb .php .kt .swift .scala .r .jl .lua .pl "
            ".sh .ps1 .sql .css .toml .yaml .yml .tex".split()
        ),
        parse=on_demand.parse_code,
    ),
    "xml": Parser(
        label="XML", suffixes=(".xml",), media_types=("application/xml", "text/xml"), parse=on_demand.parse_xml
    ),
    "json": Parser(
        label="JSON",
        suffixes=(".json", ".jsonl", ".ndjson"),
        media_types=("application/json", "application/x-ndjson"),
        parse=on_demand.parse_json,
    ),
    "notebook": Parser(
        label="notebook",
        suffixes=(".ipynb",),
        media_types=("application/x-ipynb+json",),
        parse=on_demand.parse_notebook,
    ),
    "rtf": Parser(
        label="RTF",
        suffixes=(".rtf",),
        media_types=("application/rtf", "text/rtf"),
        accepts=is_rtf,
        binary=True,  # pictures in it may be
        parse=on_demand.parse_rtf,
    ),
    "odp": Parser(
        label="OpenDocument presentation",
        suffixes=(".odp",),
        media_types=("application/vnd.oasis.opendocument.presentation",),
        accepts=partial(is_package, "odp"),
        binary=True,
        parse=on_demand.parse_odp,
    ),
    "ods": Parser(
        label="OpenDocument workbook",
        suffixes=(".ods",),
        media_types=("application/vnd.oasis.opendocument.spreadsheet",),
        accepts=partial(is_package, "ods"),
        binary=True,
        parse=on_demand.parse_ods,
    ),
    "odt": Parser(
        label="OpenDocument text",
        suffixes=(".odt",),
        media_types=("application/vnd.oasis.opendocument.text",),
        accepts=partial(is_package, "odt"),
        binary=True,
        parse=on_demand.parse_odt,
    ),
    "epub": Parser(
        label="EPUB",
        suffixes=(".epub",),
        media_types=("application/epub+zip",),
        accepts=partial(is_package, "epub"),
        binary=True,
        parse=on_demand.parse_epub,
    ),
    "csv": Parser(
        label="CSV, TSV",
        suffixes=(".csv", ".tsv", ".tab"),
        media_types=("text/csv", "text/tab-separated-values"),
        parse=on_demand.parse_delimited,
    ),
    "xlsx": Parser(
        label="Excel",
        suffixes=(".xlsx", ".xlsm", ".xltx", ".xltm"),
        media_types=(
            "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
            "application/vnd.ms-excel.sheet.macroenabled.12",
        ),
        accepts=partial(is_package, "xlsx"),
        binary=True,
        parse=on_demand.parse_xlsx,
    ),
    "pptx": Parser(
        label="PowerPoint",
        suffixes=(".pptx", ".pptm", ".ppsx", ".potx"),
        media_types=(
            "application/vnd.openxmlformats-officedocument.presentationml.presentation",
            "application/vnd.ms-powerpoint.presentation.macroenabled.12",
        ),
        accepts=partial(is_package, "pptx"),
        binary=True,
        parse=on_demand.parse_pptx,
    ),
    "docx": Parser(
        label="Word",
        suffixes=(".docx", ".docm", ".dotx", ".dotm"),
        media_types=(
            "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
            "application/vnd.ms-word.document.macroenabled.12",
        ),
        accepts=partial(is_package, "docx"),
        binary=True,
        parse=on_demand.parse_docx,
    ),
    "web": Parser(
        label="HTML",
        suffixes=(".html", ".htm", ".xhtml"),
        media_types=("text/html", "application/xhtml+xml"),
        accepts=is_html,
        parse=on_demand.parse_web,
    ),
    "pdf": Parser(
        label="PDF",
        suffixes=(".pdf",),
        media_types=("application/pdf",),
        accepts=is_pdf,
        binary=True,
        parse=partial(parse_pdf, read_file=_read_attached),
        paged=PagedReading(
            outline=open_pdf,
            read=partial(read_pages, read_file=_read_attached),
            assemble=assemble,
            dump=dump_pages,
            restore=restore_pages,
            words=read_words,
        ),
    ),
}


def known_suffixes() -> frozenset[str]:
    """Return the suffixes of all file types."""
    return frozenset(suffix for parser in PARSERS.values() for suffix in parser.suffixes)


def supported() -> str:
    """Return the labels of all file types in a row."""
    return ", ".join(parser.label for parser in reversed(PARSERS.values()))


def kind_of(raw: Raw) -> str:
    """Return the name of the file type of ``raw``: by its content where that is certain, then by the server's word, then
    by its name; text that nobody claims is HTML when it begins as HTML does.

    Raises:
        ParseError: it is empty, or binary of a kind that is not supported.
    """
    if not raw.data.strip(b"\0 \t\r\n"):
        raise ParseError(f"{raw.source} is empty.")
    certain = [kind for kind, parser in PARSERS.items() if parser.accepts(raw)]
    if certain:
        return certain[-1]
    suffix = suffix_of(raw.url or raw.source)
    by_media_type = [kind for kind, parser in PARSERS.items() if raw.media_type in parser.media_types]
    by_suffix = [kind for kind, parser in PARSERS.items() if suffix in parser.suffixes]
    named = (by_suffix + by_media_type)[-1:]
    if named and PARSERS[named[0]].binary:
        return named[0]  # damaged perhaps; its parser says so
    if is_binary(raw.data):
        found = raw.media_type or suffix or "unknown"
        raise ParseError(
            f"{raw.source} is a binary file of a kind that cannot be read ({found}). Supported: {supported()}."
        )
    if named:
        return named[0]
    return "web" if looks_like_html(raw) else "text"
