"""python -m models check: what the configured models can do, and what is wrong with them."""

from __future__ import annotations

import argparse
import json
import sys
from dataclasses import asdict
from pathlib import Path

from config import Settings, secrets
from errors import AssistantError
from models.check import Finding, Proposal, check, proposals
from text.redaction import redact_logs


def parser() -> argparse.ArgumentParser:
    """Return the command line."""
    cli = argparse.ArgumentParser(prog="python -m models", description="The models that answer, see and find.")
    commands = cli.add_subparsers(dest="command", required=True, metavar="COMMAND")
    checking = commands.add_parser(
        "check",
        help="try every configured model",
        description="Asks every configured model for a sentence, an object and what stands in a picture, and says what is "
        "wrong and what mends it. Without a chat model it says which ones are at hand.",
        epilog="Exit code: 0 all can be used; 1 one cannot; 2 wrong usage.",
    )
    checking.add_argument("--data-dir", type=Path, metavar="DIR", help="whose settings hold (default: data/var)")
    checking.add_argument("--json", action="store_true", help="print one object")
    return cli


def main(argv: list[str] | None = None) -> int:
    """Run the command; return its exit code."""
    arguments = parser().parse_args(argv)
    redact_logs(lambda: secrets().values())
    try:
        settings = Settings.from_env(data_dir=arguments.data_dir)
        findings = []
        for finding in check(settings):
            findings.append(finding)
            if not arguments.json:
                _show(finding)
        proposed = proposals(settings, secrets())
    except AssistantError as error:
        print(f"models: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130
    if arguments.json:
        report = {"models": [asdict(one) for one in findings], "proposals": [asdict(one) for one in proposed]}
        print(json.dumps(report, ensure_ascii=False))
    elif not settings.chat_model:
        _propose(proposed)
    return int(any(finding.problem for finding in findings))


def _show(finding: Finding) -> None:
    print(f"{finding.role} {finding.name}")
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
    print("\n".join(f"  {name:18} {value}" for name, value in rows), flush=True)


def _propose(proposed: list[Proposal]) -> None:
    print("CHAT_MODEL is not set: the extractive reader answers.")
    for one in proposed:
        print(f"  {one.reason}. To use it:")
        print("\n".join(f"    {line}" for line in one.lines))
    if not proposed:
        print("  No Ollama on this machine and no key was found. A GGUF file runs here: CHAT_MODEL=gguf:PATH")


if __name__ == "__main__":
    sys.exit(main())
