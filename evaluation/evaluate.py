"""The evaluation of one pack, from its documents to its figures."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Protocol

from chains.pipeline import resources_of
from config import Settings
from errors import PackError
from evaluation.ablation import VARIANTS, Variant
from evaluation.baselines import BASELINES
from evaluation.context_budget import ContextShares, evidence_in_context, questions_of
from evaluation.conversations import HEADLINE, conversation_results
from evaluation.corpus import Corpus, IngestCost, IngestLog, store_bytes
from evaluation.cost import PeakMemory
from evaluation.headline_metrics import HeadlineMetrics, headline_metrics_of
from evaluation.learning.examples import Examples, collect_examples, load_examples
from evaluation.left_out import LeftOut
from evaluation.near_duplicates import near_duplicate_figures
from evaluation.no_context import NoContext
from evaluation.packs import Pack, Question
from evaluation.results import PackResult, SystemResult
from evaluation.runs import Run, Within
from evaluation.scoring import Scored, percentiles, score
from evaluation.systems import Assistant, Reply, System, code_version
from evaluation.tables import table_figures
from evaluation.units import LEVELS, Gold, Level
from store.index import Index

FOLDER = "evaluation"  # below the data folder


class Progress(Protocol):
    """A display of how far a run is."""

    def begin(self, what: str, total: int) -> None:
        """Begin a new stretch of ``total`` steps."""
        ...

    def step(self) -> None:
        """Count one of them as done."""
        ...

    def note(self, detail: str) -> None:
        """Show that something moved within a step."""
        ...


@dataclass(frozen=True, kw_only=True)
class Options:
    """The options of a run."""

    settings: Settings
    seed: int = 0
    baselines: tuple[str, ...] = ()
    ablate: bool = False
    left_out: bool = False  # also rank by what other packs taught


@dataclass(frozen=True)
class Evaluated:
    """A pack's result with the replies behind it, which a report shows pictures of."""

    result: PackResult
    pack: Pack
    replies: dict[str, dict[Within, dict[str, Reply]]]  # by system
    golds: dict[Level, dict[str, frozenset[str]]]  # level -> question id -> units


def evaluate(pack: Pack, options: Options, progress: Progress) -> Evaluated:
    """Ingest the pack's documents (unless they are in), ask every system every question, and score the replies.

    Raises:
        AssistantError: the index, a model or a file of replies cannot be used.
    """
    folder = folder_of(pack, options)
    settings = replace(options.settings, data_dir=folder / "store")
    headline_metrics = headline_metrics_of(pack)
    with Index(settings) as index:
        corpus = Corpus(pack, index)
        ingest_cost = _ingest(corpus, folder, progress)
        gold = Gold(pack, corpus)
        systems: list[System] = [Assistant(corpus, settings)]
        systems += [BASELINES[name](corpus, settings) for name in options.baselines]
        systems += [LeftOut(corpus, settings, folder)] if options.left_out else []
        no_context = NoContext(index, folder)
        systems += [Variant(name, corpus, settings, no_context) for name in VARIANTS] if options.ablate else []
        replies: dict[str, dict[Within, dict[str, Reply]]] = {}
        results: list[SystemResult] = []
        with PeakMemory() as memory:
            for system in systems:
                run = Run(folder / "runs", system, corpus.fingerprint(), kept=not pack.sealed)
                replies[system.name] = _ask(pack, system.name, run, headline_metrics, progress)
                scored = score(pack, gold, replies[system.name], headline_metrics, seed=options.seed)
                results.append(_result(system, scored, replies[system.name], headline_metrics))
        tables = table_figures(pack, corpus, gold, seed=options.seed)
        near_duplicates = near_duplicate_figures(
            pack,
            corpus,
            seed=options.seed,
            on_begin=lambda total: progress.begin(f"{pack.name}: pictures as questions", total),
            on_picture=progress.step,
        )
        results[0] = replace(results[0], figures=(*results[0].figures, *tables, *near_duplicates))
        results = conversation_results(pack, results, index, settings, seed=options.seed)
        result = PackResult(
            pack=pack.name,
            documents=len(pack.documents),
            passages=len(pack.passages),
            questions=len(pack.questions),
            headline=_headline(headline_metrics, results),
            clusters={question.id: question.cluster for question in pack.questions},
            systems=tuple(results),
            cost=_cost(ingest_cost, memory.peak_bytes, settings, corpus),
            failed=ingest_cost.failed,
            missing_tables=gold.missing_tables,
        )
        if pack.sealed:
            return Evaluated(sums_alone(result), replace(pack, questions=()), {}, {})
        golds = {level: _gold_units(pack.questions, gold, level) for level in LEVELS}
        return Evaluated(result, pack, replies, golds)


def evaluate_context(pack: Pack, options: Options, budgets: Sequence[int], progress: Progress) -> ContextShares:
    """Ingest the pack's documents (unless they are in), and tell for each budget of tokens how often the text that a model
    would read holds the evidence.

    Raises:
        AssistantError: the index or a model cannot be used.
    """
    folder = folder_of(pack, options)
    settings = replace(options.settings, data_dir=folder / "store")
    with Index(settings) as index:
        corpus = Corpus(pack, index)
        _ingest(corpus, folder, progress)
        progress.begin(f"{pack.name}: context", len(questions_of(pack)))
        return evidence_in_context(corpus, settings, budgets, seed=options.seed, on_question=progress.step)


