"""The callbacks of the page. Thin: each turns values of components into a call, and its result into values."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any

import gradio as gr

from app import evidence
from app.archive import archive_of
from app.assistant import Assistant
from app.chat import Conversation, Exchange, messages
from app.names import shown_name, told_source
from app.question_box import asked
from app.scope import Picked
from app.security.current_user import current_user
from app.stopping import until_stopped
from app.text import counted, escaped, escaped_markdown, shortened
from chains.report import as_json
from errors import AssistantError
from records import Principal, Scope, Source, Turn

NAMED = 8  # documents that an empty chat names

NOTHING_NEW = (gr.skip(),) * 4  # a handler that ends without a yield empties the chat and the evidence


def placeholder(sources: Sequence[Source]) -> str:
    """Return what an empty chat shows."""
    if not sources:
        return (
            "## Ask your documents\nThere are none yet. Add files or a link under **Documents**, then ask about them."
        )
    named = [escaped_markdown(shortened(shown_name(source), 60)) for source in sources[:NAMED]]
    more = f" and {len(sources) - NAMED:,} more" if len(sources) > NAMED else ""
    return (
        "## Ask your documents\nAnswers come from your documents alone, and each statement links to the page, table or "
        f"figure it stands on.\n\n**{counted(len(sources), 'document')}:** {' · '.join(named)}{more}"
    )


class Callbacks:
    """The callbacks of the page on ``assistant``. The state of a user comes in and goes out; none is kept here."""

    def __init__(self, assistant: Assistant) -> None:
        self.assistant = assistant

    # --- the chat ---

    def begin(
        self, value: str | dict[str, Any], conversation: Conversation, request: gr.Request | None = None
    ) -> tuple[Any, ...]:
        """Add the question in the box, which may be spoken or come with a picture, to the conversation, at once."""
        conversation = self._readable(conversation, self._principal(request))
        if conversation and conversation[-1].status == "running":
            return gr.skip(), gr.skip(), gr.skip()
        try:
            turn = asked(value, conversation, self.assistant.index.settings)
        except AssistantError as error:
            raise gr.Error(escaped(str(error)), print_exception=False) from error
        if not (turn.question or turn.picture):
            return gr.skip(), gr.skip(), gr.skip()
        conversation = (*conversation, Exchange(turn))
        emptied = gr.MultimodalTextbox({"text": "", "files": []}, submit_btn=False, stop_btn=True)
        return emptied, conversation, messages(conversation)

    def begin_example(
        self, conversation: Conversation, event: gr.SelectData, request: gr.Request | None = None
    ) -> tuple[Any, ...]:
        """Ask the example question that was clicked, as if it had been typed."""
        return self.begin(str(event.value["text"]), conversation, request)

    def answer(
        self,
        conversation: Conversation,
        picked: Picked = (),
        model: str | None = "",
        request: gr.Request | None = None,
    ) -> Iterator[tuple[Any, ...]]:
        """Yield the last question's answer as it grows; at its end the first piece of evidence."""
        if not conversation or conversation[-1].status != "running":
            yield NOTHING_NEW
            return
        principal = self._principal(request)
        *earlier, last = self._readable(conversation, principal)
        try:
            asked = replace(last.turn, chat_model=model or "")
            answering = self.assistant.answer(asked, tuple(earlier), principal, tuple(picked))
            for turn in until_stopped(last.stop, answering):
                last = replace(last, turn=turn)
                conversation = (*earlier, last)
                yield conversation, messages(conversation), gr.skip(), gr.skip()
            last = replace(last, status="stopped" if last.stop.asked.is_set() else "done")
        except AssistantError as error:
            last = replace(last, status="failed", error=str(error))
        if last.stop.dropped:
            yield NOTHING_NEW
            return
        conversation = (*earlier, last)
        key = evidence.first_key(conversation)
        yield (
            conversation,
            messages(conversation),
            self.panel(conversation, key, principal),
            gr.Tabs(selected="evidence"),
        )

    def ready(self) -> Any:
        """Return the question box as it is when a question may be asked."""
        return gr.MultimodalTextbox(submit_btn=True, stop_btn=False)

    def stop(self, conversation: Conversation, request: gr.Request | None = None) -> None:
        """Stop the answer that is running; what has been found so far stays."""
        self._principal(request)
        if conversation:
            conversation[-1].stop.ask()

    def cleared(self, conversation: Conversation) -> tuple[Any, ...]:
        """Begin a new conversation."""
        if conversation and conversation[-1].status == "running":
            conversation[-1].stop.drop()
        return (
            (),
            [],
            evidence.EMPTY,
            gr.MultimodalTextbox(submit_btn=True, stop_btn=False),
        )  # what is being typed stays

    def show(
        self, conversation: Conversation, event: gr.EventData, request: gr.Request | None = None
    ) -> tuple[Any, ...]:
        """Show the evidence whose mark was clicked."""
        return self.panel(conversation, str(event.key), self._principal(request)), gr.Tabs(selected="evidence")

    def panel(self, conversation: Conversation, key: str, principal: Principal) -> str:
        """Return the evidence ``key`` as HTML."""
        sources = self.assistant.sources(principal)
        archive = archive_of(self.assistant.index, principal)
        return evidence.panel(self._readable(conversation, principal), key, sources, archive)

    def _readable(self, conversation: Conversation, principal: Principal) -> Conversation:
        return self.assistant.still_readable(conversation, principal)

    def _principal(self, request: gr.Request | None) -> Principal:
        return current_user(self.assistant, request)

    def ask(self, question: str, request: gr.Request | None = None) -> dict[str, Any]:
        """Answer one question; the object is that of ``python -m chains --json``."""
        principal = self._principal(request)
        scope = Scope(principal=principal)
        try:
            turn = self.assistant.chain.invoke(Turn(question=question, scope=scope))
            return as_json(turn, lambda source: told_source(source, principal))
        except AssistantError as error:
            raise gr.Error(str(error), print_exception=False) from error
