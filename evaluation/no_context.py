"""Search of the chunks without their context (title and section): what the ablation compares the context with."""

from __future__ import annotations

import hashlib
from functools import cached_property
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from records import Chunk, Scope
from store.index import Index

EMBEDDED_AT_ONCE = 512


class NoContext:
    """A dense and a lexical search of ``index`` as they would be without context. All in memory; vectors are kept in
    ``folder``, so that a run cut off does not embed again."""

    def __init__(self, index: Index, folder: Path) -> None:
        self._index = index
        self._folder = folder

    @cached_property
    def _chunks(self) -> list[Chunk]:
        return sorted(self._index.catalog.all_chunks(), key=lambda chunk: chunk.id)

    @cached_property
    def _vectors(self) -> NDArray[np.float32]:
        """(chunks, dimensions), each row of unit length."""
        digest = hashlib.sha256(self._index.embedder.fingerprint.encode())
        for chunk in self._chunks:
            digest.update(chunk.id.encode())
        path = self._folder / f"bare-{digest.hexdigest()[:12]}.npy"
        if path.is_file():
            return np.load(path, allow_pickle=False)  # type: ignore[no-any-return]
        texts = [chunk.text for chunk in self._chunks]
        parts = [
            np.asarray(self._index.embedder.embed_documents(texts[start : start + EMBEDDED_AT_ONCE]), dtype=np.float32)
            for start in range(0, len(texts), EMBEDDED_AT_ONCE)
        ]
        vectors = np.concatenate(parts)
        self._folder.mkdir(parents=True, exist_ok=True)
        draft = path.with_suffix(".draft")
        with draft.open("wb") as file:
            np.save(file, vectors)
        draft.replace(path)
        return vectors

    def dense(self, question: str, limit: int, scope: Scope) -> list[tuple[Chunk, float]]:
        """Search as ``Index.dense`` does: exactly, not approximately."""
        similarity = self._vectors @ np.asarray(self._index.embedder.embed_query(question), dtype=np.float32)
        allowed = set(scope.sources) if scope.sources is not None else None
        order = np.argsort(-similarity, kind="stable")
        found = ((self._chunks[position], float(similarity[position])) for position in order)
        kept = (pair for pair in found if allowed is None or pair[0].source in allowed)
        return [pair for pair, _ in zip(kept, range(limit), strict=False)]

    def lexical(self, question: str, limit: int, scope: Scope) -> list[tuple[Chunk, float]]:
        """Search as ``Index.lexical`` does, over the text alone."""
        return self._index.lexical.search(question, limit, scope, field="text")
