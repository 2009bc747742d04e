"""What an answer has to say of sources of which the plain words alone can be searched yet."""

from __future__ import annotations

from records import Turn
from store.documents import Documents


def said_of_reading(turn: Turn, documents: Documents) -> tuple[str, ...]:
    """Return a notice for each cited source that is still being read: its tables and figures had no part in the answer."""
    cited = dict.fromkeys(citation.chunk.source for citation in turn.citations)
    known = (documents.source(source, turn.scope.principal) for source in cited)
    return tuple(
        f"“{source.name or source.title}” is still being read (page {source.reading.done:,} of {source.pages:,}): what its "
        "tables and figures say is not known yet."
        for source in known
        if source is not None and source.reading is not None
    )
