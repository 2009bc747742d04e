"""Parsers that are imported where they are used: a program that parses nothing does without the libraries they need."""

from __future__ import annotations

from config import Settings
from ingest.parsers.base import AssetSink
from records import Document, Raw


def parse_web(raw: Raw, *, assets: AssetSink, settings: Settings) -> Document:
    from ingest.parsers.html.page import parse_web

    return parse_web(raw, assets=assets, settings=settings)


def parse_markdown(raw: Raw, *, assets: AssetSink, settings: Settings) -> Document:
    from ingest.parsers.markdown import parse_markdown

    return parse_markdown(raw, assets=assets, settings=settings)


def parse_picture(raw: Raw, *, assets: AssetSink, settings: Settings) -> Document:
    from ingest.parsers.image import parse_picture

    return parse_picture(raw, assets=assets, settings=settings)


def parse_docx(raw: Raw, *, assets: AssetSink, settings: Settings) -> Document:
    from ingest.parsers.office.docx import parse_docx

    return parse_docx(raw, assets=assets, settings=settings)


def parse_epub(raw: Raw, *, assets: AssetSink, settings: Settings) -> Document:
    from ingest.parsers.epub import parse_epub

    return parse_epub(raw, assets=assets, settings=settings)


def parse_mail(raw: Raw, *, assets: AssetSink, settings: Settings) -> Document:
    from ingest.parsers.mail.message import parse_mail

    return parse_mail(raw, assets=assets, settings=settings)


def parse_pptx(raw: Raw, *, assets: AssetSink, settings: Settings) -> Document:
    from ingest.parsers.office.pptx import parse_pptx

    return parse_pptx(raw, assets=assets, settings=settings)


def parse_xlsx(raw: Raw, *, assets: AssetSink, settings: Settings) -> Document:
    from ingest.parsers.sheets.xlsx import parse_xlsx

    return parse_xlsx(raw, assets=assets, settings=settings)


def parse_delimited(raw: Raw, *, assets: AssetSink, settings: Settings) -> Document:
    from ingest.parsers.sheets.delimited import parse_delimited

    return parse_delimited(raw, assets=assets, settings=settings)


def parse_odt(raw: Raw, *, assets: AssetSink, settings: Settings) -> Document:
    from ingest.parsers.office.odf import parse_odt

    return parse_odt(raw, assets=assets, settings=settings)


def parse_odp(raw: Raw, *, assets: AssetSink, settings: Settings) -> Document:
    from ingest.parsers.office.odf import parse_odp

    return parse_odp(raw, assets=assets, settings=settings)


def parse_ods(raw: Raw, *, assets: AssetSink, settings: Settings) -> Document:
    from ingest.parsers.sheets.ods import parse_ods

    return parse_ods(raw, assets=assets, settings=settings)


def parse_rtf(raw: Raw, *, assets: AssetSink, settings: Settings) -> Document:
    from ingest.parsers.rtf import parse_rtf

    return parse_rtf(raw, assets=assets, settings=settings)


def parse_notebook(raw: Raw, *, assets: AssetSink, settings: Settings) -> Document:
    from ingest.parsers.notebook import parse_notebook

    return parse_notebook(raw, assets=assets, settings=settings)


def parse_json(raw: Raw, *, assets: AssetSink, settings: Settings) -> Document:
    from ingest.parsers.structured import parse_json

    return parse_json(raw, assets=assets, settings=settings)


def parse_xml(raw: Raw, *, assets: AssetSink, settings: Settings) -> Document:
    from ingest.parsers.structured import parse_xml

    return parse_xml(raw, assets=assets, settings=settings)


def parse_code(raw: Raw, *, assets: AssetSink, settings: Settings) -> Document:
    from ingest.parsers.code import parse_code

    return parse_code(raw, assets=assets, settings=settings)


def pages_of_picture(raw: Raw, *, settings: Settings) -> bytes:
    from ingest.parsers.image import pages_of_picture

    return pages_of_picture(raw, settings=settings)
