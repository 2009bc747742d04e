"""The store as one thing: its parts, opened together and kept in agreement.

Read through ``documents``, ``dense`` (and the other ``spaces``), ``lexical`` and ``images``, which ask who reads; write with
``put_all`` and ``remove``; say what is on its way in with ``jobs``.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from langchain_core.embeddings import Embeddings

from config import Settings
from errors import SettingsError
from models.embed import Embedder, as_embedder
from models.page_model import MultiVectorPageModel
from records import Chunk, Description, Document, Source
from store.bucket_assets import open_assets
from store.catalog import Catalog, Fingerprint
from store.database.chunk_changes import ChunkChanges
from store.database.locking import lock_of
from store.descriptions import drop_former_cache
from store.documents import Documents
from store.filling import OnSource, fill
from store.job_files import JobFiles, JobRows
from store.jobs import Jobs
from store.labeller import Labeller
from store.lexical_folder import LexicalFolder
from store.maintenance.recovery import Recovery
from store.moves import move
from store.new_document import NewDocument
from store.office_pages import OfficePages
from store.originals import Originals
from store.page_search import PageSearch, fill_pages
from store.parts import Parts
from store.picture_search import PictureSearch
from store.removed import Removed
from store.searches import DenseSearch, ImageSearch, LexicalSearch
from store.signatures import Signatures
from store.spaces import PICTURES, SPACES, TEXT, EmbeddingSpace
from store.vectors.base import VectorIndex
from store.vectors.chroma import ChromaIndex
from store.writer import Writer
from vision.image_index import ImageIndex


class Index:
    """Everything stored in a data folder. Use as a context manager, or call ``close``.

    Args:
        settings: where the folder is, and which embedder.
        embedder: of the space of texts; any LangChain embeddings. By default the one that ``settings`` name.
        spaces: the embedding spaces; by default those of ``SPACES``.
        vectors: where vectors are kept; by default Chroma.

    Raises:
        StoreError: the folder cannot be used.
        SettingsError: the spaces do not fit together.
    """

    def __init__(
        self,
        settings: Settings,
        embedder: Embeddings | Embedder | None = None,
        *,
        spaces: Iterable[EmbeddingSpace] | None = None,
        vectors: VectorIndex | None = None,
    ) -> None:
        self.settings = settings
        self.folder = settings.data_dir
        named = _named_spaces(settings, embedder, spaces)
        self.embedder = named[TEXT].embedder
        url = settings.catalog_url
        if url and not settings.chroma_url and vectors is None:
            raise SettingsError(
                "CATALOG_URL is for machines that share a store. Name the Chroma server that they share, too: CHROMA_URL."
            )
        self.catalog = Catalog(self.folder / "catalog.sqlite", url)
        self.assets = open_assets(settings)
        self.originals = Originals(self.assets)
        self.office_pages = OfficePages(settings, self.assets)
        self.uploads = settings.shared_path / "uploads"
        write_lock = lock_of(self.folder, "write", url)
        changes = ChunkChanges(url) if url else None
        self.parts = Parts(
            folder=self.folder,
            write_lock=write_lock,
            uploads=self.uploads,
            catalog=self.catalog,
            assets=self.assets,
            signatures=Signatures(self.catalog),
            lexical=LexicalFolder(self.folder / "words", self.catalog, write_lock, changes),
            vectors=vectors or ChromaIndex(self.folder, settings.chroma_url, self.catalog.meta("index")),
            spaces=named,
            job_files=JobRows(url) if url else JobFiles(self.folder / "works"),
            own_uploads=settings.is_bucket,
        )
        self.recovery = Recovery(self.parts)
        self.jobs = Jobs(self.parts, self.recovery)
        image_index = ImageIndex(self.parts.signatures, self.assets, self.folder)
        self._images = image_index
        self._writer = Writer(self.parts, self.recovery, image_index)
        self.removed = Removed(self.parts, self.recovery, image_index)
        self.documents = Documents(self.catalog)
        self.spaces = {name: DenseSearch(self.documents, space, self.parts) for name, space in named.items()}
        self.dense = self.spaces[TEXT]
        self.pictures = (
            PictureSearch(self.documents, named[PICTURES], self.parts, settings.picture_labels)
            if PICTURES in named
            else None
        )
        self.pages = self._page_search(settings)
        self.lexical = LexicalSearch(self.documents, self.parts.lexical)
        self.images = ImageSearch(self.documents, self.parts.signatures, image_index)
        self._closed = False
        self.recovery.repair_if_idle(opening=True)
        self.parts.lexical.follow()
        self.parts.lexical.keep_following()
        self.labeller = Labeller(self.parts)
        self.labeller.start()
        drop_former_cache(self.folder)

    def _page_search(self, settings: Settings) -> PageSearch | None:
        if self.pictures is None:
            return None
        reader = MultiVectorPageModel(settings.page_model) if settings.page_model else None
        return PageSearch(self.documents, self.parts, self.pictures, self.originals, reader)

    def __enter__(self) -> Index:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def put(self, document: Document, chunks: Sequence[Chunk], fingerprint: Fingerprint, when: str) -> Source:
        """Take one document in; see ``put_all``."""
        return self.put_all([NewDocument(document, chunks, fingerprint)], when)[0]

    def put_all(self, documents: Sequence[NewDocument], when: str) -> list[Source]:
        """Take documents of different sources in with their chunks, each instead of what its source had before; return what
        the catalog says of them.

        Raises:
            AssetsGone: an asset is not there any more; parse its source again. None of the documents was taken in.
            SourceChanged: a source does not have the chunks any more that it was to have.
        """
        return self._writer.put_all(documents, when)

    def keep_description(self, source: str, description: Description) -> bool:
        """Let ``source`` have ``description`` from this moment on; return False when it has that picture no more."""
        return self._writer.keep_description(source, description)

    def remove(self, source: str, *, for_good: bool = True) -> bool:
        """Remove ``source`` with everything it left, what is attached to it first; return False when it is not known. Unless
        it is removed ``for_good``, it is among ``removed``, and may come back."""
        for attached in self.catalog.attached_to(source):
            self.remove(attached, for_good=for_good)
        if self._writer.remove(source, for_good=for_good):
            return True
        return for_good and self.removed.remove(source)

    def move(self, source: str, chunks: Sequence[Chunk], stamp: str) -> bool:
        """Give what ``source`` has to the source that ``chunks`` name; see ``store.moves``."""
        return move(self.parts, self.recovery, self._images, source, chunks, stamp)

    def rename(self, source: str, name: str) -> bool:
        """Give ``source`` a name that stays when it is read again, or with "" none; return False when it is not known."""
        return self.catalog.set_name(source, name)

    def check_models(self) -> None:
        """Check that what is stored was embedded with the models that the settings name.

        Raises:
            StoreError: it was not; the message names the way out.
        """
        for space in self.parts.spaces.values():
            self.parts.check_model(space)

    def check_reachable(self) -> None:
        """Check that what is stored can be searched now.

        Raises:
            StoreError: the vectors or the lexical index cannot be reached.
        """
        self.parts.vectors.spaces()
        self.parts.lexical.open()

    def fill(self, space: str, on_source: OnSource = lambda *_: None) -> int:
        """Embed in ``space`` what was taken in before it was there; return how many chunks; see ``store.filling``."""
        return fill(self.parts, self.recovery, self.parts.spaces[space], on_source)

    def fill_pages(self, on_source: OnSource = lambda *_: None) -> int:
        """Embed the pages of PDFs that have no vector; return how many; see ``store.page_search``.

        Raises:
            SettingsError: no image embedder is set.
        """
        if self.pages is None or self.pictures is None:
            raise SettingsError("Pages are embedded by an image embedder. Set IMAGE_EMBED_MODEL=clip-ViT-B-32.")
        return fill_pages(self.parts, self.recovery, self.originals, self.pictures, self.pages.key, on_source)

    def close(self) -> None:
        """Leave the vector index and close the files."""
        if self._closed:
            return
        self._closed = True
        self.office_pages.close()
        self.labeller.close()
        self.recovery.repair_after_deletions()
        self.parts.lexical.close()
        self.catalog.close()
        self.parts.vectors.close()


def _named_spaces(
    settings: Settings, embedder: Embeddings | Embedder | None, spaces: Iterable[EmbeddingSpace] | None
) -> dict[str, EmbeddingSpace]:
    given = list(spaces) if spaces is not None else []
    if spaces is None:
        makers = SPACES if embedder is None else {name: make for name, make in SPACES.items() if name != TEXT}
        given = [space for make in makers.values() if (space := make(settings)) is not None]
    if embedder is not None:
        given.insert(0, EmbeddingSpace(TEXT, as_embedder(embedder)))
    named = {space.name: space for space in given}
    if len(named) < len(given) or TEXT not in named:
        names = ", ".join(space.name for space in given)
        raise SettingsError(
            f"An index needs the embedding space {TEXT!r} once, and each other once at most; not: {names}."
        )
    return named
