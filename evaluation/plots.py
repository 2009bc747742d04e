"""Plots as SVG text that stands in a page by itself."""

from __future__ import annotations

import io
import re
from collections.abc import Mapping, Sequence

from evaluation.calibration import expected_calibration_error, reliability
from evaluation.confidence_thresholds import curve
from evaluation.metrics import CUTOFFS
from evaluation.results import PackResult, SystemResult, parts_of
from evaluation.risk_coverage import risk_coverage
from evaluation.scoring import Figure
from evaluation.statistics import Estimate

COLOURS = ("#0b6e99", "#c8553d", "#588157", "#6d597a", "#b08900", "#3d405b", "#8d99ae", "#9d0208")
SIZE = (6.4, 3.6)  # inches


def plots_of(pack: PackResult) -> list[tuple[str, str]]:
    """Return captions and SVG texts: recall against k, recall against time, the assistant by type of evidence; then what its
    confidence is worth."""
    refused = "Questions not called answered against the confidence needed to answer; dashed, as it is set"
    ours = pack.systems[0]
    plots = [*_retrieval_plots(pack), (refused, _refusals(ours)), _selection(ours), _calibration(ours)]
    return [(caption, svg) for caption, svg in plots if svg]


def cost_by_size(lines: Mapping[str, Sequence[tuple[int, float]]]) -> str:
    """Return SVG text: the median ms of a question against the chunks of a store, both logarithmic, a line a name."""
    figure, axes = _axes("chunks", "median ms a question")
    for colour, (name, points) in zip(COLOURS, lines.items(), strict=False):
        axes.plot([size for size, _ in points], [cost for _, cost in points], marker="o", color=colour, label=name)
    axes.set_xscale("log")
    axes.set_yscale("log")
    axes.legend(frameon=False, fontsize=8)
    return _svg(figure)


def _retrieval_plots(pack: PackResult) -> list[tuple[str, str]]:
    if not pack.headline:
        return []
    within, level, _ = parts_of(pack.headline[0])
    if not level:  # conversations, which are not retrieved
        return []
    prefix = f"retrieval/{within}/{level}/"
    where = f"{level}s, {'in the document' if within == 'document' else 'whole store'}"
    return [
        (f"Recall against k ({where})", _recall_by_cutoff(pack, prefix)),
        (f"Recall@5 against time a question ({where})", _recall_by_time(pack, prefix)),
        (f"{pack.systems[0].system}: recall@5 by group, with 95 % intervals ({where})", _by_group(pack, prefix)),
    ]


def _recall_by_cutoff(pack: PackResult, prefix: str) -> str:
    figure, axes = _axes("k", "recall@k")
    for colour, system in _coloured(pack.systems):
        means = [_estimate(system, f"{prefix}recall@{k}") for k in CUTOFFS]
        if all(means):
            axes.plot(CUTOFFS, [one.mean for one in means if one], marker="o", color=colour, label=system.system)
    axes.set_xticks(CUTOFFS)
    axes.set_ylim(0, 1)
    axes.legend(frameon=False, fontsize=8)
    return _svg(figure)


def _recall_by_time(pack: PackResult, prefix: str) -> str:
    figure, axes = _axes("median ms a question", "recall@5")
    shown = False
    for colour, system in _coloured(pack.systems):
        found, total = _estimate(system, f"{prefix}recall@5"), system.latency_ms.get("total")
        if found and total:
            axes.plot([max(total["p50"], 0.1)], [found.mean], "o", color=colour)
            axes.annotate(
                system.system, (max(total["p50"], 0.1), found.mean), xytext=(5, 5), textcoords="offset points"
            )
            shown = True
    axes.set_xscale("log")
    axes.set_ylim(0, 1)
    axes.margins(x=0.3)
    return _svg(figure) if shown else ""


def _by_group(pack: PackResult, prefix: str) -> str:
    key = f"{prefix}recall@5"
    rows: list[Figure] = [one for one in pack.systems[0].figures if one.key == key]
    if len(rows) < 2:
        return ""
    figure, axes = _axes("recall@5", "")
    for position, row in enumerate(reversed(rows)):
        found = row.estimate
        axes.barh(position, found.mean, color=COLOURS[0], height=0.6)
        if found.low is not None and found.high is not None:
            axes.plot([found.low, found.high], [position, position], color="#222222", linewidth=1.2)
    axes.set_yticks(range(len(rows)))
    axes.set_yticklabels([f"{one.group} ({one.estimate.questions})" for one in reversed(rows)], fontsize=8)
    axes.set_xlim(0, 1)
    return _svg(figure)


