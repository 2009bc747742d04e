"""python -m models check: what the configured models can do, and what is wrong with them."""

from __future__ import annotations

import argparse
import json
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path

from config import Settings, secrets
from models.check import Finding, Proposal, check, proposals


def add_arguments(cli: argparse.ArgumentParser) -> None:
    """Add what the command takes."""
    cli.epilog = "Exit code: 0 all can be used; 1 one cannot; 2 wrong usage."
    cli.add_argument("--data-dir", type=Path, metavar="DIR", help="whose settings hold (default: data/var)")
    cli.add_argument("--json", action="store_true", help="print one object")


def run(arguments: argparse.Namespace, say: Callable[[str], None]) -> int:
    """Ask every configured model for a sentence, an object and what stands in a picture, and say what is wrong and what mends
    it; without a chat model say which ones are at hand. Return the exit code."""
    settings = Settings.from_env(data_dir=arguments.data_dir)
    findings = []
    for finding in check(settings):
        findings.append(finding)
        if not arguments.json:
            _show(finding, say)
    proposed = proposals(settings, secrets())
    if arguments.json:
        report = {"models": [asdict(one) for one in findings], "proposals": [asdict(one) for one in proposed]}
        say(json.dumps(report, ensure_ascii=False))
    elif not settings.chat_model:
        _propose(proposed, say)
    return int(any(finding.problem for finding in findings))


def _show(finding: Finding, say: Callable[[str], None]) -> None:
    say(f"{finding.role} {finding.name}")
    rows = [("reached", "yes" if finding.reached else "no")]
    if finding.first_token_seconds is not None:
        rows += [
            ("first token", f"after {finding.first_token_seconds} s"),
            ("structured output", f"by {finding.structured_output}" if finding.structured_output else "no"),
            ("sees pictures", "yes" if finding.sees_pictures else "no"),
            ("context window", f"{finding.context_window:,} tokens" if finding.context_window else "not told"),
        ]
    if finding.problem:
        rows.append(("wrong", finding.problem))
    say("\n".join(f"  {name:18} {value}" for name, value in rows))


def _propose(proposed: list[Proposal], say: Callable[[str], None]) -> None:
    say("CHAT_MODEL is not set: the extractive reader answers.")
    for one in proposed:
        say(f"  {one.reason}. To use it:")
        say("\n".join(f"    {line}" for line in one.lines))
    if not proposed:
        say("  No Ollama on this machine and no key was found. A GGUF file runs here: CHAT_MODEL=gguf:PATH")
