"""All file types, by the name that sources of this type have in the catalog. One of your own is one more entry."""

from __future__ import annotations

import re
from functools import partial

from config import Settings
from errors import ParseError
from ingest.connectors.address import suffix_of
from ingest.connectors.outlook import is_msg
from ingest.parsers.base import AssetSink, PagedReading, Parser
from ingest.parsers.decoding import utf16_of
from ingest.parsers.pdf.document import assemble, is_pdf, open_pdf, parse_pdf, read_pages
from ingest.parsers.pdf.kept_pages import dump_pages, restore_pages
from ingest.parsers.pdf.plain_words import read_words
from ingest.parsers.plain import parse_plain
from records import Document, Raw
from vision.pictures import is_heif

# A document says what it is; a fragment may as well stand at the top of a Markdown file.
_HTML_DOCUMENT = re.compile(
    r"\s*(?:<\?xml[^>]*>\s*|<!--.*?-->\s*)*<(?:!doctype\s+html|html[\s>])", re.IGNORECASE | re.DOTALL
)
_HTML_FRAGMENT = re.compile(
    r"\s*<(?:head|body|title|meta|main|article|section|div|table|p|h[1-6]|ul|ol|script|style)[\s>]", re.IGNORECASE
)
_CONTROL = re.compile(rb"[\x00-\x08\x0e-\x1a\x1c-\x1f]")
_PICTURES = (b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff", b"GIF87a", b"GIF89a", b"II*\0", b"MM\0*")
_UTF16_BOMS = (b"\xff\xfe", b"\xfe\xff")


# Some are imported where they are used: a program that parses nothing does without the libraries they need.


def _parse_web(raw: Raw, *, assets: AssetSink, settings: Settings) -> Document:
    from ingest.parsers.html.page import parse_web

    return parse_web(raw, assets=assets, settings=settings)


def _parse_markdown(raw: Raw, *, assets: AssetSink, settings: Settings) -> Document:
    from ingest.parsers.markdown import parse_markdown

    return parse_markdown(raw, assets=assets, settings=settings)


def _parse_picture(raw: Raw, *, assets: AssetSink, settings: Settings) -> Document:
    from ingest.parsers.image import parse_picture

    return parse_picture(raw, assets=assets, settings=settings)


def _read_attached(raw: Raw, assets: AssetSink, settings: Settings) -> Document:
    """A file that is attached to a PDF; what is attached to an attached PDF is named alone."""
    kind = kind_of(raw)
    parse = parse_pdf if kind == "pdf" else PARSERS[kind].parse
    return parse(raw, assets=assets, settings=settings)


def _parse_docx(raw: Raw, *, assets: AssetSink, settings: Settings) -> Document:
    from ingest.parsers.office.docx import parse_docx

    return parse_docx(raw, assets=assets, settings=settings)


def _parse_epub(raw: Raw, *, assets: AssetSink, settings: Settings) -> Document:
    from ingest.parsers.epub import parse_epub

    return parse_epub(raw, assets=assets, settings=settings)


def _parse_mail(raw: Raw, *, assets: AssetSink, settings: Settings) -> Document:
    from ingest.parsers.mail.message import parse_mail

    return parse_mail(raw, assets=assets, settings=settings)


def _parse_pptx(raw: Raw, *, assets: AssetSink, settings: Settings) -> Document:
    from ingest.parsers.office.pptx import parse_pptx

    return parse_pptx(raw, assets=assets, settings=settings)


def _parse_xlsx(raw: Raw, *, assets: AssetSink, settings: Settings) -> Document:
    from ingest.parsers.sheets.xlsx import parse_xlsx

    return parse_xlsx(raw, assets=assets, settings=settings)


def _parse_delimited(raw: Raw, *, assets: AssetSink, settings: Settings) -> Document:
    from ingest.parsers.sheets.delimited import parse_delimited

    return parse_delimited(raw, assets=assets, settings=settings)


def _parse_odt(raw: Raw, *, assets: AssetSink, settings: Settings) -> Document:
    from ingest.parsers.office.odf import parse_odt

    return parse_odt(raw, assets=assets, settings=settings)


def _parse_odp(raw: Raw, *, assets: AssetSink, settings: Settings) -> Document:
    from ingest.parsers.office.odf import parse_odp

    return parse_odp(raw, assets=assets, settings=settings)


def _parse_ods(raw: Raw, *, assets: AssetSink, settings: Settings) -> Document:
    from ingest.parsers.sheets.ods import parse_ods

    return parse_ods(raw, assets=assets, settings=settings)


def _parse_rtf(raw: Raw, *, assets: AssetSink, settings: Settings) -> Document:
    from ingest.parsers.rtf import parse_rtf

    return parse_rtf(raw, assets=assets, settings=settings)


def _parse_notebook(raw: Raw, *, assets: AssetSink, settings: Settings) -> Document:
    from ingest.parsers.notebook import parse_notebook

    return parse_notebook(raw, assets=assets, settings=settings)


def _parse_json(raw: Raw, *, assets: AssetSink, settings: Settings) -> Document:
    from ingest.parsers.structured import parse_json

    return parse_json(raw, assets=assets, settings=settings)


def _parse_xml(raw: Raw, *, assets: AssetSink, settings: Settings) -> Document:
    from ingest.parsers.structured import parse_xml

    return parse_xml(raw, assets=assets, settings=settings)


def _parse_code(raw: Raw, *, assets: AssetSink, settings: Settings) -> Document:
    from ingest.parsers.code import parse_code

    return parse_code(raw, assets=assets, settings=settings)


def _is_package(kind: str, raw: Raw) -> bool:
    if not raw.data.startswith(b"PK"):
        return False
    from ingest.parsers.office.package import package_type

    return package_type(raw.data) == kind


def _is_rtf(raw: Raw) -> bool:
    return raw.data.lstrip()[:5] == b"{\\rtf"


def _is_msg(raw: Raw) -> bool:
    return is_msg(raw.data)


def _is_html(raw: Raw) -> bool:
    return bool(_HTML_DOCUMENT.match(_head(raw.data)))


def _pages_of_picture(raw: Raw, *, settings: Settings) -> bytes:
    from ingest.parsers.image import pages_of_picture

    return pages_of_picture(raw, settings=settings)


def _is_picture(raw: Raw) -> bool:
    data = raw.data
    is_bmp = data[:2] == b"BM" and int.from_bytes(data[2:6], "little") == len(data)
    return data.startswith(_PICTURES) or (data[:4] == b"RIFF" and data[8:12] == b"WEBP") or is_bmp or is_heif(data)


# Where several claim a source, the last one gets it: so an entry of your own may take over what another reads today.
PARSERS: dict[str, Parser] = {
    "text": Parser(label="plain text", suffixes=(".txt", ".text"), parse=parse_plain),
    "markdown": Parser(
        label="Markdown",
        suffixes=(".md", ".markdown"),
        media_types=("text/markdown", "text/x-markdown"),
        parse=_parse_markdown,
    ),
    "image": Parser(
        label="PNG, JPEG, WebP, TIFF, GIF, BMP, SVG, HEIC",
        suffixes=(".png", ".jpg", ".jpeg", ".webp", ".tif", ".tiff", ".gif", ".bmp", ".svg", ".heic", ".heif"),
        media_types=(
            *("image/png", "image/jpeg", "image/webp", "image/tiff", "image/gif", "image/bmp", "image/x-ms-bmp"),
            *("image/svg+xml", "image/heic", "image/heif"),
        ),
        accepts=_is_picture,
        binary=True,
        keeps_suffix=False,
        parse=_parse_picture,
        as_pdf=_pages_of_picture,
    ),
    "mail": Parser(
        label="mail (EML, MSG)",
        suffixes=(".eml", ".msg"),
        media_types=("message/rfc822", "application/vnd.ms-outlook"),
        accepts=_is_msg,
        binary=True,  # parts may be
        parse=_parse_mail,
    ),
    "code": Parser(
        label="code, reStructuredText",
        suffixes=(
            *(
                ".rst",
                ".py",
                ".js",
                ".ts",
                ".tsx",
                ".jsx",
                ".java",
                ".c",
                ".h",
                ".cpp",
                ".hpp",
                ".cc",
                ".cs",
                ".go",
                ".rs",
            ),
            *(
                ".rb",
                ".php",
                ".kt",
                ".swift",
                ".scala",
                ".r",
                ".jl",
                ".lua",
                ".pl",
                ".sh",
                ".ps1",
                ".sql",
                ".css",
                ".toml",
            ),
            *(".yaml", ".yml", ".tex"),
        ),
        parse=_parse_code,
    ),
    "xml": Parser(label="XML", suffixes=(".xml",), media_types=("application/xml", "text/xml"), parse=_parse_xml),
    "json": Parser(
        label="JSON",
        suffixes=(".json", ".jsonl", ".ndjson"),
        media_types=("application/json", "application/x-ndjson"),
        parse=_parse_json,
    ),
    "notebook": Parser(
        label="notebook", suffixes=(".ipynb",), media_types=("application/x-ipynb+json",), parse=_parse_notebook
    ),
    "rtf": Parser(
        label="RTF",
        suffixes=(".rtf",),
        media_types=("application/rtf", "text/rtf"),
        accepts=_is_rtf,
        binary=True,  # pictures in it may be
        parse=_parse_rtf,
    ),
    "odp": Parser(
        label="OpenDocument presentation",
        suffixes=(".odp",),
        media_types=("application/vnd.oasis.opendocument.presentation",),
        accepts=partial(_is_package, "odp"),
        binary=True,
        parse=_parse_odp,
    ),
    "ods": Parser(
        label="OpenDocument workbook",
        suffixes=(".ods",),
        media_types=("application/vnd.oasis.opendocument.spreadsheet",),
        accepts=partial(_is_package, "ods"),
        binary=True,
        parse=_parse_ods,
    ),
    "odt": Parser(
        label="OpenDocument text",
        suffixes=(".odt",),
        media_types=("application/vnd.oasis.opendocument.text",),
        accepts=partial(_is_package, "odt"),
        binary=True,
        parse=_parse_odt,
    ),
    "epub": Parser(
        label="EPUB",
        suffixes=(".epub",),
        media_types=("application/epub+zip",),
        accepts=partial(_is_package, "epub"),
        binary=True,
        parse=_parse_epub,
    ),
    "csv": Parser(
        label="CSV, TSV",
        suffixes=(".csv", ".tsv", ".tab"),
        media_types=("text/csv", "text/tab-separated-values"),
        parse=_parse_delimited,
    ),
    "xlsx": Parser(
        label="Excel",
        suffixes=(".xlsx", ".xlsm", ".xltx", ".xltm"),
        media_types=(
            "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
            "application/vnd.ms-excel.sheet.macroenabled.12",
        ),
        accepts=partial(_is_package, "xlsx"),
        binary=True,
        parse=_parse_xlsx,
    ),
    "pptx": Parser(
        label="PowerPoint",
        suffixes=(".pptx", ".pptm", ".ppsx", ".potx"),
        media_types=(
            "application/vnd.openxmlformats-officedocument.presentationml.presentation",
            "application/vnd.ms-powerpoint.presentation.macroenabled.12",
        ),
        accepts=partial(_is_package, "pptx"),
        binary=True,
        parse=_parse_pptx,
    ),
    "docx": Parser(
        label="Word",
        suffixes=(".docx", ".docm", ".dotx", ".dotm"),
        media_types=(
            "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
            "application/vnd.ms-word.document.macroenabled.12",
        ),
        accepts=partial(_is_package, "docx"),
        binary=True,
        parse=_parse_docx,
    ),
    "web": Parser(
        label="HTML",
        suffixes=(".html", ".htm", ".xhtml"),
        media_types=("text/html", "application/xhtml+xml"),
        accepts=_is_html,
        parse=_parse_web,
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
    if _is_binary(raw.data):
        found = raw.media_type or suffix or "unknown"
        raise ParseError(
            f"{raw.source} is a binary file of a kind that cannot be read ({found}). Supported: {supported()}."
        )
    if named:
        return named[0]
    return "web" if _HTML_FRAGMENT.match(_head(raw.data)) else "text"


def _head(data: bytes) -> str:
    head = data[:4096]
    if head.startswith(_UTF16_BOMS):
        return head.decode("utf-16", errors="replace")
    if unmarked := utf16_of(data):
        return head.decode(unmarked, errors="replace")
    return head.removeprefix(b"\xef\xbb\xbf").decode("latin-1")


def _is_binary(data: bytes) -> bool:
    """Control characters are rare in text in any encoding but UTF-16, with a byte order mark or without."""
    head = data[:65536]
    return not (head.startswith(_UTF16_BOMS) or utf16_of(data)) and len(_CONTROL.findall(head)) > max(
        1, len(head) // 500
    )
