"""The names of sources at the doors for programs: an id, and a name for people. Neither tells where a file lies."""

from __future__ import annotations

from app.names import name_of
from errors import NotFoundError
from records import Principal
from store.documents import Documents
from store.source_ids import source_id


def resolved(name: str, documents: Documents, principal: Principal) -> str:
    """Return the source that ``principal`` means: by its id, its path or link, or its name if no other has it.

    Raises:
        NotFoundError: there is none, or more than one, that ``principal`` may read.
    """
    names = [source for source, _ in documents.titles(principal)]
    exact = [source for source in names if name in (source, source_id(source))]
    found = exact or [source for source in names if name_of(source) == name]
    if len(found) > 1:
        raise NotFoundError(
            f"{len(found)} sources are called {name[:100]!r}. Name one by its id, as the list of sources has it."
        )
    if not found:
        raise NotFoundError(f"There is no source {name[:100]!r}. The list of sources shows what there is.")
    return found[0]
