"""python -m store doctor | export FILE | import FILE | labels FILE | users | tokens | access SOURCE: look after the index."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

from config import Settings
from errors import AssistantError
from store.auth import commands

SHOWN = 5  # names of a fault


def parser() -> argparse.ArgumentParser:
    """Return the command line."""
    cli = argparse.ArgumentParser(
        prog="python -m store",
        description="Look after the index: check and repair it, back it up, bring a backup back, say who may read.",
        epilog="Exit code: 0 done, and everything agrees; 1 faults were found or left, or it failed; 2 wrong usage.",
    )
    subparsers = cli.add_subparsers(dest="command", required=True, metavar="COMMAND")
    doctor = subparsers.add_parser("doctor", help="check that sources, chunks, vectors, lexical index and assets agree")
    doctor.add_argument("--repair", action="store_true", help="repair what can be repaired")
    export = subparsers.add_parser("export", help="write everything to one file")
    export.add_argument("file", type=Path, metavar="FILE")
    bring = subparsers.add_parser("import", help="bring such a file back into an empty index")
    bring.add_argument("file", type=Path, metavar="FILE")
    labels = subparsers.add_parser("labels", help="write what people labelled to a file for python -m models.tune")
    labels.add_argument("file", type=Path, metavar="FILE")
    for command in (doctor, export, bring, labels, *commands.add_parsers(subparsers)):
        command.add_argument("--data-dir", metavar="DIR", help="where the index lives (default: data/var)")
        command.add_argument("--json", action="store_true", help="print the result as one JSON object on stdout")
    return cli


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command; return its exit code."""
    arguments = parser().parse_args(argv)
    try:
        settings = Settings.from_env(data_dir=arguments.data_dir)
        if arguments.command == "doctor":
            return doctor(settings, repair=arguments.repair, as_json=arguments.json)
        if arguments.command == "labels":
            return labels(settings, arguments.file, as_json=arguments.json)
        of_auth = {"users": commands.users, "tokens": commands.tokens, "access": commands.access}
        if arguments.command in of_auth:
            print(of_auth[arguments.command](settings, arguments))
            return 0
        return transfer(settings, arguments.command, arguments.file, as_json=arguments.json)
    except AssistantError as error:
        print(f"store: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130


def doctor(settings: Settings, *, repair: bool, as_json: bool) -> int:
    """Check, and with ``repair`` repair; return 1 when faults are left."""
    from store.index import Index
    from store.maintenance import doctor
    from store.spaces import TEXT

    with Index(settings) as index:
        if repair:
            before, after = doctor.repair(index)
        else:
            before = after = doctor.check(index)
    if as_json:
        found = {"found": [asdict(fault) for fault in before.faults]} if repair else {}
        print(json.dumps({**asdict(after), **found}, ensure_ascii=False))
        return 1 if after.faults else 0
    left = {(fault.kind, fault.space) for fault in after.faults}
    for fault in before.faults:
        repaired = " (repaired)" if repair and (fault.kind, fault.space) not in left else ""
        more = f" and {len(fault.names) - SHOWN:,} more" if len(fault.names) > SHOWN else ""
        where = f" in the space {fault.space}" if fault.space not in ("", TEXT) else ""
        print(f"{len(fault.names):,} {fault.kind}{where}{repaired}: {', '.join(fault.names[:SHOWN])}{more}")
    print(
        f"{after.sources:,} sources, {after.chunks:,} chunks, {after.assets:,} assets. {_verdict(bool(left), repair)}"
    )
    if after.waiting:
        print(f"{after.waiting:,} sources wait to be taken in: python -m ingest --resume")
    return 1 if left else 0


def _verdict(faulty: bool, repaired: bool) -> str:
    if not faulty:
        return "Everything agrees."
    return "Some faults are left." if repaired else "Repair with: python -m store doctor --repair"


def labels(settings: Settings, file: Path, *, as_json: bool) -> int:
    """Write the labels of the data folder as examples for tuning; return 1 when there are none."""
    from store.catalog import Catalog
    from store.feedback import Feedback, PassageLabel
    from store.labels import tuning_rows, write_rows

    entries = Feedback(settings.shared_path).all()
    catalog = Catalog(settings.data_dir / "catalog.sqlite", settings.catalog_url)
    rows = tuning_rows(entries, catalog.chunks([one.chunk for one in entries if isinstance(one, PassageLabel)]))
    catalog.close()
    if rows:
        write_rows(rows, file)
    questions = len({str(row["question"]) for row in rows})
    if as_json:
        print(json.dumps({"examples": len(rows), "questions": questions}))
    elif rows:
        print(f"{len(rows):,} examples of {questions:,} questions written to {file}")
    else:
        print("Nobody has labelled a passage yet. Label some on the page, or give thumbs up to answers.")
    return 0 if rows else 1


def transfer(settings: Settings, command: str, file: Path, *, as_json: bool) -> int:
    """Write a backup or bring it back."""
    from store.index import Index
    from store.maintenance import backup

    with Index(settings) as index:
        manifest = (backup.save if command == "export" else backup.load)(index, file)
    if as_json:
        print(json.dumps(manifest))
    else:
        done = "written to" if command == "export" else "brought back from"
        print(f"{manifest['sources']:,} sources and {manifest['assets']:,} assets {done} {file}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
