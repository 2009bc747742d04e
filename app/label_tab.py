"""The tab on which people label passages for a question: its components, and what their events do."""

from __future__ import annotations

from collections.abc import Iterable
from functools import partial
from typing import Any

import gradio as gr

from app import evidence
from app.archive import archive_of
from app.assistant import Assistant
from app.feedback import now, save
from app.labelling import Task, open_questions, shares, task_for
from app.security.current_user import current_user
from app.text import counted, escaped
from chains.retrieval.ranker.learned import WEIGHTS, weights_file
from errors import AssistantError
from models.linear import load_linear_model
from records import Principal
from store.feedback import GoldAnswer, PassageLabel, Relevance, user_name_of

WIDTHS = (0.05, 0.1, 0.15, 0.2, 0.3)
WIDTH = 0.2
INTRODUCTION = """<p class="hint">Help it find better passages: write a question, or choose one whose answer was marked
wrong. Then say of each passage whether it answers the question, and write the right answer if you know it.</p>"""
FOR_EXPERTS = """<p class="hint">Labels and ratings become an evaluation of your own documents, and the ranking can learn from
them:</p><pre>python -m evaluation --from-feedback FOLDER
python -m evaluation --from-feedback FOLDER --fit</pre>"""
_NAMES: dict[Relevance, str] = {"answer": "Yes, it answers", "relevant": "Near it, no answer", "not": "No"}


class LabelCalls:
    """The callbacks of the tab on ``assistant``. What a user is labelling comes in and goes out as a ``Task``."""

    def __init__(self, assistant: Assistant) -> None:
        self._assistant = assistant

    def opened(self, width: float, request: gr.Request | None = None) -> tuple[Any, ...]:
        """Return the questions that wait, and how much the labels say."""
        entries = self._assistant.feedback_of(current_user(self._assistant, request))
        return gr.Dropdown(choices=open_questions(entries)), *self.sentences(width, request)

    def sentences(self, width: float, request: gr.Request | None = None) -> tuple[str, str]:
        """Return what the labels say so far in plain words, and for experts how sure that is and how many more labels make
        it sure to ``width``."""
        found = shares(self._assistant.feedback_of(current_user(self._assistant, request)))
        experts = [share.sentence(width) for share in found]
        own = weights_file(self._assistant.index.settings.data_dir)
        if own != WEIGHTS:
            experts.append(f"Ranking: {load_linear_model(own).made_by}")
        return _items(share.count() for share in found), _items(experts)

    def find(self, question: str | None, request: gr.Request | None = None) -> tuple[Any, ...]:
        """Find the passages to judge for a question."""
        if not (question or "").strip():
            gr.Warning("Write a question first.")
            return Task(), gr.skip(), gr.Row(visible=False), gr.Row(visible=False)
        principal = current_user(self._assistant, request)
        try:
            task = task_for(str(question).strip(), self._assistant.index, principal)
        except AssistantError as error:
            raise gr.Error(escaped(str(error)), print_exception=False) from error
        return task, self._shown(task, principal), gr.Row(visible=bool(task.candidates)), gr.Row(visible=True)

    def _shown(self, task: Task, principal: Principal) -> str:
        """The passage to judge now."""
        if not task.candidates:
            return '<p class="status">There is no passage: add documents first.</p>'
        done = f"{counted(len(task.given), 'passage')} of {len(task.candidates)} judged"
        if task.current is None:
            return f'<p class="status" role="status">All passages are judged. {done}.</p>'
        chunk = task.current.chunk
        label = dict(task.given).get(chunk.id)
        before = f" You said: {_NAMES[label]}." if label else " Does this passage answer the question?"
        source = self._assistant.index.documents.source(chunk.source, principal)
        if source is None:
            return f'<p class="status" role="status">{done}. The source of the next passage has been removed.</p>'
        archive = archive_of(self._assistant.index, principal)
        card = evidence.passage_html(chunk, task.position + 1, source, archive)
        return f'<p class="status" role="status">{done}.{before}</p>{card}'

    def label(
        self, relevance: Relevance, task: Task, width: float, request: gr.Request | None = None
    ) -> tuple[Any, ...]:
        """Store a label and go on to the next passage."""
        principal = current_user(self._assistant, request)
        if task.current is not None:
            chunk = task.current.chunk
            entry = PassageLabel(
                who=user_name_of(principal),
                when=now(),
                question=task.question,
                chunk=chunk.id,
                source=chunk.source,
                page=chunk.page,
                text=chunk.text,
                rank=task.current.rank,
                relevance=relevance,
            )
            save(self._assistant.feedback, entry)
        task = task.labelled(relevance)
        return task, self._shown(task, principal), *self.sentences(width, request)

    def back(self, task: Task, request: gr.Request | None = None) -> tuple[Task, str]:
        """Return to the passage before, to judge it anew."""
        task = task.back()
        return task, self._shown(task, current_user(self._assistant, request))

    def answer(self, text: str, task: Task, request: gr.Request | None = None) -> str:
        """Store the right answer."""
        if not text.strip():
            gr.Warning("Write the answer first, or choose “Not in the documents”.")
            return text
        return self._gold(text.strip(), task, request)

    def no_answer(self, task: Task, request: gr.Request | None = None) -> str:
        """Store that the documents do not hold an answer."""
        return self._gold("", task, request)

    def _gold(self, answer: str, task: Task, request: gr.Request | None) -> str:
        principal = current_user(self._assistant, request)
        if task.question:
            save(
                self._assistant.feedback,
                GoldAnswer(who=user_name_of(principal), when=now(), question=task.question, answer=answer),
            )
            gr.Info("Your answer is saved.")
        return ""


