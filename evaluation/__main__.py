"""Measure how good the assistant is, on the packs and on questions of one's own: python -m evaluation PACK..."""

from __future__ import annotations

import argparse
import sys
from dataclasses import replace
from pathlib import Path
from types import TracebackType

from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeRemainingColumn
from rich.progress import Progress as Bars

from chains.answering.extractive.score import DATA
from chains.retrieval.ranker.learned import OWN_WEIGHTS, WEIGHTS
from config import Settings, secrets, write_choices
from errors import AssistantError
from evaluation.about import about
from evaluation.baselines import BASELINES
from evaluation.choose import choose, choose_threshold
from evaluation.csv_packs import write_template
from evaluation.evaluate import Evaluated, Options, evaluate, evaluate_context, examples_of, folder_of
from evaluation.from_feedback import write_feedback_pack
from evaluation.learning.fit import fit
from evaluation.learning.own import fit_own
from evaluation.left_out import save_left_out
from evaluation.load import load_pack
from evaluation.packs import Pack
from evaluation.regression_thresholds import load_thresholds, regressions, save_thresholds, thresholds_of
from evaluation.results import Change, PackResult, Report, compare_reports, load_report
from evaluation.text_report import changes_table, context_table, headlines, markdown
from evaluation.tracking import load_mlflow, log_to_mlflow
from models.linear import load_linear_model
from store.feedback import Feedback
from store.index import Index
from text.redaction import redact_logs


def parser() -> argparse.ArgumentParser:
    """Build the command line."""
    cli = argparse.ArgumentParser(
        prog="python -m evaluation",
        description="Measure retrieval, answers, abstention, citations and cost on packs of documents and questions.",
        epilog="Exit code: 0 done; 1 an error, documents that could not be ingested, or figures worse than --thresholds; "
        "2 wrong usage.",
    )
    cli.add_argument("packs", nargs="*", type=Path, metavar="PACK", help="a folder with documents and questions")
    cli.add_argument("--data-dir", metavar="DIR", help="where indexes and replies are kept (default: data/var)")
    cli.add_argument("--limit-documents", type=_count, metavar="N", help="only the first N documents of a pack")
    cli.add_argument("--limit-questions", type=_count, metavar="N", help="only the first N questions of a pack")
    cli.add_argument(
        "--each-kind", action="store_true", help="with --limit-questions: N of each kind, as of each language"
    )
    cli.add_argument(
        "--fold", choices=("tune", "check"), help="only the questions of one half, by a hash of the document"
    )
    cli.add_argument(
        "--sums-only", action="store_true", help="as for a pack with a file SEALED: sums alone are printed and kept"
    )
    cli.add_argument(
        "--baseline", action="append", default=[], choices=sorted(BASELINES), help="also measure this baseline"
    )
    cli.add_argument("--ablate", action="store_true", help="the steps of retrieval one on top of the other")
    cli.add_argument("--choose", action="store_true", help="ablate, and set what is best for these documents")
    cli.add_argument(
        "--context",
        type=_budgets,
        metavar="N,N...",
        help="instead of all else: how often the evidence stands in what a model would read within N tokens",
    )
    cli.add_argument(
        "--fit",
        action="store_true",
        help="learn to rank and to read from the packs, each left out once; print how good it is",
    )
    cli.add_argument("--save", action="store_true", help="with --fit: keep the weights as the program's own")
    cli.add_argument(
        "--left-out",
        action="store_true",
        help="also rank by what other packs taught; needs --fit with this pack before",
    )
    cli.add_argument("--short", action="store_true", help="print the headline figures alone, of all packs in one table")
    cli.add_argument("--seed", type=int, default=0, metavar="N", help="of the intervals (default: 0)")
    cli.add_argument("--json", type=Path, metavar="OUT", help="everything, for --compare")
    cli.add_argument("--report", type=Path, metavar="OUT.html", help="a page that opens offline")
    cli.add_argument("--mlflow", metavar="URI", help="log the run there (needs: pip install mlflow)")
    cli.add_argument("--compare", nargs=2, type=Path, metavar=("A", "B"), help="test two --json files, B against A")
    cli.add_argument(
        "--thresholds", "--floor", type=Path, metavar="FILE", help="fail when a figure is worse than recorded there"
    )
    cli.add_argument(
        "--record-thresholds", "--record-floor", type=Path, metavar="FILE", help="record the figures for --thresholds"
    )
    cli.add_argument("--template", type=Path, metavar="DIR", help="write an empty pack and stop")
    cli.add_argument(
        "--from-feedback", type=Path, metavar="DIR", help="write the feedback given on the page as a pack and stop"
    )
    return cli


