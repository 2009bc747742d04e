"""Does what a model gets to read hold the gold evidence? Told without any model, for some budgets of tokens.

Compared are what our generative answerer reads, the chunks of LangChain's tutorial and whole pages by BM25. Chunks and pages
follow one another by rank, and the one at which the budget ends is cut there. All tokens are the embedder's.
"""

from __future__ import annotations

import math
import unicodedata
from bisect import bisect_right
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace

from chains.answering.base import READ_HITS
from chains.answering.generative.context import prompt_context
from chains.pipeline import resources_of
from chains.retrieval.search import retrieve
from config import Settings
from evaluation.answers import normalise
from evaluation.baselines import Bm25, Find, Tutorial
from evaluation.corpus import Corpus
from evaluation.packs import Pack, Question
from evaluation.statistics import Estimate, estimates
from models.embed import TokenCounter
from text.tokens import sentences

HELD = 0.8  # of the words in a row, or of the sentences
LONG = 40  # words of evidence that is judged by its sentences
SENTENCE = 8  # words; what is shorter, as a table's cells are, counts with what follows it

ContextShares = dict[str, dict[int, Estimate]]  # system -> budget -> share of the questions
Read = Callable[[str], Callable[[int], str]]  # what is read for a question, with a budget


def evidence_in_context(
    corpus: Corpus,
    settings: Settings,
    budgets: Sequence[int],
    *,
    seed: int,
    on_question: Callable[[], None] = lambda: None,
) -> ContextShares:
    """Return the share of questions of which the text that is read holds all evidence, with intervals.

    ``settings`` are those of the store. Of the pack's questions those of ``questions_of`` count.
    """
    questions = questions_of(corpus.pack)
    reads = systems(corpus, settings)
    held: dict[str, list[float]] = {f"{name} {budget}": [] for name in reads for budget in budgets}
    for question in questions:
        for name, read in reads.items():
            with_budget = read(question.query)
            for budget in budgets:
                held[f"{name} {budget}"].append(float(holds_evidence(with_budget(budget), question)))
        on_question()
    shares = estimates(held, [question.cluster for question in questions], seed=seed)
    return {name: {budget: shares[f"{name} {budget}"] for budget in budgets} for name in reads}


def questions_of(pack: Pack) -> list[Question]:
    """Return the questions that stand alone and the words of all whose evidence are known."""
    return [
        question
        for question in pack.questions
        if question.standalone and question.evidence and all(_words(one.text) for one in question.evidence)
    ]


def systems(corpus: Corpus, settings: Settings) -> dict[str, Read]:
    """Return what is compared, by name."""
    resources = resources_of(corpus.index, replace(settings, top_k=READ_HITS))
    scope = corpus.scope()
    counter = resources.embedder.tokenizer

    def ours(question: str) -> Callable[[int], str]:
        hits = retrieve(question, scope, resources)
        return lambda budget: prompt_context(question, hits, budget, resources, scope.principal).text

    def ranked(find: Find) -> Read:
        def read(question: str) -> Callable[[int], str]:
            texts = [page.text for page in find(question, None)]
            return lambda budget: first_tokens(texts, budget, counter)

        return read

    return {
        "assistant": ours,
        "tutorial": ranked(Tutorial(corpus, settings).find),
        "bm25": ranked(Bm25(corpus, settings).find),
    }


def first_tokens(texts: Iterable[str], budget: int, counter: TokenCounter) -> str:
    """Return ``texts`` one after the other, cut at the last word that ``budget`` tokens leave room for."""
    kept: list[str] = []
    for text in texts:
        needed = counter.count(text)
        if needed > budget:
            words = text.split()
            fitting = bisect_right(range(1, len(words) + 1), budget, key=lambda n: counter.count(" ".join(words[:n])))
            return "\n\n".join(filter(None, [*kept, " ".join(words[:fitting])]))
        kept.append(text)
        budget -= needed
    return "\n\n".join(kept)


def holds_evidence(text: str, question: Question) -> bool:
    """Tell whether each evidence of ``question`` stands in ``text``."""
    letters = "".join(_words(text))
    return all(stands_in(one.text, letters) for one in question.evidence)


def stands_in(evidence: str, letters: str) -> bool:
    """Tell whether at least .8 of the words of ``evidence`` stand in a row in ``letters``; of evidence of more than 40 words,
    whether at least .8 of its sentences do.

    Words are compared after SQuAD's normalisation and without the blanks between them, for a line's end may break a word.
    ``letters`` is the text as those words, without blanks.
    """
    words = _words(evidence)
    if len(words) <= LONG:
        return _in_a_row(words, letters)
    found = [_in_a_row(one, letters) for one in _sentences(evidence)]
    return sum(found) >= HELD * len(found)


def _in_a_row(words: Sequence[str], letters: str) -> bool:
    needed = math.ceil(HELD * len(words))
    return any("".join(words[start : start + needed]) in letters for start in range(len(words) - needed + 1))


def _sentences(text: str) -> list[list[str]]:
    """The words of each sentence."""
    found: list[list[str]] = [[]]
    for start, end in sentences(text):
        if len(found[-1]) >= SENTENCE:
            found.append([])
        found[-1] += _words(text[start:end])
    return [one for one in found if one]


def _words(text: str) -> list[str]:
    return normalise(unicodedata.normalize("NFKC", text)).split()
