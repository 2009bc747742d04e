"""Scoring: replies -> scores of every question -> figures with intervals."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from chains.answering.synthesis import NEAREST_PASSAGES, NOTHING_FOUND
from evaluation.answers import ANSWER_METRICS, contains, denotation_match, holds_answer, token_f1
from evaluation.citations import Pages, citation_scores
from evaluation.facts import facts_share
from evaluation.grounding import grounding_scores
from evaluation.headline_metrics import HeadlineMetrics
from evaluation.metrics import score_rankings
from evaluation.packs import Pack, Question
from evaluation.runs import Within
from evaluation.statistics import Estimate, auc_estimate, estimates
from evaluation.systems import Reply
from evaluation.units import LEVELS, Gold, Level, ranking

Scores = dict[str, dict[str, float]]  # question id -> metric -> value
MIN_GROUP = 5  # questions; figures of smaller groups say nothing
_MARK = re.compile(r"\[\d+(?:\s*,\s*\d+)*\]")
_STAND_IN = re.compile(r"#\d+")
_SUBHEADING = re.compile(r"^\*\*.*\*\*$", re.MULTILINE)


@dataclass(frozen=True, kw_only=True)
class Figure:
    """One number of a report."""

    part: str  # "retrieval", "answers", "abstention", "citations", "grounding", "tables", "near-duplicates", ...
    within: Within
    level: str  # of units for retrieval, else ""
    group: str  # "all", "kind: ...", "type: ..."
    metric: str
    estimate: Estimate

    @property
    def key(self) -> str:
        """The name of the figure in a file, the group left out: "retrieval/store/page/hit@1"."""
        return "/".join((self.part, self.within, self.level, self.metric))


@dataclass(frozen=True)
class Scored:
    """All scores of one system on one pack."""

    figures: tuple[Figure, ...]
    values: dict[str, dict[str, float]]  # figure key -> question id -> value


def score(
    pack: Pack,
    gold: Gold,
    replies: Mapping[Within, Mapping[str, Reply]],
    headline_metrics: HeadlineMetrics,
    *,
    seed: int,
) -> Scored:
    """Return all figures on a system's replies.

    Args:
        pack: the questions; those without a reply in a run are left out of it.
        gold: which units are right.
        replies: for each run (whole store, in the document) a reply for each question id.
        headline_metrics: which run's answers are judged.
        seed: of the bootstrap.
    """
    figures: list[Figure] = []
    values: dict[str, dict[str, float]] = {}

    def add(part: str, within: Within, level: str, scores: Scores) -> None:
        found = list(_figures(pack, scores, part, within, level, seed))
        figures.extend(found)
        for key in {(figure.key, figure.metric) for figure in found}:
            values[key[0]] = {id_: one[key[1]] for id_, one in scores.items() if key[1] in one}

    for within, given in replies.items():
        for level in LEVELS:
            if within == "document" and level not in ("page", "table"):
                continue
            add("retrieval", within, level, retrieval_scores(pack, gold, given, level))
    given = replies.get(headline_metrics.answers, {})
    add("grounding", headline_metrics.answers, "", grounding_scores(pack, given))
    if any(reply.answered for reply in given.values()):
        add("answers", headline_metrics.answers, "", answer_scores(pack, given, headline_metrics))
        add("abstention", headline_metrics.answers, "", abstention_scores(pack, given))
        correct = correctness_scores(pack, given)
        add("honesty", headline_metrics.answers, "", correct)
        figures.extend(confidence_figures(pack, given, correct, headline_metrics.answers, seed))
        add("citations", headline_metrics.answers, "", cited_scores(pack, given))
        add("sub-questions", headline_metrics.answers, "", subquestion_scores(pack, given))
    return Scored(tuple(figures), values)


def retrieval_scores(pack: Pack, gold: Gold, replies: Mapping[str, Reply], level: Level) -> Scores:
    """Return retrieval metrics of the questions that have gold units at ``level``."""
    units = {
        question.id: found
        for question in pack.questions
        if question.id in replies and (found := gold.units(question, level))
    }
    tableless = level == "table" and not any(
        location.table for reply in replies.values() for location in reply.locations
    )
    if not units or tableless:  # a system that knows no tables cannot find them, which is no figure
        return {}
    return score_rankings({id_: ranking(replies[id_].locations, level) for id_ in units}, units)


def answer_scores(pack: Pack, replies: Mapping[str, Reply], headline_metrics: HeadlineMetrics) -> Scores:
    """Score what is shown for answerable questions with a known answer; a refusal scores 0 throughout."""
    chosen = [name for name in ANSWER_METRICS if name != "relaxed" or name in headline_metrics.extra_answer_metrics]
    scores: Scores = {}
    for question in pack.questions:
        reply = replies.get(question.id)
        if reply is None or not question.answerable or not question.answers:
            continue
        answer = "" if reply.abstained else plain_answer(reply)
        found = {name: ANSWER_METRICS[name](answer, question.answers) for name in chosen}
        quotes = "\n".join(one.quote for one in reply.citations)
        found["in_quotes"] = contains(quotes, question.answers)
        for name, text in (("facts", answer), ("facts_in_quotes", quotes)):
            if (share := facts_share(text, question.answers)) is not None:
                found[name] = share
        if "denotation" in headline_metrics.extra_answer_metrics:
            wanted = question.canonical or question.items or question.answers
            cells = next((one.answer for one in reply.statements if one.answer), ())
            found["denotation"] = 0.0 if reply.abstained else denotation_match(cells or answer.splitlines(), wanted)
        scores[question.id] = found
    return scores


def plain_answer(reply: Reply) -> str:
    """Return what is said in answer: without sub-headings, citation marks, quotation marks around whole lines, and lines that
    say that there is no certain answer."""
    text = _MARK.sub("", _SUBHEADING.sub("", reply.answer))
    lines = (line for line in text.splitlines() if not line.startswith((NOTHING_FOUND, NEAREST_PASSAGES)))
    return "\n".join(stripped for line in lines if (stripped := line.strip().strip('“”"')))


def abstention_scores(pack: Pack, replies: Mapping[str, Reply]) -> Scores:
    """Return 1.0 for each refusal, of unanswerable and of answerable questions apart: nothing is called an answer of the one,
    nothing is shown for the other."""
    scores: Scores = {}
    for question in pack.questions:
        if (reply := replies.get(question.id)) is None:
            continue
        if question.answerable:
            scores[question.id] = {"answerable_refused": float(reply.abstained)}
        else:
            scores[question.id] = {"unanswerable_refused": float(reply.outcome != "answered")}
    return scores


def correctness_scores(pack: Pack, replies: Mapping[str, Reply]) -> Scores:
    """Score what is shown for the questions whose answer is known, and what is called an answer.

    Returns:
        ``right``: a gold answer stands in what is shown, answer or passages, as ``holds_answer`` has it (answerable
        questions); ``called_answered``; ``answered_right``: the same as right, of the questions called answered, the
        unanswerable included, so that the mean is the precision; ``unanswerable_answered``: an unanswerable question is
        called answered; ``wrong_yet_checked``: called answered, not right, and a citation counts as checked.
    """
    scores: Scores = {}
    for question in pack.questions:
        reply = replies.get(question.id)
        if reply is None or (question.answerable and not question.answers):
            continue
        right = question.answerable and not reply.abstained and holds_answer(plain_answer(reply), question.answers)
        answered = reply.outcome == "answered"
        wrong_yet_checked = answered and not right and any(one.checked for one in reply.citations)
        found = {"called_answered": float(answered), "wrong_yet_checked": float(wrong_yet_checked)}
        if answered:
            found["answered_right"] = float(right)
        if question.answerable:
            found["right"] = float(right)
        else:
            found["unanswerable_answered"] = float(answered)
        scores[question.id] = found
    return scores


def confidence_figures(
    pack: Pack, replies: Mapping[str, Reply], correct: Scores, within: Within, seed: int
) -> Iterator[Figure]:
    """Yield how well confidence tells questions apart, as areas under the ROC curve: answerable from unanswerable
    (``auc_answerable``), and those for which the right thing is shown from all others (``auc_right``); none where a system
    does not tell how sure it is. ``correct`` are the scores of ``correctness_scores``."""
    sure = {id_: reply.confidence for id_, reply in replies.items() if reply.confidence is not None}
    answerable = {question.id: question.answerable for question in pack.questions}
    right = {id_: bool(found.get("right")) for id_, found in correct.items()}
    clusters = _cluster_of(pack)
    for metric, positive in (("auc_answerable", answerable), ("auc_right", right)):
        ids = [id_ for id_ in positive if id_ in sure]
        found = auc_estimate(
            [sure[id_] for id_ in ids], [positive[id_] for id_ in ids], [clusters[id_] for id_ in ids], seed=seed
        )
        if found is not None:
            yield Figure(part="honesty", within=within, level="", group="all", metric=metric, estimate=found)


def cited_scores(pack: Pack, replies: Mapping[str, Reply]) -> Scores:
    """Return citation shares of every answer that was given, and of the nearest passages where these were."""
    pages = Pages(pack.documents)
    scores: Scores = {}
    try:
        for question in sorted(pack.questions, key=lambda one: (one.document, one.id)):
            reply = replies.get(question.id)
            if reply is not None and not reply.abstained:
                placed = [one for one in question.evidence if one.page or not pages.has(one.source)]
                gold = {(one.source, one.page or 1) for one in placed}  # of a PDF without a page, it is not known where
                scores[question.id] = citation_scores(reply, pages, gold)
    finally:
        pages.close()
    return scores


def _figures(pack: Pack, scores: Scores, part: str, within: Within, level: str, seed: int) -> Iterator[Figure]:
    for group, ids in _groups([one for one in pack.questions if one.id in scores]).items():
        for names, rows in _complete({id_: scores[id_] for id_ in ids}):
            if group != "all" and len(rows) < MIN_GROUP:
                continue
            clusters = [_cluster_of(pack)[id_] for id_ in rows]
            columns = {name: [scores[id_][name] for id_ in rows] for name in names}
            for metric, found in estimates(columns, clusters, seed=seed).items():
                yield Figure(part=part, within=within, level=level, group=group, metric=metric, estimate=found)


def _cluster_of(pack: Pack) -> dict[str, str]:
    return {question.id: question.cluster for question in pack.questions}


def _groups(questions: Sequence[Question]) -> dict[str, list[str]]:
    """Question ids: all; by kind and by type of evidence where there is more than one."""
    groups: dict[str, list[str]] = defaultdict(list)
    for question in questions:
        groups["all"].append(question.id)
        for name in (f"kind: {question.kind}", *(f"type: {one}" for one in question.types)):
            groups[name].append(question.id)
    kinds = [name for name in groups if name.startswith("kind: ")]
    for name in kinds if len(kinds) == 1 else ():
        del groups[name]  # it is the same as all
    return dict(groups)


def _complete(scores: Scores) -> Iterator[tuple[list[str], list[str]]]:
    """Metrics that the same questions have, with those questions: they can share the bootstrap's draws."""
    having: dict[str, list[str]] = defaultdict(list)
    for id_, found in scores.items():
        for name in found:
            having[name].append(id_)
    same_questions: dict[tuple[str, ...], list[str]] = defaultdict(list)
    for name, ids in having.items():
        same_questions[tuple(ids)].append(name)
    for same, names in same_questions.items():
        yield names, list(same)


def subquestion_scores(pack: Pack, replies: Mapping[str, Reply]) -> Scores:
    """Return the mean over a person's sub-questions of the best token F1 with one of the system's; stand-ins like "#1"
    left out."""
    scores: Scores = {}
    for question in pack.questions:
        reply = replies.get(question.id)
        if reply is None or not question.subquestions:
            continue
        wanted = [_STAND_IN.sub(" ", one) for one in question.subquestions]
        best = [max((token_f1(one, [gold]) for one in reply.subquestions), default=0.0) for gold in wanted]
        scores[question.id] = {"match": sum(best) / len(best)}
    return scores


def percentiles(records: Iterable[Mapping[str, float]]) -> dict[str, dict[str, float]]:
    """Return p50 and p95 of every quantity over the records that have it."""
    import numpy as np

    columns: dict[str, list[float]] = defaultdict(list)
    for record in records:
        for name, value in record.items():
            columns[name].append(value)
    return {
        name: {f"p{k}": round(float(np.percentile(values, k)), 1) for k in (50, 95)} for name, values in columns.items()
    }