def _refusals(system: SystemResult) -> str:
    points = curve([system])
    if not points:
        return ""
    figure, axes = _axes("least confidence to answer", "share refused")
    thresholds = [one.threshold for one in points]
    axes.plot(thresholds, [one.unanswerable for one in points], color=COLOURS[0], label="unanswerable")
    axes.plot(thresholds, [one.answerable for one in points], color=COLOURS[1], label="answerable")
    if system.settings.get("min_confidence") is not None:
        axes.axvline(system.settings["min_confidence"], color=COLOURS[5], linestyle="--", linewidth=1)
    axes.set_ylim(0, 1)
    axes.legend(frameon=False, fontsize=8)
    return _svg(figure)


def _selection(system: SystemResult) -> tuple[str, str]:
    caption = "Precision against the share of questions called answered, the surest first; the dot, as it is set"
    curve = risk_coverage(*_judged(system))
    if not curve:
        return caption, ""
    figure, axes = _axes("share of questions called answered", "share right of them")
    axes.plot([one.share for one in curve], [one.precision for one in curve], color=COLOURS[0])
    answered, right = (_honesty(system).get(metric, {}) for metric in ("called_answered", "answered_right"))
    if right:
        axes.plot([sum(answered.values()) / len(answered)], [sum(right.values()) / len(right)], "o", color=COLOURS[1])
    axes.set_xlim(0, 1)
    axes.set_ylim(0, 1)
    return caption, _svg(figure)


def _calibration(system: SystemResult) -> tuple[str, str]:
    bins = reliability(*_judged(system))
    if not bins:
        return "", ""
    figure, axes = _axes("confidence", "share right")
    axes.plot([0, 1], [0, 1], color=COLOURS[6], linestyle="--", linewidth=1)
    axes.plot([one.confidence for one in bins], [one.right for one in bins], marker="o", color=COLOURS[0])
    for one in bins:
        where = one.confidence, one.right
        axes.annotate(f"{one.questions}", where, xytext=(4, 4), textcoords="offset points", fontsize=8)
    axes.set_xlim(0, 1.05)
    axes.set_ylim(0, 1.1)
    caption = "Share right against confidence, with numbers of questions; expected calibration error"
    return f"{caption} {expected_calibration_error(bins):.3f}", _svg(figure)


def _judged(system: SystemResult) -> tuple[list[float], list[bool]]:
    """Confidence, and whether what is shown is right, of the questions whose answer is known; of the unanswerable nothing is
    right."""
    scores = _honesty(system)
    right = scores.get("right", {})
    ids = [id_ for id_ in scores.get("called_answered", {}) if id_ in system.confidence]
    return [system.confidence[id_] for id_ in ids], [right.get(id_) == 1 for id_ in ids]


def _honesty(system: SystemResult) -> dict[str, dict[str, float]]:
    """Metric -> question id -> value."""
    return {key.rsplit("/", 1)[1]: values for key, values in system.values.items() if key.startswith("honesty/")}


def _estimate(system: SystemResult, key: str) -> Estimate | None:
    return next((one.estimate for one in system.figures if one.key == key and one.group == "all"), None)


def _coloured(systems: Sequence[SystemResult]) -> list[tuple[str, SystemResult]]:
    return [(COLOURS[position % len(COLOURS)], system) for position, system in enumerate(systems)]


def _axes(x: str, y: str):  # type: ignore[no-untyped-def]
    from matplotlib.figure import Figure as Canvas

    canvas = Canvas(figsize=SIZE, layout="constrained")
    axes = canvas.subplots()
    axes.set_xlabel(x)
    axes.set_ylabel(y)
    axes.grid(alpha=0.25)
    axes.spines[["top", "right"]].set_visible(False)
    return canvas, axes


def _svg(figure) -> str:  # type: ignore[no-untyped-def]
    import matplotlib

    buffer = io.StringIO()
    # text stays text, ids are the same each time, and no date is written: the same run gives the same file
    with matplotlib.rc_context({"svg.fonttype": "none", "svg.hashsalt": "report"}):
        figure.savefig(buffer, format="svg", metadata={"Date": None, "Creator": None})
    return re.sub(r"^.*?(?=<svg)", "", buffer.getvalue(), flags=re.DOTALL)
