"""Extractive question answering: the words of a passage that answer a question, or that none do."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from threading import Lock
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from errors import ModelError
from models.quiet import quietly

WINDOW = 384  # tokens read at once, as models are trained on SQuAD
OVERLAP = 128  # tokens that two windows of one passage share
LONGEST_QUESTION = 64  # tokens
LONGEST_ANSWER = 30  # tokens
BATCH = 16  # windows read together

Logits = NDArray[np.float64]


@dataclass(frozen=True)
class Span:
    """Where in a passage the answer stands."""

    start: int  # characters: passage[start:end]
    end: int
    score: float  # logits of the span less those of "no answer"; above 0 the model holds that it answers


class SpanReader(Protocol):
    """What finds answers in passages."""

    def read(self, question: str, passages: Sequence[str]) -> list[Span | None]:
        """Return the best span of each passage; None where it has no words."""
        ...


@dataclass(frozen=True)
class _Window:
    """A part of a passage as the model reads it."""

    passage: int
    inputs: dict[str, list[int]]
    offsets: list[tuple[int, int]]  # of its tokens in the passage
    inside: list[bool]  # which tokens are the passage's
    empty: int  # the token that stands for "no answer"


class TransformersReader:
    """An extractive question-answering model of transformers on the CPU: a folder, or a name on the hub. It is loaded on
    first use, by whichever thread comes first."""

    def __init__(self, name: str) -> None:
        self.name = name
        self._lock = Lock()

    def read(self, question: str, passages: Sequence[str]) -> list[Span | None]:
        """Return the best span of each passage; None where it has no words.

        A passage that is longer than the model reads at once is read in windows that overlap. Its best span is that of the
        best window, and "no answer" the least likely among the windows, as for SQuAD 2 (Rajpurkar et al. 2018,
        https://arxiv.org/abs/1806.03822).

        Raises:
            ModelError: the model cannot be loaded, or finds no spans.
        """
        windows = list(self._windows(question, passages))
        best: dict[int, tuple[float, int, int]] = {}
        empty: dict[int, float] = {}
        for window, starts, ends in self._read(windows):
            number = window.passage
            none = float(starts[window.empty] + ends[window.empty])
            empty[number] = min(none, empty.get(number, none))
            found = best_span(starts, ends, window.inside)
            if found is not None:
                first, last, score = found
                span = (score, window.offsets[first][0], window.offsets[last][1])
                best[number] = max(span, best.get(number, span))
        return [
            Span(best[number][1], best[number][2], best[number][0] - empty[number]) if number in best else None
            for number in range(len(passages))
        ]

    def _windows(self, question: str, passages: Sequence[str]) -> Iterator[_Window]:
        with self._lock:
            tokenizer, model = self._loaded
        filled = [number for number, passage in enumerate(passages) if passage.strip()]
        if not filled:
            return
        asked = tokenizer(question, add_special_tokens=False, return_offsets_mapping=True, verbose=False)
        offsets = asked["offset_mapping"][:LONGEST_QUESTION]
        short = question[: offsets[-1][1]] if offsets else question
        length = min(WINDOW, tokenizer.model_max_length, getattr(model.config, "max_position_embeddings", WINDOW))
        room = length - len(offsets) - tokenizer.num_special_tokens_to_add(pair=True)
        encoded = tokenizer(
            [short] * len(filled),
            [passages[number] for number in filled],
            truncation="only_second",
            max_length=length,
            stride=max(0, min(OVERLAP, room // 2)),
            return_overflowing_tokens=True,
            return_offsets_mapping=True,
        )
        names = [name for name in tokenizer.model_input_names if name in encoded]
        for at, number in enumerate(encoded["overflow_to_sample_mapping"]):
            ids = encoded["input_ids"][at]
            yield _Window(
                passage=filled[number],
                inputs={name: encoded[name][at] for name in names},
                offsets=encoded["offset_mapping"][at],
                inside=[one == 1 for one in encoded.sequence_ids(at)],
                empty=ids.index(tokenizer.cls_token_id) if tokenizer.cls_token_id in ids else 0,
            )

    def _read(self, windows: Sequence[_Window]) -> Iterator[tuple[_Window, Logits, Logits]]:
        """Yield each window with the logits of its tokens for the start and the end of an answer; those of like length are
        read together, so that little is padded."""
        import torch

        order = sorted(windows, key=lambda window: len(window.offsets))
        for at in range(0, len(order), BATCH):
            batch = order[at : at + BATCH]
            with self._lock:
                tokenizer, model = self._loaded
            padded = tokenizer.pad({name: [one.inputs[name] for one in batch] for name in batch[0].inputs})
            with torch.inference_mode():
                found = model(**{name: torch.tensor(values) for name, values in padded.items()})
            for row, window in enumerate(batch):
                length = len(window.offsets)  # padding stands behind
                yield (
                    window,
                    found.start_logits[row, :length].double().numpy(),
                    found.end_logits[row, :length].double().numpy(),
                )

    @cached_property
    def _loaded(self) -> tuple[Any, Any]:
        try:
            from transformers import AutoModelForQuestionAnswering, AutoTokenizer

            local = Path(self.name).is_dir()
            # the model that the user names, as its makers have it now; weights are read as numbers, and no code with them
            with quietly():
                tokenizer = AutoTokenizer.from_pretrained(self.name, local_files_only=local, padding_side="right")
                model, told = AutoModelForQuestionAnswering.from_pretrained(
                    self.name, local_files_only=local, output_loading_info=True
                )
        except (OSError, ValueError, RuntimeError, KeyError) as error:
            raise self._unusable(f"cannot be loaded ({' '.join(str(error).split())})") from error
        if told["missing_keys"]:  # transformers fills them with random numbers
            raise self._unusable("was not trained to find answers in passages")
        if not tokenizer.is_fast:
            raise self._unusable("has no fast tokenizer, which tells where its tokens stand")
        return tokenizer, model.eval()

    def _unusable(self, why: str) -> ModelError:
        return ModelError(
            f"The reader model {self.name!r} {why}. Set READER_MODEL to the folder or hub name of an extractive "
            "question-answering model, e.g. deepset/minilm-uncased-squad2, or unset it."
        )


def best_span(starts: Logits, ends: Logits, inside: Sequence[bool]) -> tuple[int, int, float] | None:
    """Return first and last token of the best span and the sum of their logits; None where no token is inside.

    Args:
        starts: logits for each token to be the first of the answer.
        ends: logits for each to be the last.
        inside: which tokens may be part of an answer.
    """
    tokens = np.flatnonzero(np.asarray(inside))
    if not len(tokens):
        return None
    sums = starts[tokens][:, None] + ends[tokens][None, :]
    length = tokens[None, :] - tokens[:, None]
    sums[(length < 0) | (length >= LONGEST_ANSWER)] = -np.inf
    first, last = np.unravel_index(int(np.argmax(sums)), sums.shape)
    return int(tokens[first]), int(tokens[last]), float(sums[first, last])
