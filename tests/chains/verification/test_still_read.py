"""An answer says where a source that it cites is still being read."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from fakes import chunk, document, fingerprint, put

from chains.verification.still_read import said_of_reading
from records import Citation, Reading, Turn
from store.being_read import note_pages
from store.index import Index
from store.new_document import NewDocument


def test_what_is_still_read_is_said_once_and_only_where_it_is_cited(make_index: Callable[..., Index]) -> None:
    index = make_index()
    words = chunk("The weir is closed.", source="long.pdf")
    long = replace(document("long.pdf"), title="Plant", pages=40)
    index.put_all([NewDocument(long, [words], fingerprint(), reading=Reading(40))], "2026-01-02T03:04:05+00:00")
    note_pages(index.catalog, "long.pdf", 12)
    whole = chunk("The roof is open.", source="b.md")
    put(index, [whole])
    cited = tuple(Citation(n=n, chunk=one, quote=one.text) for n, one in enumerate([words, words, whole], 1))
    (said,) = said_of_reading(Turn(question="?", citations=cited), index.documents)
    assert said.startswith("“Plant” is still being read (page 12 of 40)")
    assert said_of_reading(Turn(question="?", citations=cited[2:]), index.documents) == ()
