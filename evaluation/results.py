"""The results of a run, as records and as JSON; and the comparison of two of them."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, cast

from errors import PackError
from evaluation.runs import Within
from evaluation.scoring import Figure
from evaluation.statistics import Difference, Estimate, compare
from evaluation.units import Level

FORMAT = 1


def parts_of(key: str) -> tuple[Within, Level, str]:
    """Split the key of a retrieval figure into the run (store or document), level and metric."""
    _, within, level, metric = key.split("/")
    return cast(Within, within), cast(Level, level), metric


@dataclass(frozen=True, kw_only=True)
class SystemResult:
    """The result of one system on one pack."""

    system: str
    settings: dict[str, Any]
    figures: tuple[Figure, ...]
    values: dict[str, dict[str, float]]  # figure key -> question id -> value
    latency_ms: dict[str, dict[str, float]]  # stage -> {"p50": ..., "p95": ...}
    tokens: dict[str, dict[str, float]] = field(default_factory=dict)  # as of a Reply -> the same
    confidence: dict[str, float] = field(default_factory=dict)  # question id -> 0 to 1, where the system tells


@dataclass(frozen=True, kw_only=True)
class PackResult:
    """The results of all systems on one pack."""

    pack: str
    documents: int
    passages: int
    questions: int
    headline: tuple[str, ...]  # figure keys
    clusters: dict[str, str]  # question id -> cluster
    systems: tuple[SystemResult, ...]
    cost: dict[str, float] = field(default_factory=dict)
    failed: tuple[str, ...] = ()  # documents that could not be ingested, with the reason
    missing_tables: int = 0

    def system(self, name: str) -> SystemResult | None:
        """Return the result of the system ``name``."""
        return next((one for one in self.systems if one.system == name), None)


@dataclass(frozen=True, kw_only=True)
class Report:
    """One run over one or more packs."""

    packs: tuple[PackResult, ...]
    about: dict[str, Any]  # versions, machine, seed, when

    def save(self, path: Path) -> None:
        """Write everything as JSON.

        Raises:
            PackError: the file cannot be written.
        """
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(
                json.dumps({"format": FORMAT, **asdict(self)}, ensure_ascii=False, indent=1) + "\n", "utf-8"
            )
        except OSError as error:
            raise PackError(f"{path} cannot be written ({error.strerror}). Name another file.") from error


def load_report(path: Path) -> Report:
    """Load the report in a file that ``save`` wrote.

    Raises:
        PackError: it is none.
    """
    try:
        fields = json.loads(path.read_text("utf-8"))
        if fields.get("format") != FORMAT:
            raise PackError(
                f"{path} has format {fields.get('format')!r}, needed is {FORMAT}. Make it again with --json."
            )
        packs = tuple(_pack(one) for one in fields["packs"])
        return Report(packs=packs, about=fields["about"])
    except OSError as error:
        raise PackError(f"{path} cannot be read ({error.strerror}).") from error
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise PackError(f"{path} is no report of this program ({error}). Make one with --json.") from error


def _pack(fields: Mapping[str, Any]) -> PackResult:
    return PackResult(
        **{
            **fields,
            "headline": tuple(fields["headline"]),
            "failed": tuple(fields["failed"]),
            "systems": tuple(
                SystemResult(**{**one, "figures": tuple(_figure(figure) for figure in one["figures"])})
                for one in fields["systems"]
            ),
        }
    )


def _figure(fields: Mapping[str, Any]) -> Figure:
    return Figure(**{**fields, "estimate": Estimate(**fields["estimate"])})


@dataclass(frozen=True, kw_only=True)
class Change:
    """One figure of one system in two reports."""

    pack: str
    system: str
    key: str
    difference: Difference


def compare_reports(a: Report, b: Report, *, seed: int = 0, headline_only: bool = True) -> list[Change]:
    """Run paired tests of B against A on every pack and system that both have.

    Raises:
        PackError: they have nothing in common.
    """
    changes: list[Change] = []
    for pack_a in a.packs:
        pack_b = next((one for one in b.packs if one.pack == pack_a.pack), None)
        if pack_b is None:
            continue
        clusters = pack_a.clusters | pack_b.clusters
        for system_a in pack_a.systems:
            system_b = pack_b.system(system_a.system)
            for key in pack_a.headline if headline_only else system_a.values:
                values_a, values_b = system_a.values.get(key, {}), system_b.values.get(key, {}) if system_b else {}
                if values_a.keys() & values_b.keys():
                    found = compare(values_a, values_b, clusters, seed=seed)
                    changes.append(Change(pack=pack_a.pack, system=system_a.system, key=key, difference=found))
    if not changes:
        raise PackError("The two reports have no pack, system and question in common.")
    return changes
