"""What the doors for programs do, one method each: the page's own application asked on behalf of a principal, and its records
turned into what goes out. No door knows more than this."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import BoundedSemaphore

from langchain_core.messages import AIMessage, BaseMessage, HumanMessage
from langchain_core.runnables import RunnableConfig

from app.assistant import Assistant
from app.doors import schema
from app.doors.library import Library
from app.doors.naming import resolved
from app.feedback import now
from app.names import name_of
from app.stopping import Stop, until_stopped
from chains.report import as_json
from errors import BusyError, NotFoundError, SourceError
from models.chat.usage import TokenUsage
from records import Chunk, Hit, Principal, Scope, Source, Turn
from store.feedback import AnswerFeedback, CitedPassage, user_name_of
from store.fields import narrowed
from store.source_ids import source_id

AT_ONCE = 8  # questions of programs that are answered at the same time
DRAW_SECONDS = 200.0  # for which a page of an Office file is waited for
PATIENCE = 20.0  # seconds that one more waits for its turn


class Service:
    """The application of ``assistant`` for programs. Safe to use from several threads."""

    def __init__(self, assistant: Assistant) -> None:
        self.assistant = assistant
        self._documents = assistant.index.documents
        self._turns = BoundedSemaphore(AT_ONCE)
        self.library = Library(assistant)

    # --- questions ---

    def ask(self, asked: schema.AskIn, principal: Principal, usage: TokenUsage | None = None) -> schema.AnswerOut:
        """Answer a question; ``usage`` counts the tokens of chat models that it takes.

        Raises:
            AssistantError: it cannot be answered.
        """
        turn = self.turn(asked, principal)
        with self._taking_turns():
            answered = self.assistant.chain.invoke(turn, _counted(usage))
        return self.shown(answered)

    def stream(self, turn: Turn, usage: TokenUsage | None = None) -> Iterator[Turn]:
        """Yield ever fuller answers to ``turn``; the answering stops when the caller leaves, and ``usage`` counts tokens."""
        stop = Stop()
        with self._taking_turns():
            try:
                yield from until_stopped(stop, self.assistant.chain.stream(turn, _counted(usage)))
            finally:
                stop.ask()

    def turn(self, asked: schema.AskIn, principal: Principal) -> Turn:
        """Return the question as the chain takes it.

        Raises:
            NotFoundError: a source of the scope is not there for ``principal``.
            SourceError: the picture is no base64.
        """
        kinds: dict[str, type[BaseMessage]] = {"user": HumanMessage, "assistant": AIMessage}
        return Turn(
            question=asked.question,
            history=tuple(kinds[one.role](one.content) for one in asked.history),
            scope=self.scope(asked.scope, principal),
            picture=decoded(asked.picture),
        )

    def scope(self, asked: schema.ScopeIn, principal: Principal) -> Scope:
        """Return what ``asked`` limits a question to.

        Raises:
            FilterError: the filter cannot be used, or lets nothing through.
            NotFoundError: a source is not there for ``principal``.
        """
        sources = tuple(dict.fromkeys(resolved(one, self._documents, principal) for one in asked.sources))
        scope = Scope(
            sources=sources or None,
            kinds=tuple(dict.fromkeys(asked.kinds)) or None,
            tags=tuple(asked.tags),
            principal=principal,
        )
        return narrowed(scope, asked.where, self._documents)

    def shown(self, turn: Turn) -> schema.AnswerOut:
        """Return an answer as it goes out."""
        data = as_json(turn)
        for one in (*data["citations"], *data["hits"]):
            one["source_id"], one["source"] = source_id(one["source"]), name_of(one["source"])
        return schema.AnswerOut.model_validate(data)

    @contextmanager
    def _taking_turns(self) -> Iterator[None]:
        if not self._turns.acquire(timeout=PATIENCE):
            raise BusyError(f"{AT_ONCE} questions of programs are being answered already. Try again in a while.")
        try:
            yield
        finally:
            self._turns.release()

    def search(self, asked: schema.SearchIn, principal: Principal) -> schema.FoundOut:
        """Find passages, by the retrieval that answers rest on.

        Raises:
            AssistantError: the index cannot be searched, or a source of the scope is not there.
        """
        scope = self.scope(asked.scope, principal)
        with self._taking_turns():
            hits = self.assistant.search(asked.query, scope, asked.limit)
        return schema.FoundOut(passages=[_passage(hit.chunk, hit) for hit in hits])

    def rate(self, given: schema.FeedbackIn, principal: Principal) -> None:
        """Store what ``principal`` thinks of an answer.

        Raises:
            StoreError: it could not be stored.
        """
        self.assistant.feedback.add(
            AnswerFeedback(
                who=user_name_of(principal),
                when=now(),
                question=given.question,
                answer=given.answer,
                abstained=not given.answer,
                citations=tuple(
                    CitedPassage(source=self._stored(one.source, principal), page=one.page, quote=one.quote)
                    for one in given.citations
                ),
                rating=given.rating,
                correction=given.correction.strip(),
            )
        )

    def _stored(self, name: str, principal: Principal) -> str:
        """The source that is meant; what it is called where it is gone by now."""
        try:
            return resolved(name, self._documents, principal)
        except NotFoundError:
            return name

    # --- reading ---

    def page(self, name: str, number: int, principal: Principal) -> schema.PageOut:
        """Return what stands on page ``number`` of a source.

        Raises:
            NotFoundError: there is no such source or page.
        """
        source = self._source(name, principal)
        if not 1 <= number <= max(source.pages, 1):
            raise NotFoundError(f"{name_of(source.source)} has {max(source.pages, 1)} pages, and no page {number}.")
        chunks = [one for one in self._documents.chunks_of(source.source, principal) if one.page == number]
        return schema.PageOut(
            source=name_of(source.source),
            source_id=source_id(source.source),
            title=source.title,
            page=number,
            pages=max(source.pages, 1),
            text="\n\n".join(one.text for one in chunks),
            passages=[_passage(one) for one in chunks],
        )

    def table(self, passage_id: str, principal: Principal) -> schema.TableOut:
        """Return the whole table that a passage is of.

        Raises:
            NotFoundError: there is no such passage, or it is of no table.
        """
        chunk = self.passage(passage_id, principal)
        if not chunk.table:
            raise NotFoundError(f"The passage {passage_id[:40]!r} is of no table. Search for one of the kind “table”.")
        table = self.assistant.index.assets.read_table(chunk.table)
        return schema.TableOut(
            source=name_of(chunk.source),
            source_id=source_id(chunk.source),
            page=chunk.page,
            caption=table.caption,
            columns=table.column_names(),
            header_rows=table.header_rows,
            rows=table.grid(),
        )

    def passage(self, passage_id: str, principal: Principal) -> Chunk:
        """Return a passage.

        Raises:
            NotFoundError: it is not there for ``principal``.
        """
        chunk = self._documents.chunk(passage_id, principal)
        if chunk is None:
            raise NotFoundError(
                f"There is no passage {passage_id[:40]!r}. Its source may have been removed or changed."
            )
        return chunk

    def _source(self, name: str, principal: Principal) -> Source:
        source = self._documents.source(resolved(name, self._documents, principal), principal)
        if source is None:  # removed in between
            raise NotFoundError(f"There is no source {name[:100]!r} any more.")
        return source

    def page_picture(self, name: str, number: int, principal: Principal) -> bytes:
        """Return page ``number`` of a PDF, or of an Office file that can be drawn, as PNG.

        Raises:
            NotFoundError: there is no such source or page, or the source is neither.
        """
        source = self._source(name, principal)
        office = self.assistant.index.office_pages
        drawn = office.can_draw(source) and office.wait(source.original, DRAW_SECONDS)
        if drawn:
            is_there = 1 <= number <= len(self.assistant.index.originals.page_words(source.original))
        else:
            is_there = source.kind == "pdf" and bool(source.original) and 1 <= number <= source.pages
        if not is_there:
            raise NotFoundError(f"{name_of(source.source)} has no page {number} to show as a picture.")
        return self.assistant.pages.page(source.original, number)

    def original(self, name: str, principal: Principal) -> tuple[Source, Path]:
        """Return a source, and where its original lies.

        Raises:
            NotFoundError: there is no such source, or its original is gone.
        """
        source = self._source(name, principal)
        path = self.assistant.index.assets.path(source.original) if source.original else Path(source.source)
        if not path.is_file():
            raise NotFoundError(f"The original of {name_of(source.source)} is no longer where it was read from.")
        return source, path


def _counted(usage: TokenUsage | None) -> RunnableConfig:
    return {"callbacks": [usage]} if usage is not None else {}


def decoded(picture: str) -> bytes:
    """Return the bytes of base64.

    Raises:
        SourceError: it is none.
    """
    try:
        return base64.b64decode(picture, validate=True)
    except (binascii.Error, ValueError) as error:
        raise SourceError(f"The picture is no base64 ({error}). Send the bytes of its file in that form.") from error


def _passage(chunk: Chunk, hit: Hit | None = None) -> schema.PassageOut:
    return schema.PassageOut(
        passage_id=chunk.id,
        source=name_of(chunk.source),
        source_id=source_id(chunk.source),
        title=chunk.title,
        section=list(chunk.section),
        page=chunk.page,
        bbox=chunk.bbox,
        kind=chunk.kind,
        text=chunk.text,
        has_table=bool(chunk.table),
        score=None if hit is None else round(hit.score, 6),
        ranks={} if hit is None else dict(hit.ranks),
    )
