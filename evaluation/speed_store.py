"""Big stores for measuring speed: passages of packs with their names and numbers varied, half of the sources closed."""

from __future__ import annotations

import random
import re
import zlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import cycle, islice
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from config import Settings
from errors import PackError
from evaluation.load import load_pack
from evaluation.packs import Passage
from models.embed import Embedder, adapted
from records import Access, Chunk, Document
from store.catalog import Fingerprint
from store.index import Index
from store.new_document import NewDocument
from store.waiting import expect
from text.tokens import content_words

DIMENSIONS = 384
CHUNKS_A_SOURCE = 5
CLOSED = Access(("staff",))  # of every second source
AT_ONCE = 500  # sources stored together
PARAGRAPH = 200  # characters of one that is a passage, at least
DOCUMENTATION = Path(__file__).parents[1] / "docs"
WORDS = 14  # of a question
_NAME = re.compile(r"(?<=[a-z,] )[A-Z][a-z]{3,}")
_DIGITS = re.compile(r"\d+")


class HashedWords:
    """Embeds a text as the sum of a random direction for each of its words: nothing to load, and near where words agree."""

    def embed_documents(self, texts: list[str]) -> list[list[float]]:
        """Return a vector of unit length for each of ``texts``."""
        return [self.embed_query(text) for text in texts]

    def embed_query(self, text: str) -> list[float]:
        """Return the vector of ``text``."""
        total = sum((_direction(word) for word in set(content_words(text)) or {""}), np.zeros(DIMENSIONS))
        return [float(value) for value in total / np.linalg.norm(total)]


@lru_cache(100_000)
def _direction(word: str) -> NDArray[np.float64]:
    return np.random.default_rng(zlib.crc32(word.encode())).standard_normal(DIMENSIONS)


def hashed_words() -> Embedder:
    """Return ``HashedWords`` as the embedder of an index."""
    return adapted(HashedWords(), name="hashed words")  # type: ignore[arg-type]


@dataclass(frozen=True)
class Texts:
    """Passages, and what is put in the place of their names."""

    passages: tuple[Passage, ...]
    names: tuple[str, ...]

    @classmethod
    def of(cls, packs: Sequence[Path]) -> Texts:
        """Return the passages of ``packs``.

        Raises:
            PackError: they have none.
        """
        passages = tuple(one for pack in packs for one in load_pack(pack).passages)
        if not passages:
            raise PackError("None of these packs has passages. Name some that have: --packs FOLDER...")
        return cls._of(passages)

    @classmethod
    def of_documentation(cls, folder: Path = DOCUMENTATION) -> Texts:
        """Return the longer paragraphs of the Markdown files in ``folder``, by default this program's documentation.

        Raises:
            PackError: there are none.
        """
        paragraphs = [
            Passage(id=f"{path.name}-{number}", title=path.stem, text=" ".join(paragraph.split()))
            for path in sorted(folder.glob("*.md"))
            for number, paragraph in enumerate(path.read_text(encoding="utf-8").split("\n\n"))
        ]
        passages = tuple(one for one in paragraphs if len(one.text) >= PARAGRAPH)
        if not passages:
            raise PackError(f"{folder} holds no Markdown to fill stores with. Name packs: --packs FOLDER...")
        return cls._of(passages)

    @classmethod
    def _of(cls, passages: tuple[Passage, ...]) -> Texts:
        return cls(passages, tuple(sorted({name for one in passages for name in _NAME.findall(one.text)} or {"Weir"})))

    def varied(self, passage: Passage, draw: random.Random) -> str:
        """Return the text of ``passage`` with other names and numbers."""
        text = passage.text
        text = _DIGITS.sub(lambda found: str(draw.randrange(10 ** len(found.group()))), text)
        return _NAME.sub(lambda _: draw.choice(self.names), text)

    def questions(self, number: int) -> list[str]:
        """Return questions in the words of varied passages, of each passage one before any comes again."""
        draw = random.Random(number)
        asked = islice(cycle(draw.sample(self.passages, len(self.passages))), number)
        return [" ".join(self.varied(passage, draw).split()[:WORDS]) + "?" for passage in asked]

    def sources(self, first: int, last: int) -> Iterator[NewDocument]:
        """Yield the sources numbered from ``first`` to below ``last``; a number always gives the same one."""
        for number in range(first, last):
            draw = random.Random(number)
            source, title = f"/speed/{number:07d}.txt", f"{draw.choice(self.passages).title} {number}"
            chunks = [
                Chunk(
                    id=f"{number:07d}-{place}",
                    source=source,
                    kind="text",
                    text=self.varied(draw.choice(self.passages), draw),
                    context=title,
                    title=title,
                    page=place + 1,
                    ordinal=place,
                    language="en",
                )
                for place in range(CHUNKS_A_SOURCE)
            ]
            document = Document(source=source, kind="text", title=title, pages=CHUNKS_A_SOURCE, elements=())
            yield NewDocument(document, chunks, Fingerprint(str(number), "", "speed"))


def opened(folder: Path, chunks: int, texts: Texts, on_chunks: Callable[[int], None]) -> Index:
    """Return the store of ``chunks`` chunks in ``folder``; what it lacks is stored first, so that it can be cut off."""
    index = Index(Settings(data_dir=folder), hashed_words())
    there, wanted = len(index.catalog.sources()), chunks // CHUNKS_A_SOURCE
    for first in range(there, wanted, AT_ONCE):
        batch = list(texts.sources(first, min(first + AT_ONCE, wanted)))
        names = [new.document.source for new in batch]
        expect(index.catalog, names, "", dict.fromkeys(names[1::2], CLOSED))
        index.put_all(batch, "2026-01-01T00:00:00+00:00")
        on_chunks((first + len(batch)) * CHUNKS_A_SOURCE)
    return index
