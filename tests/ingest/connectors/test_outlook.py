"""Outlook's mails: told by their content, and what is said where they cannot be read."""

from __future__ import annotations

import sys

import pytest

from errors import ParseError
from ingest.connectors.outlook import is_msg, mime_of
from ingest.parsers.registry import kind_of
from records import Raw

OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
MSG = OLE + bytes(504) + "__properties_version1.0".encode("utf-16-le") + bytes(600)


def test_a_mail_of_outlook_is_told_from_other_files_of_its_format() -> None:
    assert is_msg(MSG)
    assert not is_msg(OLE + bytes(1000))
    assert kind_of(Raw(source="/x/unnamed", data=MSG)) == "mail"
    assert mime_of(b"Subject: x\n\nwords") == b"Subject: x\n\nwords"


def test_without_its_package_the_way_out_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "extract_msg", None)
    with pytest.raises(ParseError, match=r"pip install extract-msg -c constraints\.txt"):
        mime_of(MSG)


def test_a_damaged_mail_is_told() -> None:
    pytest.importorskip("extract_msg", reason="extract-msg is optional")
    with pytest.raises(ParseError, match="The mail is damaged"):
        mime_of(MSG)
