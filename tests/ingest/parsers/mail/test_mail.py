"""Mails, built by the standard library."""

from __future__ import annotations

from email.message import EmailMessage

import pytest
from office_files import read, tables, texts
from web_page import png

from config import Settings
from errors import FetchError, ParseError
from ingest.connectors.attachments import Attachments, attached_to
from ingest.connectors.registry import connector_of
from records import Raw
from store.attached import attached_name, belongs_to, depth_of


def mail(text: str = "The crane is back.", subject: str = "Crane of Köln", **headers: str) -> EmailMessage:
    message = EmailMessage()
    message["From"] = "Ines Olsen <ines@harbour.example>"
    message["To"] = "Kim <kim@harbour.example>"
    message["Date"] = "Wed, 04 Mar 2026 15:07:00 +0100"
    message["Subject"] = subject
    for name, value in headers.items():
        message[name] = value
    message.set_content(text)
    return message


def test_headers_and_text_are_read() -> None:
    document = read(mail().as_bytes(), "crane.eml")
    assert (document.kind, document.title, document.pages) == ("mail", "Crane of Köln", 1)
    head, body = document.elements
    assert [line.text for line in head.lines] == [
        "From: Ines Olsen <ines@harbour.example>",
        "To: Kim <kim@harbour.example>",
        "Date: Wed, 04 Mar 2026 15:07:00 +0100",
        "Subject: Crane of Köln",
    ]
    assert body.text == "The crane is back."


@pytest.mark.parametrize(
    "text",
    [
        "New words.\n\nOn 3 March 2026 at 10:00, Kim <kim@x.example> wrote:\n> Old words.\n> More.",
        "New words.\n\nOn Tuesday, 3 March 2026 at 10:00 Kim Olsen, harbour office\n<kim@x.example> wrote:\n> Old words.",
        "New words.\n\n-----Original Message-----\nFrom: Kim\n\nOld words.",
        "New words.\n________________________________\nFrom: Kim <kim@x.example>\nSent: today\n\nOld words.",
    ],
)
def test_what_is_new_is_apart_from_what_is_quoted(text: str) -> None:
    elements = read(mail(text).as_bytes(), "x.eml").elements[1:]
    assert [one.text for one in elements if not one.section and not one.heading] == ["New words."]
    quoted = [one for one in elements if one.section == ("Quoted message",)]
    assert any("Old words." in one.text for one in quoted)
    assert all(">" not in one.text.replace(".example>", "") for one in quoted)


def test_answers_between_quoted_lines_are_new() -> None:
    elements = read(mail("> Is it safe?\n\nYes, it is.\n\n> When?\n\nIn May.").as_bytes(), "x.eml").elements
    assert [one.text for one in elements if not one.section and not one.heading][1:] == ["Yes, it is.", "In May."]


def test_html_wins_over_plain_text_and_its_tables_stay_tables() -> None:
    message = mail("plain words")
    message.add_alternative(
        "<p>Rich words</p><div style='display:none'>hidden</div><table><tr><th>Crane</th><th>Load</th></tr>"
        "<tr><td>North</td><td>40</td></tr></table><img src='http://track.example/p.png' width=100 height=100>"
        "<img src='cid:quay'><div class='gmail_quote'>On Monday Kim wrote:<blockquote>Old words</blockquote></div>",
        subtype="html",
    )
    message.get_payload()[1].add_related(png(120, 90), "image", "png", cid="<quay>")
    document = read(message.as_bytes(), "x.eml")
    (table,) = tables(document)
    assert table.table is not None
    assert table.table.grid() == [["Crane", "Load"], ["North", "40"]]
    assert "plain words" not in texts(document) and "hidden" not in texts(document)
    (picture,) = [one.picture for one in document.elements if one.picture]
    assert (picture.width, picture.height) == (120, 90)
    assert [one.section for one in document.elements if "Old words" in one.text] == [("Quoted message",)]
    assert [(loss.what, "not fetched" in loss.why) for loss in document.losses] == [
        ("image http://track.example/p.png", True)
    ]
    assert document.attachments == ()


def with_attachments() -> bytes:
    message = mail()
    message.add_attachment(b"a,b\n1,2\n", maintype="text", subtype="csv", filename="costs.csv")
    message.add_attachment(b"a,b\n3,4\n", maintype="text", subtype="csv", filename="costs.csv")
    message.add_attachment(b"x", maintype="application", subtype="pdf", filename="../../etc/plan.pdf")
    message.add_attachment(mail("Inner words.", subject="Forwarded"))
    return message.as_bytes()


def test_attachments_are_sources_of_their_own() -> None:
    data = with_attachments()
    assert [(one.name, one.data) for one in attached_to(data)[:3]] == [
        ("costs.csv", b"a,b\n1,2\n"),
        ("costs-2.csv", b"a,b\n3,4\n"),
        (".._.._etc_plan.pdf".strip(". "), b"x"),
    ]
    document = read(data, "x.eml")
    assert document.attachments[0] == "attachment:///files/x.eml/costs.csv"
    assert "Attachments: costs.csv, costs-2.csv" in document.elements[0].text
    assert "Inner words" not in texts(document)

    connector = Attachments(lambda source, settings: Raw(source=source, data=data))
    inner = connector.read("attachment:///files/x.eml/Forwarded.eml", settings=Settings())
    assert b"Inner words." in inner.data
    with pytest.raises(FetchError, match=r"x\.eml has no attachment 'gone\.pdf'"):
        connector.read("attachment:///files/x.eml/gone.pdf", settings=Settings())


def test_mails_in_mails_are_opened_to_a_limit() -> None:
    deep = "/x.eml"
    for name in ("a.eml", "b.eml", "c.eml", "d.eml"):
        deep = attached_name(deep, name)
    assert (depth_of(deep), belongs_to(deep).endswith("/c.eml")) == (4, True)
    with pytest.raises(FetchError, match="more than 3 mails deep"):
        connector_of(deep).read(deep, settings=Settings())


def test_broken_mails_are_read_as_far_as_they_go_or_refused() -> None:
    data = b"Subject: =?nonsense?q?x?=\nFrom: k\nContent-Type: text/plain; charset=none-such\n\nStill w\xf6rds."
    assert "Still w" in texts(read(data, "x.eml"))
    with pytest.raises(ParseError, match="is no mail"):
        read(b"\0\1\2 no headers here", "x.eml")