def folder_of(pack: Pack, options: Options) -> Path:
    """Return where the index, the replies and what was learned of ``pack`` are kept."""
    return options.settings.data_dir / FOLDER / (f"{pack.name}-sealed" if pack.sealed else pack.name)


def examples_of(pack: Pack, options: Options, progress: Progress) -> Examples:
    """Ingest the pack's documents (unless they are in), and return what its questions give to learn from; what was collected
    with the same code and documents is not collected again.

    Raises:
        AssistantError: the index or a model cannot be used; the pack is sealed.
    """
    if pack.sealed:
        raise PackError(f"{pack.name} is sealed: nothing is learned from it.")
    folder = folder_of(pack, options)
    settings = replace(options.settings, data_dir=folder / "store")
    with Index(settings) as index:
        corpus = Corpus(pack, index)
        _ingest(corpus, folder, progress)
        described = json.dumps([code_version(), corpus.fingerprint(), [question.id for question in pack.questions]])
        path = folder / "examples" / f"{hashlib.sha256(described.encode()).hexdigest()[:12]}.npz"
        if path.is_file():
            return load_examples(path)
        runs = [
            (within, question)
            for within in headline_metrics_of(pack).within
            for question in questions_for(pack.questions, within)
        ]
        progress.begin(f"{pack.name}: examples", len(runs))
        found = collect_examples(pack, corpus, resources_of(index, settings), runs, progress.step)
        found.save(path)
        return found


def sums_alone(result: PackResult) -> PackResult:
    """Return ``result`` without anything that is of one question or document."""
    failed = (f"{len(result.failed)} documents, which are not named",) if result.failed else ()
    systems = tuple(replace(one, values={}, confidence={}) for one in result.systems)
    return replace(result, clusters={}, systems=systems, failed=failed)


def _gold_units(questions: Sequence[Question], gold: Gold, level: Level) -> dict[str, frozenset[str]]:
    found = {question.id: gold.units(question, level) for question in questions}
    return {id_: units for id_, units in found.items() if units}


def _ingest(corpus: Corpus, folder: Path, progress: Progress) -> IngestCost:
    total = len(corpus.pack.passages) + len(corpus.pack.documents)
    progress.begin(f"{corpus.pack.name}: documents", total)
    ingest_cost = corpus.ingest(
        on_source=lambda source: progress.step(),
        on_pages=lambda source, done, pages: progress.note(f"{corpus.name(source)} {done}/{pages}"),
    )
    return IngestLog(folder / "intake.jsonl").add(ingest_cost)


def _ask(
    pack: Pack, name: str, run: Run, headline_metrics: HeadlineMetrics, progress: Progress
) -> dict[Within, dict[str, Reply]]:
    replies: dict[Within, dict[str, Reply]] = {}
    for within in headline_metrics.within:
        questions = questions_for(pack.questions, within)
        progress.begin(f"{pack.name}: {name}, {'in the document' if within == 'document' else 'all'}", len(questions))
        replies[within] = run.ask(questions, within, progress.step)
    return replies


def questions_for(questions: Sequence[Question], within: Within) -> list[Question]:
    """Return the questions that make sense in a run: of the whole store, those that stand alone; in a document, those
    that have one."""
    if within == "document":
        return [question for question in questions if question.document]
    return [question for question in questions if question.standalone]


def _result(
    system: System, scored: Scored, replies: dict[Within, dict[str, Reply]], headline_metrics: HeadlineMetrics
) -> SystemResult:
    answers = replies.get(headline_metrics.answers, {})
    given = answers.values()
    return SystemResult(
        system=system.name,
        settings=system.settings(),
        figures=scored.figures,
        values=scored.values,
        latency_ms=percentiles(reply.timings_ms for reply in given),
        tokens=percentiles(reply.tokens for reply in given),
        confidence={id_: reply.confidence for id_, reply in answers.items() if reply.confidence is not None},
    )


def _headline(headline_metrics: HeadlineMetrics, results: Sequence[SystemResult]) -> tuple[str, ...]:
    keys = [f"retrieval/{within}/{level}/{metric}" for within, level, metric in headline_metrics.headline]
    return tuple(key for key in (*keys, *HEADLINE) if any(key in one.values for one in results))


def _cost(ingest_cost: IngestCost, peak: int, settings: Settings, corpus: Corpus) -> dict[str, float]:
    pages = sum(source.pages for source in corpus.index.catalog.sources())
    size = store_bytes(settings)
    return {
        "ingest_seconds": ingest_cost.seconds,
        "ingest_pages": ingest_cost.pages,
        "ingest_peak_bytes": ingest_cost.peak_bytes,
        "ask_peak_bytes": peak,
        "disk_bytes": size,
        "disk_bytes_per_page": round(size / pages, 1) if pages else 0.0,
    }