def _items(sentences: Iterable[str]) -> str:
    return f'<ul class="shares">{"".join(f"<li>{escaped(sentence)}</li>" for sentence in sentences)}</ul>'


def label_tab(assistant: Assistant, tab: Any) -> None:
    """Build the components of ``tab`` and wire them; to be called inside it."""
    calls = LabelCalls(assistant)
    task = gr.State(Task())
    gr.HTML(INTRODUCTION)
    with gr.Row(elem_id="label-row"):
        question = gr.Dropdown(
            [], value=None, elem_id="label-question", label="Question", show_label=False, container=False,
            allow_custom_value=True, scale=9,
        )  # fmt: skip
        find = gr.Button("Find passages", elem_id="label-find", scale=0, min_width=150)
    with gr.Row(visible=False, elem_id="label-buttons") as judging:
        buttons: dict[Relevance, Any] = {
            relevance: gr.Button(name, elem_id=f"label-{relevance}", size="sm") for relevance, name in _NAMES.items()
        }
        back = gr.Button("Back", elem_id="label-back", size="sm", variant="secondary")
    with gr.Row(visible=False, elem_id="label-answer-row") as answering:
        text = gr.Textbox(
            "", elem_id="label-text", label="Answer", show_label=False, container=False, scale=9,
            placeholder="The answer in your words",
        )  # fmt: skip
        keep = gr.Button("Save answer", elem_id="label-keep", scale=0, min_width=110)
        none = gr.Button("Not in the documents", elem_id="label-none", scale=0, min_width=170)
    passage = gr.HTML("", elem_id="label-passage")
    summary = gr.HTML("", elem_id="label-shares")
    with gr.Accordion("How sure is that, and what else comes of it", open=False, elem_id="label-experts"):
        certainty = gr.HTML("", elem_id="label-certainty")
        width = gr.Dropdown(
            [(f"{one:.0%}", one) for one in WIDTHS], value=WIDTH, elem_id="label-width",
            label="Width of the 95 % interval that is wanted",
        )  # fmt: skip
        gr.HTML(FOR_EXPERTS)

    private: dict[str, Any] = {"api_visibility": "private", "show_progress": "hidden"}
    said = [summary, certainty]
    tab.select(calls.opened, [width], [question, *said], **private)
    begin = find.click(calls.find, [question], [task, passage, judging, answering], **private)
    begin.then(calls.sentences, [width], said, **private)
    for relevance, button in buttons.items():
        button.click(partial(calls.label, relevance), [task, width], [task, passage, *said], **private)
    back.click(calls.back, [task], [task, passage], **private)
    gr.on([keep.click, text.submit], calls.answer, [text, task], [text], **private)
    none.click(calls.no_answer, [task], [text], **private)
    width.change(calls.sentences, [width], said, **private)
