"""The head of a mail: from whom, to whom, when and about what. It is found as everything is, but answers only what is asked
of it; of what a mail says its body tells."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from chains.answering.evidence import Evidence
from records import Chunk, Hit, Principal
from store.documents import Documents
from text.english.question_kinds import asks_for_mail_head

MAIL = "mail"  # kind of a source whose first element is its head, one paragraph (ingest.parsers.mail)


def without_heads(
    question: str, evidence: Sequence[Evidence], hits: Sequence[Hit], documents: Documents, principal: Principal
) -> list[Evidence]:
    """Return ``evidence``, all of it from ``hits``, with the length of the head in front of what stands below one; heads are
    left out but where ``question`` asks for what they say, or there is nothing else of their mail."""
    heads = {hit.chunk.id: end for hit in hits if (end := _head(hit.chunk, documents, principal))}
    if not heads:
        return list(evidence)
    marked = [replace(one, head=heads.get(one.chunk.id, 0)) for one in evidence]
    if asks_for_mail_head(question):
        return marked
    told = {one.chunk.source for one in marked if one.start >= one.head}
    return [one for one in marked if one.start >= one.head or one.chunk.source not in told]


def _head(chunk: Chunk, documents: Documents, principal: Principal) -> int:
    """How many characters of ``chunk`` are the head of a mail."""
    if chunk.ordinal or chunk.kind != "text":
        return 0
    source = documents.source(chunk.source, principal)
    return len(chunk.text.split("\n", 1)[0]) if source is not None and source.kind == MAIL else 0
