"""What is attached to a mail: taken in with it, read by its readers, removed with it."""

from __future__ import annotations

from collections.abc import Callable
from email.message import EmailMessage
from pathlib import Path
from typing import Any

from ingest.outcome import Outcome
from ingest.pipeline import ingest
from ingest.workers import Loaded, Workers, load
from records import Access
from store.attached import attached_name
from store.index import Index


class Here(Workers):
    """Reads in this process, which is quicker than to start another."""

    def read(self, source: str, known_hash: str, on_pages: Any) -> Loaded:
        return load(source, self._settings, known_hash)


def mail(path: Path, *names: str) -> str:
    message = EmailMessage()
    message["From"], message["Subject"] = "ines@harbour.example", "Costs"
    message.set_content("See the table.")
    for name in names:
        message.add_attachment(b"Item,Cost\nRent,12\n", maintype="text", subtype="csv", filename=name)
    path.write_bytes(message.as_bytes())
    return str(path)


def take_in(index: Index, source: str, access: Access | None = None) -> dict[str, Outcome]:
    said = {source: access} if access else None
    with Here(index.settings) as workers:
        return {one.source: one for one in ingest(index, [source], workers=workers, access=said)}


def test_attachments_come_and_go_with_their_mail(make_index: Callable[..., Index], tmp_path: Path) -> None:
    index = make_index()
    source = mail(tmp_path / "a.eml", "one.csv", "two.csv", "tool.exe")
    one, two = attached_name(source, "one.csv"), attached_name(source, "two.csv")
    outcomes = take_in(index, source, Access(("finance",), "ines"))
    assert {name: outcome.status for name, outcome in outcomes.items()} == {source: "added", one: "added", two: "added"}
    assert [loss.what for loss in outcomes[source].losses] == ["attachment tool.exe"]
    assert index.jobs.left() == []
    for name in (source, one, two):
        assert index.catalog.access(name) == Access(("finance",), "ines")

    index.catalog.set_access(source, Access(("board",), "ines"))
    assert index.catalog.access(one) == Access(("board",), "ines")

    mail(tmp_path / "a.eml", "one.csv")
    outcomes = take_in(index, source)
    assert {name: outcome.status for name, outcome in outcomes.items()} == {source: "updated", one: "unchanged"}
    assert not index.catalog.knows(two)
    assert index.catalog.access(one) == Access(("board",), "ines")

    assert index.remove(source)
    assert index.catalog.sources() == []


def test_a_mail_in_a_mail_brings_its_attachments(make_index: Callable[..., Index], tmp_path: Path) -> None:
    index = make_index()
    inner = EmailMessage()
    inner["From"], inner["Subject"] = "kim@harbour.example", "Inner"
    inner.set_content("Inner words.")
    inner.add_attachment(b"a,b\n1,2\n", maintype="text", subtype="csv", filename="deep.csv")
    outer = EmailMessage()
    outer["From"], outer["Subject"] = "ines@harbour.example", "Outer"
    outer.set_content("Outer words.")
    outer.add_attachment(inner)
    path = tmp_path / "outer.eml"
    path.write_bytes(outer.as_bytes())
    take_in(index, str(path), Access(("board",)))
    middle = attached_name(str(path), "Inner.eml")
    deep = attached_name(middle, "deep.csv")
    assert {one.source for one in index.catalog.sources()} == {str(path), middle, deep}
    assert index.catalog.access(deep) == Access(("board",))
    index.remove(str(path))
    assert index.catalog.sources() == []
