"""Reasons why something could not be read, in the words of who added it: no path of the server, no option of a command."""

from __future__ import annotations

import re

from app.names import name_of
from ingest.connectors.guard import TO_ALLOW

_FOR_OPERATORS = re.compile(re.escape(TO_ALLOW) + r" --allow-host \S+ or ALLOW_HOSTS=\S+")
_PATH = re.compile(r"(?<![\w:/.])/(?:[^/\s'\"]+/)+([^/\s'\"]+)")


def in_users_words(reason: str, source: str) -> str:
    """Return ``reason`` with the name of ``source`` where its path stands, and without what only whoever runs this program
    can do or see.

    >>> in_users_words("/srv/uploads/9fe9/broken.pdf is empty.", "/srv/uploads/9fe9/broken.pdf")
    'broken.pdf is empty.'
    """
    said = _FOR_OPERATORS.sub("Whoever runs this page can allow it.", reason)
    return _PATH.sub(r"\1", said.replace(source, name_of(source)))
