"""What a batch did, as it goes on and at its end: counts, progress bars, and what is printed."""

from __future__ import annotations

from collections import Counter
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rich.console import Console
from rich.markup import escape
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    TaskID,
    TextColumn,
    TimeElapsedColumn,
    TimeRemainingColumn,
)

if TYPE_CHECKING:  # both are slow to import
    from ingest.outcome import Outcome
    from models.chat.usage import Price


@dataclass
class Summary:
    """What a batch did; printed at its end."""

    sources: int = 0
    added: int = 0
    updated: int = 0
    unchanged: int = 0
    pages: int = 0
    chunks: Counter[str] = field(default_factory=Counter)
    kinds: Counter[str] = field(default_factory=Counter)
    passed_over: Counter[str] = field(default_factory=Counter)  # files of a folder that no parser is for, by suffix
    failed: list[dict[str, str]] = field(default_factory=list)
    losses: dict[str, list[dict[str, str]]] = field(default_factory=dict)
    descriptions: dict[str, float] = field(default_factory=dict)  # pictures described and failed, tokens, cost
    seconds: float = 0.0

    def as_json(self) -> dict[str, Any]:
        """Return the summary as plain data."""
        counters = ("chunks", "kinds", "passed_over")  # asdict cannot copy a Counter
        counts = {name: dict(getattr(self, name)) for name in counters}
        return {**vars(self), **counts, "seconds": round(self.seconds, 2)}

    def note(self, outcome: Outcome) -> None:
        """Count what became of one source, and what is attached to it."""
        self.sources += len(outcome.attachments)
        if outcome.status == "failed":
            self.failed.append({"source": outcome.source, "reason": outcome.error})
            return
        setattr(self, outcome.status, getattr(self, outcome.status) + 1)
        self.pages += outcome.pages
        self.chunks.update(outcome.chunks or {})
        if outcome.kind:
            self.kinds[outcome.kind] += 1
        if outcome.losses:
            self.losses[outcome.source] = [asdict(loss) for loss in outcome.losses]
        for name, count in vars(outcome.usage).items() if outcome.usage else ():
            self.descriptions[name] = self.descriptions.get(name, 0) + count

    def price(self, price: Price | None) -> None:
        """Add what the descriptions cost, where the price of their model is known."""
        if price and self.descriptions:
            tokens_in, tokens_out = self.descriptions["tokens_in"], self.descriptions["tokens_out"]
            self.descriptions["cost"] = round((tokens_in * price.input + tokens_out * price.output) / 1e6, 6)


class Bars:
    """Progress bars: one for the batch and one for each source that is being read page by page."""

    def __init__(self, progress: Progress, total: int) -> None:
        self._progress = progress
        self._all = progress.add_task("sources", total=total, note="")
        self._tasks: dict[str, TaskID] = {}
        self._pages: dict[str, int] = {}

    def pages(self, source: str, done: int, total: int) -> None:
        """Show how far the reading of ``source`` is."""
        if source not in self._tasks:
            self._tasks[source] = self._progress.add_task(plain(Path(source).name[:32]), total=total, note="pages")
        self._progress.update(self._tasks[source], completed=done)

    def done(self, source: str, summary: Summary) -> None:
        """Take the bar of ``source`` away, and count it."""
        task = self._tasks.pop(source, None)
        if task is not None:
            self._progress.remove_task(task)
        total = summary.sources
        self._progress.update(
            self._all, advance=1, total=total, note=f"{summary.pages:,} pages, {summary.chunks.total():,} chunks"
        )


def progress_on(console: Console) -> Progress:
    """Return progress bars on ``console`` that leave nothing behind."""
    return Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn("{task.fields[note]}"),
        TimeElapsedColumn(),
        TimeRemainingColumn(),
        console=console,
        transient=True,
    )


def show(summary: Summary, console: Console) -> None:
    """Print the summary for a person."""
    rate = f", {summary.pages / summary.seconds:.1f} pages/s" if summary.pages else ""
    console.print(
        f"{summary.added} added, {summary.updated} updated, {summary.unchanged} unchanged, {len(summary.failed)} failed "
        f"in {summary.seconds:.1f} s{rate}"
    )
    if summary.kinds:
        kinds = ", ".join(f"{count} {kind}" for kind, count in summary.kinds.most_common())
        chunks = ", ".join(f"{count:,} {kind}" for kind, count in summary.chunks.most_common())
        console.print(f"Sources: {kinds}. Pages: {summary.pages:,}. Chunks: {chunks}.")
    if summary.passed_over:
        kinds = ", ".join(
            f"{count:,} {suffix or 'without a suffix'}" for suffix, count in summary.passed_over.most_common()
        )
        files = "file" if summary.passed_over.total() == 1 else "files"
        console.print(
            f"Passed over, of kinds that are not read: {summary.passed_over.total():,} {files} ({plain(kinds)}). Name a file "
            "itself to have it tried."
        )
    if used := summary.descriptions:
        price = f"; cost {used['cost']:.4f}" if "cost" in used else ""
        console.print(
            f"Pictures: {used['described']:,} described, {used['failed']:,} failed; {used['tokens_in']:,} tokens in, "
            f"{used['tokens_out']:,} out{price}."
        )
    for source, losses in summary.losses.items():
        console.print(f"[yellow]Lost from {plain(source)}:[/]", soft_wrap=True)
        for loss in losses:
            console.print(f"  {plain(loss['what'])}: {plain(loss['why'])}", soft_wrap=True)
    for failure in summary.failed:
        console.print(f"[red]Failed:[/] {plain(failure['source'])}: {plain(failure['reason'])}", soft_wrap=True)


def plain(text: object) -> str:
    """Return text from outside, safe to print among rich's markup."""
    return escape(str(text))