def main(argv: list[str] | None = None) -> int:
    """Run the command; return its exit code."""
    cli = parser()
    arguments = cli.parse_args(argv)
    redact_logs(lambda: secrets().values())
    console = Console(highlight=False)
    errors = Console(stderr=True, highlight=False)
    if not (arguments.packs or arguments.compare or arguments.template or arguments.from_feedback):
        cli.error("name a PACK, or use --compare, --template or --from-feedback")
    try:
        if arguments.template:
            console.print(f"Write your questions into {escape(str(write_template(arguments.template)))}")
        if arguments.from_feedback:
            _export_feedback(arguments, console, errors)
            if arguments.fit:
                return _fit_own(arguments, console, errors)
        if arguments.compare:
            a, b = (load_report(path) for path in arguments.compare)
            _print_changes(console, compare_reports(a, b, seed=arguments.seed))
        if arguments.packs:
            return _evaluate(arguments, console, errors)
        return 0
    except AssistantError as error:
        errors.print(f"[red]Error:[/] {escape(str(error))}")
        return 1
    except ModuleNotFoundError as error:
        missing = f"{error.name} is not installed. The evaluation needs: pip install -r requirements-dev.txt"
        errors.print(f"[red]Error:[/] {escape(missing)}")
        return 1
    except KeyboardInterrupt:
        errors.print("Stopped. The same command resumes from here.")
        return 130


def _count(text: str) -> int:
    if not text.isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"{text!r} is not a whole number from 1")
    return int(text)


def _budgets(text: str) -> tuple[int, ...]:
    return tuple(_count(one) for one in text.split(","))


def _evaluate(arguments: argparse.Namespace, console: Console, errors: Console) -> int:
    if arguments.mlflow:
        load_mlflow()  # what is missing is reported before the work, not after it
    thresholds = load_thresholds(arguments.thresholds) if arguments.thresholds else None
    packs = [load_pack(path) for path in arguments.packs]
    if arguments.fold and arguments.each_kind:
        packs = [pack.fold(arguments.fold) for pack in packs]
    packs = [
        pack.limited(arguments.limit_documents, arguments.limit_questions, of_each_kind=arguments.each_kind)
        for pack in packs
    ]
    if arguments.fold and not arguments.each_kind:
        packs = [pack.fold(arguments.fold) for pack in packs]
    packs = [replace(pack, sealed=pack.sealed or arguments.sums_only) for pack in packs]
    options = Options(
        settings=Settings.from_env(data_dir=arguments.data_dir),
        seed=arguments.seed,
        baselines=tuple(dict.fromkeys(arguments.baseline)),
        ablate=arguments.ablate or arguments.choose,
        left_out=arguments.left_out,
    )
    if arguments.context:
        return _print_contexts(packs, options, arguments.context, console, errors)
    if arguments.fit:
        return _fit(packs, options, arguments.save, console, errors)
    evaluated: list[Evaluated] = []
    with _Bar(errors) as bar:
        for pack in packs:
            evaluated.append(evaluate(pack, options, bar))
    report = Report(packs=tuple(one.result for one in evaluated), about=about(options))
    console.print(headlines(report) if arguments.short else markdown(report), markup=False, soft_wrap=True)
    if arguments.json:
        report.save(arguments.json)
    if arguments.report:
        from evaluation.report import write_report

        write_report(report, evaluated, arguments.report)
        console.print(f"Report: {arguments.report.resolve()}", markup=False)
    if arguments.choose:
        _choose(report, options, console)
    if arguments.mlflow:
        log_to_mlflow(report, arguments.mlflow, [file for file in (arguments.json, arguments.report) if file])
    if arguments.record_thresholds:
        save_thresholds(thresholds_of(report), arguments.record_thresholds)
    worse = regressions(report, thresholds) if thresholds is not None else []
    for one in worse:
        errors.print(f"[red]Regression:[/] {escape(str(one))}")
    return max(_failures(report.packs, errors), int(bool(worse)))


