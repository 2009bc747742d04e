"""The lexical index: tantivy, BM25, stems by language.

A chunk is indexed by the stems of its own language; a word of a question is looked for as each language that is in the index
would stem it, so that a name is found in texts of all. The stems are made here (``text.stems``): tantivy only splits them.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Literal, get_args

import tantivy

from errors import StoreError
from models.language import LANGUAGES
from records import Chunk, Scope
from store.auth.access import EVERYONE, View
from text.scripts import is_unspaced
from text.stems import ENGLISH, stem, stems_in
from text.tokens import content_words, words

HEAP_BYTES = 64_000_000  # of the writer
SLIP_LENGTH, TWO_SLIPS_LENGTH = 5, 8  # letters from which a word may have one wrong, or two
ENDING_LENGTH = 5  # from which it may have another ending
FEW_TERMS = 16  # that are looked for one by one
LONGEST_WORD = 60  # letters of a word that is looked for in other spellings; the index's automata have an end, too
KNOWN = frozenset(language for languages in LANGUAGES.values() for language in languages)
_PIECES = re.compile("[.,'’]")  # between which "5,079" and "don't" are indexed
# What is searched: context and text as one, for the shortness of a title would outweigh the words below it; or the
# context or the text alone.
Field = Literal["whole", "context", "text"]


class LexicalIndexOutdated(StoreError):
    """The lexical index has other fields than this version writes; it is to be written anew from the catalog."""


class LexicalIndex:
    """BM25 over the chunks' text and context. One process writes at a time (the caller holds a lock); all may read."""

    def __init__(self, folder: Path) -> None:
        try:
            folder.mkdir(parents=True, exist_ok=True)
            self._index = tantivy.Index(_schema(), path=str(folder), reuse=True)
            self._commits = folder / "meta.json"  # a new file with each commit
            self._read: tuple[int, int] | None = None
        except (OSError, ValueError) as error:
            kind = LexicalIndexOutdated if "schema" in str(error) else StoreError
            raise kind(
                f"The lexical index in {folder} cannot be opened ({error}). Check the disk; if the index is damaged, this "
                "writes it anew: python -m store doctor --repair"
            ) from error

    def write(
        self,
        add: Iterable[Chunk],
        delete: Iterable[str],
        readers: Mapping[str, Sequence[str]] | None = None,
        *,
        anew: bool = False,
    ) -> None:
        """Add chunks (an id that is known is replaced) and delete ids, or with ``anew`` all there is, in one commit.

        Args:
            readers: of the sources of ``add``; everybody, where there are none.
        """
        known = readers or {}
        with _using("written"):
            writer = self._index.writer(heap_size=HEAP_BYTES, num_threads=1)
            try:
                writer.garbage_collect_files()  # a killed writer's, whose names this one would want, too
                if anew:
                    writer.delete_all_documents()
                for id_ in delete:
                    writer.delete_documents_by_term("id", id_)
                for chunk in add:
                    writer.delete_documents_by_term("id", chunk.id)
                    writer.add_document(
                        tantivy.Document(
                            id=chunk.id,
                            source=chunk.source,
                            kind=chunk.kind,
                            language=chunk.language or ENGLISH,
                            reader=list(known.get(chunk.source) or (EVERYONE,)),
                            **_analysed(chunk),
                        )
                    )
                writer.commit()
            finally:
                writer.wait_merging_threads()  # also frees the writer's lock
            self._index.reload()

    @contextmanager
    def _searcher(self) -> Iterator[Any]:
        """What is in the index at this moment."""
        with _using("read"):
            found = self._commits.stat()
            if self._read != (now := (found.st_ino, found.st_mtime_ns)):
                self._index.reload()
                self._read = now
            yield self._index.searcher()

    def count(self) -> int:
        """Return the number of chunks."""
        with self._searcher() as searcher:
            return int(searcher.num_docs)

    def search(
        self,
        question: str,
        limit: int,
        scope: Scope,
        field: Field = "whole",
        view: View | None = None,
        language: str = ENGLISH,
    ) -> list[tuple[str, float]]:
        """Return the ids of the best chunks within ``scope`` and ``view`` with their BM25 score, best
        first; any word of the question, which is in ``language`` (ISO 639-1), may match."""
        terms = dict.fromkeys(content_words(question, language) or words(question))
        with self._searcher() as searcher:
            languages = self._languages(searcher) | {language}
        wanted = [query for term in terms if (query := self._word(term, languages, field)) is not None]
        if not wanted:
            return []
        text = tantivy.Query.boolean_query([(tantivy.Occur.Should, query) for query in wanted])
        query = text
        clauses = [(tantivy.Occur.Must, text)]
        for name, values in (("source", scope.sources), ("kind", scope.kinds)):
            if values is not None:
                clauses.append((tantivy.Occur.Must, self._any_of(name, values)))
        clauses += self._within(view)
        if len(clauses) > 1:
            query = tantivy.Query.boolean_query(clauses)
        with self._searcher() as searcher:
            return [(_id(searcher, address), float(score)) for score, address in searcher.search(query, limit).hits]

    def _languages(self, searcher: Any) -> frozenset[str]:
        """The languages of the chunks."""
        return frozenset(code for code in KNOWN if searcher.doc_freq("language", code))

    def _word(self, word: str, languages: frozenset[str], field: Field) -> Any | None:
        """A query for a word in the best of the forms that it has in ``languages``; None for one that a field cannot find."""
        schema = self._index.schema
        ways = []
        for form in dict.fromkeys(tuple(parts) for parts in _forms(word, languages)):
            if len(form) == 1:
                ways.append(tantivy.Query.term_query(schema, field, form[0]))
            elif field != "text":  # "5,079" is a phrase; the text alone is indexed without places
                ways.append(tantivy.Query.phrase_query(schema, field, list(form)))
        if len(word) == 1 and is_unspaced(word):  # one letter by itself stands in pairs of letters
            ways.append(tantivy.Query.regex_query(schema, field, f"{word}.|.{word}"))
        if len(ways) > 1:
            return tantivy.Query.disjunction_max_query(ways)
        return ways[0] if ways else None

    def idf(self, stems: Iterable[str], view: View | None = None, besides: str = "") -> dict[str, float]:
        """Return how rare each stem is among the texts of the chunks within ``view``, but for the source ``besides``: BM25's
        ``ln(1 + (N - n + 0.5) / (n + 0.5))``."""
        found = {}
        whole = view is None and not besides
        left_out = [(tantivy.Occur.MustNot, self._of([besides]))] if besides else []

        def count(searcher: Any, query: Any) -> int:
            query = tantivy.Query.boolean_query([(tantivy.Occur.Must, query), *left_out])
            return self._count(searcher, query, view)

        with self._searcher() as searcher:
            total = int(searcher.num_docs) if whole else count(searcher, tantivy.Query.all_query())
            for stem in stems:
                holding = (
                    min(int(searcher.doc_freq("text", stem)), total) if whole else count(searcher, self._having(stem))
                )
                found[stem] = math.log(1 + (total - holding + 0.5) / (holding + 0.5))
        return found

    def out_of_corpus(self, names: Iterable[str], scope: Scope, view: View | None = None) -> tuple[str, ...]:
        """Return those of ``names`` (single words) that no chunk within ``scope`` holds, in text or context, in this or a
        like spelling: another ending, a letter or two wrong in a long word."""
        within = [(tantivy.Occur.Must, self._of(scope.sources))] if scope.sources is not None else []
        found = []
        with self._searcher() as searcher:
            languages = self._languages(searcher)
            for name in names:
                query = tantivy.Query.boolean_query([(tantivy.Occur.Must, self._spelled(name, languages)), *within])
                if not self._count(searcher, query, view):
                    found.append(name)
        return tuple(found)

    def holds(self, word: str, view: View | None = None) -> bool:
        """Tell whether ``word`` stands in any chunk within ``view``, with this or another ending."""
        with self._searcher() as searcher:
            ways = [self._written(root) for root in stems_in(word.lower(), self._languages(searcher))]
            query = tantivy.Query.boolean_query([(tantivy.Occur.Should, way) for way in ways])
            return bool(self._count(searcher, query, view))

    def slips(self, word: str, limit: int, scope: Scope, view: View | None = None) -> list[str]:
        """Return the ids of chunks within ``scope`` that hold a word which ``word`` may be a slip of, best first."""
        slipped = self._slipped(stem(word.lower()))
        if slipped is None:
            return []
        clauses = [(tantivy.Occur.Must, slipped)]
        if scope.sources is not None:
            clauses.append((tantivy.Occur.Must, self._of(scope.sources)))
        clauses += self._within(view)
        with self._searcher() as searcher:
            hits = searcher.search(tantivy.Query.boolean_query(clauses), limit).hits
            return [_id(searcher, address) for _, address in hits]

    def _spelled(self, name: str, languages: frozenset[str]) -> Any:
        """A query for a word, other endings of it, and what differs by a slip of the pen."""
        roots = stems_in(name.lower(), languages)
        ways = [way for root in roots for way in (self._written(root), self._slipped(root)) if way is not None]
        return tantivy.Query.boolean_query([(tantivy.Occur.Should, way) for way in ways])

    def _written(self, root: str) -> Any:
        """A query for a stem, and for longer ones that begin with it."""
        schema = self._index.schema
        ways = [tantivy.Query.term_query(schema, "whole", root)]
        if ENDING_LENGTH <= len(root) <= LONGEST_WORD and root.isalpha():
            ways.append(tantivy.Query.regex_query(schema, "whole", f"{root}.*"))
        return tantivy.Query.boolean_query([(tantivy.Occur.Should, way) for way in ways])

    def _slipped(self, root: str) -> Any | None:
        """A query for stems that differ from ``root`` by a letter, or two of a long one; None for one that is short, or too
        long for a word."""
        if not SLIP_LENGTH <= len(root) <= LONGEST_WORD:
            return None
        slips = 1 if len(root) < TWO_SLIPS_LENGTH else 2
        return tantivy.Query.fuzzy_term_query(self._index.schema, "whole", root, distance=slips)

    def share(self, stem: str, sources: Sequence[str], view: View | None = None) -> float:
        """Return the share of the chunks with ``stem`` in their text that are the ``sources``', from 0 to 1, of those
        within ``view``."""
        anywhere = self._having(stem)
        there = tantivy.Query.boolean_query([(tantivy.Occur.Must, anywhere), (tantivy.Occur.Must, self._of(sources))])
        with self._searcher() as searcher:
            own, all_ = (self._count(searcher, query, view) for query in (there, anywhere))
        return own / all_ if all_ else 1.0

    def _having(self, stem: str) -> Any:
        """A query for the chunks with ``stem`` in their text, to be counted: how often it stands there is not read."""
        return tantivy.Query.term_query(self._index.schema, "text", stem, index_option="basic")

    def _of(self, sources: Iterable[str]) -> Any:
        """A query for all chunks of ``sources``."""
        return self._any_of("source", sorted(sources))

    def _any_of(self, field: str, terms: Sequence[str]) -> Any:
        """A query, which scores nothing, for all chunks with one of ``terms``. A set of them is looked up in the whole index
        before anything is searched, which for few of them is most of what a search costs."""
        schema = self._index.schema
        if len(terms) > FEW_TERMS:
            any_of = tantivy.Query.term_set_query(schema, field, list(terms))
        else:
            ways = [tantivy.Query.term_query(schema, field, term, index_option="basic") for term in terms]
            any_of = tantivy.Query.boolean_query([(tantivy.Occur.Should, way) for way in ways])
        return tantivy.Query.const_score_query(any_of, 0.0)

    def _within(self, view: View | None) -> list[tuple[Any, Any]]:
        """Clauses, which score nothing, that hold for the chunks of ``view``."""
        if view is None:
            return []
        labelled = self._any_of("reader", view.labels)
        ways = [labelled, self._of(view.shown)] if view.shown else [labelled]
        any_of = tantivy.Query.boolean_query([(tantivy.Occur.Should, way) for way in ways])
        hidden = [(tantivy.Occur.MustNot, self._of(view.hidden))] if view.hidden else []
        return [(tantivy.Occur.Must, any_of), *hidden]

    def _count(self, searcher: Any, query: Any, view: View | None) -> int:
        """How many chunks within ``view`` a query finds."""
        if view is not None:
            query = tantivy.Query.boolean_query([(tantivy.Occur.Must, query), *self._within(view)])
        return int(searcher.search(query, 1, count=True).count)

    def ids(self) -> list[str]:
        """Return all ids."""
        with self._searcher() as searcher:
            if searcher.num_docs == 0:
                return []
            hits = searcher.search(tantivy.Query.all_query(), searcher.num_docs).hits
            return [_id(searcher, address) for _, address in hits]


