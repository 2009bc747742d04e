"""Passages to label and what the labels say; ratings and corrections as they are stored."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import fakes
import pytest

from app.assistant import Assistant
from app.chat import Exchange, exchange_at, messages
from app.feedback import FeedbackCallbacks, Ratings
from app.label_tab import LabelCalls
from app.labelling import Candidate, Task, open_questions, shares, task_for
from records import GUEST, SubAnswer
from store.feedback import AnswerFeedback, CitedPassage, GoldAnswer, PassageLabel
from tests.app.makers import chunk, turn

FIRST, SECOND = chunk(id="c1"), chunk(id="c2", text="Costs were 3 million.", page=4)
TASK = Task("How much?", (Candidate(FIRST, 1), Candidate(SECOND, 0)))
BAD = AnswerFeedback(
    who="guest", when="1", question="How much?", answer="3", abstained=False, citations=(), rating="bad"
)
LABEL = PassageLabel(
    who="guest", when="2", question="How much?", chunk="c1", source="/docs/report.pdf", page=3, text="x", rank=1,
    relevance="answer",
)  # fmt: skip


@pytest.fixture
def assistant(make_index: Callable[..., Any]) -> Iterator[Assistant]:
    index = make_index()
    fakes.put(index, [fakes.chunk("The lamp was lit in 1987."), fakes.chunk("Keepers lived there.")])
    fakes.put(index, [fakes.chunk("The lamp weighs 412 kilos.", source="b.md")])
    with Assistant(index) as one:
        yield one


def test_candidates_are_pooled_each_once(assistant: Assistant) -> None:
    task = task_for("When was the lamp lit?", assistant.index, GUEST)
    texts = [one.chunk.text for one in task.candidates]
    assert sorted(texts) == ["Keepers lived there.", "The lamp was lit in 1987.", "The lamp weighs 412 kilos."]
    assert texts[0] == "The lamp was lit in 1987."
    assert task.candidates[0].rank == 1


def test_a_task_goes_forth_and_back() -> None:
    task = TASK.labelled("not")
    assert task.current == Candidate(SECOND, 0)
    task = task.labelled("answer")
    assert task.current is None
    assert task.labelled("not") == task
    task = task.back().back().back().labelled("relevant")
    assert task.given == (("c1", "relevant"), ("c2", "answer"))


def test_questions_wait_until_somebody_says_what_is_right() -> None:
    other = replace(BAD, question="Who?")
    assert open_questions([BAD, other, replace(other, rating="good")]) == ["How much?"]
    for more in (replace(BAD, correction="4"), LABEL, GoldAnswer(who="Ada", when="3", question="how MUCH?", answer="")):
        assert open_questions([BAD, more]) == []


def test_what_the_labels_say() -> None:
    entries = [
        *(replace(BAD, question=str(n), rating="good" if n < 5 else "bad") for n in range(10)),
        replace(BAD, question="11", rating="withdrawn"),
        *(replace(LABEL, question=str(n)) for n in range(4)),
        replace(LABEL, chunk="c2", rank=2, relevance="not"),
        replace(LABEL, question="0", relevance="not"),  # changed their mind
    ]
    right, first = shares(entries)
    assert (right.successes, right.labels) == (5, 10)
    # Wilson: .5 ± 1.96 / (2 sqrt(13.84)) = .5 ± .263; 93 labels make it .2 wide, of which 83 are missing
    assert right.sentence(0.2) == (
        "Answers rated right: 5 of 10, 50% (95 % interval 24% to 76%, 53% wide; 83 more ratings narrow it to 20%)."
    )
    assert (first.successes, first.labels) == (3, 4)
    assert shares([])[0].sentence(0.1) == (
        "Answers rated right: none judged yet. About 381 ratings make the interval 10% wide."
    )
    assert "no wider than 60%, as wanted" in right.sentence(0.6)


def test_labels_are_stored_with_their_rank(assistant: Assistant) -> None:
    calls = LabelCalls(assistant)
    task, shown, *_ = calls.find("  When was the lamp lit? ")
    assert "0 passages of 3 judged" in shown and "The lamp was lit in 1987." in shown
    task, shown, summary, certainty = calls.label("answer", task, 0.2)
    assert "1 passage of 3 judged" in shown
    assert "relevant: 1 of 1<" in summary and "interval" not in summary
    assert "1 of 1, 100%" in certainty
    task, shown = calls.back(task)
    assert "You said: Yes, it answers." in shown
    assert calls.answer(" In 1987. ", task) == calls.no_answer(task) == ""
    label, answer, none = assistant.feedback.all()
    assert isinstance(label, PassageLabel) and isinstance(answer, GoldAnswer) and isinstance(none, GoldAnswer)
    assert (label.who, label.question, label.rank, label.relevance) == ("guest", "When was the lamp lit?", 1, "answer")
    assert (answer.answer, none.answer) == ("In 1987.", "")


CONVERSATION = (
    Exchange(turn(question="One?", standalone="One?"), "done"),
    Exchange(turn(question="And two?", standalone="Two?", parts=(SubAnswer(question="a"), SubAnswer(question="b"))), "done"),
    Exchange(turn(question="Three?"), "running"),
)  # fmt: skip


def test_every_message_belongs_to_its_exchange() -> None:
    owners = [exchange_at(CONVERSATION, n) for n in range(len(messages(CONVERSATION)))]
    # question, sub-question, answer; question, "Understood as", two sub-questions, answer; question, "Understood as"...
    assert owners == [0] * 3 + [1] * 5 + [2] * 4
    assert exchange_at(CONVERSATION, len(owners)) is None


@pytest.mark.parametrize(
    ("liked", "rating", "shown"), [(True, "good", "Like"), (False, "bad", "Dislike"), ("", "withdrawn", None)]
)
def test_a_rating_is_stored(assistant: Assistant, liked: Any, rating: str, shown: str | None) -> None:
    event: Any = SimpleNamespace(index=5, liked=liked)
    before = Ratings(((0, "good"), (1, "bad")))
    chat, ratings, row, text = FeedbackCallbacks(assistant).rate(CONVERSATION, before, event)
    assert chat.feedback_value == ["Like", shown, None]
    assert (ratings.correcting, row.visible, text) == (1 if liked is False else None, liked is False, "")
    (entry,) = assistant.feedback.all()
    assert isinstance(entry, AnswerFeedback)
    assert (entry.who, entry.question, entry.answer, entry.rating) == ("guest", "Two?", "12.5 million. [1]", rating)
    assert entry.citations == (CitedPassage(source="/docs/report.pdf", page=3, quote="Revenue was 12.5 million."),)
    assert entry.when.endswith("+00:00")


@pytest.mark.filterwarnings("ignore")  # of a toast outside a page
def test_an_answer_that_is_running_takes_no_rating(assistant: Assistant) -> None:
    event: Any = SimpleNamespace(index=9, liked=False)
    assert FeedbackCallbacks(assistant).rate(CONVERSATION, Ratings(), event)[1] == Ratings()
    assert assistant.feedback.all() == []


@pytest.mark.filterwarnings("ignore")
def test_a_correction_is_stored_after_its_rating(assistant: Assistant) -> None:
    feedback, ratings = FeedbackCallbacks(assistant), Ratings(((1, "bad"),), correcting=1)
    assert feedback.correct(ratings, "  ", CONVERSATION)[0] == Ratings(((1, "bad"),))
    assert assistant.feedback.all() == []
    feedback.correct(ratings, " 13 million ", CONVERSATION)
    feedback.correct(Ratings(), "lost", CONVERSATION)
    (entry,) = assistant.feedback.all()
    assert isinstance(entry, AnswerFeedback)
    assert (entry.question, entry.rating, entry.correction) == ("Two?", "bad", "13 million")