def _print_contexts(
    packs: list[Pack], options: Options, budgets: tuple[int, ...], console: Console, errors: Console
) -> int:
    with _Bar(errors) as bar:
        tables = [(pack.name, context_table(evaluate_context(pack, options, budgets, bar))) for pack in packs]
    for name, found in tables:
        console.print(f"## {name}\n\n{found}\n", markup=False, soft_wrap=True)
    return 0


def _fit(packs: list[Pack], options: Options, keep: bool, console: Console, errors: Console) -> int:
    with _Bar(errors) as bar:
        examples = [examples_of(pack, options, bar) for pack in packs]
    fitted = fit(examples, load_linear_model(WEIGHTS).weights)
    for pack in packs:
        if pack.name in fitted.left_out:
            save_left_out(fitted.left_out[pack.name], folder_of(pack, options))
    console.print(fitted.report, markup=False, soft_wrap=True)
    if keep:
        fitted.save(DATA)
        console.print(f"Written to {DATA}", markup=False)
    return 0


def _fit_own(arguments: argparse.Namespace, console: Console, errors: Console) -> int:
    """Fit the ranker to the feedback that was just written as a pack, and keep it in the data folder where it is better."""
    options = Options(settings=Settings.from_env(data_dir=arguments.data_dir), seed=arguments.seed)
    with _Bar(errors) as bar:
        examples = examples_of(load_pack(arguments.from_feedback), options, bar)
    found = fit_own(examples.ranking, load_linear_model(WEIGHTS))
    console.print(found.sentence(), markup=False)
    if found.model:
        path = options.settings.data_dir / OWN_WEIGHTS
        found.model.save(path)
        console.print(f"Written to {path}; delete it to have the weights that come with the program.", markup=False)
    return 0


def _choose(report: Report, options: Options, console: Console) -> None:
    choice = choose(report, options.settings, seed=options.seed)
    console.print(choice.sentence(), markup=False)
    choices = dict(choice.choices)
    if (refused := choose_threshold(report, options.settings)) is not None:
        choices["min_confidence"] = refused.threshold
        console.print(
            f"Least confidence to answer: {refused.threshold:.2f}. Below it are {refused.unanswerable:.0%} of the "
            f"unanswerable and {refused.answerable:.0%} of the answerable questions."
        )
    if choices:
        console.print(f"Written to {write_choices(options.settings.data_dir, choices)}", markup=False)


def _export_feedback(arguments: argparse.Namespace, console: Console, errors: Console) -> None:
    settings = Settings.from_env(data_dir=arguments.data_dir)
    with Index(settings) as index:
        done = write_feedback_pack(index, Feedback(settings.shared_path).all(), arguments.from_feedback)
    console.print(f"{done.questions} questions, {done.documents} documents in {arguments.from_feedback}", markup=False)
    for question in done.open:
        errors.print(f"Left out, nobody has given the right answer: {escape(question)}")
    for source in done.missing:
        errors.print(f"No longer there, left out of the evidence: {escape(source)}")


def _failures(packs: tuple[PackResult, ...], errors: Console) -> int:
    for pack in packs:
        for failed in pack.failed:
            errors.print(f"[red]Not ingested:[/] {escape(pack.pack)}/{escape(failed)}")
    return 1 if any(pack.failed for pack in packs) else 0


def _print_changes(console: Console, changes: list[Change]) -> None:
    console.print(changes_table(changes), markup=False, soft_wrap=True)


class _Bar:
    """A progress bar on stderr, one stretch after the other."""

    def __init__(self, console: Console) -> None:
        self._bars = Bars(
            TextColumn("{task.description}"),
            BarColumn(),
            MofNCompleteColumn(),
            TimeRemainingColumn(),
            TextColumn("{task.fields[detail]}"),
            console=console,
        )

    def __enter__(self) -> _Bar:
        self._bars.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._bars.stop()

    def begin(self, what: str, total: int) -> None:
        """Begin a new stretch; the one before is taken for done."""
        self._task = self._bars.add_task(what, total=total, detail="")

    def step(self) -> None:
        """Count one step as done."""
        self._bars.update(self._task, advance=1, detail="")

    def note(self, detail: str) -> None:
        """Show what moves within a step."""
        self._bars.update(self._task, detail=detail)


if __name__ == "__main__":
    sys.exit(main())