@contextmanager
def _using(how: str) -> Iterator[None]:
    try:
        yield
    except (OSError, ValueError) as error:  # tantivy raises ValueError for whatever fails
        raise StoreError(
            f"The lexical index could not be {how} ({error}). Check the disk's space and rights; if the index is damaged, "
            "this writes it anew: python -m store doctor --repair"
        ) from error


def _id(searcher: Any, address: Any) -> str:
    ids: Sequence[str] = searcher.doc(address)["id"]
    return ids[0]


def _forms(word: str, languages: frozenset[str]) -> Iterator[list[str]]:
    """What the index holds for ``word``, "5,079" in two pieces, in texts of each of ``languages``."""
    parts = _PIECES.split(word)
    for language in sorted(languages):
        yield [stem(part, language) for part in parts]


def _analysed(chunk: Chunk) -> dict[str, str]:
    """What each field holds of ``chunk``: stems with blanks between."""
    text, context = (_stems(one, chunk.language or ENGLISH) for one in (chunk.text, chunk.context))
    return {"text": text, "context": context, "whole": f"{context} {text}"}


def _stems(text: str, language: str) -> str:
    found = (stem(part, language) for word in words(text) for part in _PIECES.split(word))
    return " ".join(one for one in found if len(one) <= LONGEST_WORD)


def _schema() -> Any:
    builder = tantivy.SchemaBuilder()
    builder.add_text_field("id", stored=True, tokenizer_name="raw", index_option="basic")
    builder.add_text_field("source", tokenizer_name="raw", index_option="basic")
    builder.add_text_field("kind", tokenizer_name="raw", index_option="basic")
    builder.add_text_field("reader", tokenizer_name="raw", index_option="basic")
    builder.add_text_field("language", tokenizer_name="raw", index_option="basic")
    for field in get_args(Field):  # the text alone is searched by the ablation only: it does without phrases
        option = "basic" if field == "text" else "position"
        builder.add_text_field(field, tokenizer_name="whitespace", index_option=option)
    return builder.build()
