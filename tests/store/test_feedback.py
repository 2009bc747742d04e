"""Ratings and labels in their file: kept in order, by many writers, over kills."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import pytest

from errors import StoreError
from store.feedback import FILE, AnswerFeedback, CitedPassage, Feedback, GoldAnswer, PassageLabel

WHEN = "2026-01-02T03:04:05+00:00"
RATED = AnswerFeedback(
    who="guest", when=WHEN, question="Wie hoch?\nUnd wann?", answer="98 m “so”. [1]", abstained=False,
    citations=(CitedPassage(source="/docs/guide.html", page=1, quote="98 metres"),), rating="bad", correction="99 m",
)  # fmt: skip
LABEL = PassageLabel(
    who="guest", when=WHEN, question="How high?", chunk="c1", source="/docs/guide.html", page=1, text="98 metres", rank=2,
    relevance="answer",
)  # fmt: skip
ANSWER = GoldAnswer(who="guest", when=WHEN, question="How high?", answer="98 m")

# adds records for ever and says each number once it is stored
_WRITER = """
import sys
from pathlib import Path
from store.feedback import Feedback, GoldAnswer
feedback = Feedback(Path(sys.argv[1]))
for n in range(10**6):
    feedback.add(GoldAnswer(who=sys.argv[2], when="", question=str(n), answer="x" * 3000))
    print(n, flush=True)
"""


def test_what_is_added_comes_back_in_order(tmp_path: Path) -> None:
    feedback = Feedback(tmp_path)
    assert feedback.all() == []
    for entry in (RATED, LABEL, ANSWER):
        feedback.add(entry)
    assert Feedback(tmp_path).all() == [RATED, LABEL, ANSWER]
    assert feedback.path.read_bytes().count(b"\n") == 3


@pytest.mark.parametrize("cut", [1, 20, 60])
def test_a_line_cut_off_takes_no_other_with_it(tmp_path: Path, cut: int) -> None:
    feedback = Feedback(tmp_path)
    feedback.add(RATED)
    feedback.add(LABEL)
    feedback.path.write_bytes(feedback.path.read_bytes()[:-cut])  # as a kill in the middle of writing leaves it
    feedback.add(ANSWER)
    # a record that lost no more than its line break is whole
    assert feedback.all() == ([RATED, LABEL, ANSWER] if cut == 1 else [RATED, ANSWER])


def test_lines_keep_the_keys_that_they_always_had(tmp_path: Path) -> None:
    line = (
        '{"kind": "verdict", "who": "guest", "when": "", "question": "How high?", "answer": "98 m.", "abstained": false, '
        '"citations": [{"source": "/docs/guide.html", "page": 1, "quote": "98 m"}], "verdict": "good", "correction": ""}\n'
    )
    (tmp_path / FILE).write_text(line)
    (entry,) = Feedback(tmp_path).all()
    assert isinstance(entry, AnswerFeedback)
    assert entry.rating == "good"
    Feedback(tmp_path).add(entry)
    assert (tmp_path / FILE).read_text() == 2 * line


def test_a_line_of_another_version_is_passed_over(tmp_path: Path) -> None:
    feedback = Feedback(tmp_path)
    feedback.add(ANSWER)
    with feedback.path.open("ab") as file:
        file.write(b'{"kind": "applause"}\n{"kind": "answer", "who": "a", "loudness": 3}\n[]\n\xff\n')
    feedback.add(LABEL)
    assert feedback.all() == [ANSWER, LABEL]


def test_writers_killed_lose_nothing_that_was_said_to_be_saved(tmp_path: Path) -> None:
    command = [sys.executable, "-c", _WRITER, str(tmp_path)]
    saved: dict[str, int] = {}
    for turn in range(3):
        writers = {
            name: subprocess.Popen([*command, name], stdout=subprocess.PIPE, text=True)
            for name in (f"a{turn}", f"b{turn}")
        }
        for writer in writers.values():
            assert writer.stdout is not None
            writer.stdout.readline()
        time.sleep(0.1)
        for name, writer in writers.items():
            os.kill(writer.pid, signal.SIGKILL)
            out, _ = writer.communicate()
            saved[name] = 1 + out.count("\n")
    found = [entry for entry in Feedback(tmp_path).all() if isinstance(entry, GoldAnswer)]
    for name, count in saved.items():
        numbers = [int(entry.question) for entry in found if entry.who == name]
        assert numbers[:count] == list(range(count))
        assert len(numbers) <= count + 2  # stored, and killed before it was said (or read here)


def test_a_folder_that_cannot_be_written_to_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(StoreError, match="file"):
        Feedback(tmp_path / "file").add(replace(ANSWER))
