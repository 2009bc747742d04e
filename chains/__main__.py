"""python -m chains ["QUESTION"] [--picture FILE]: the answer in the terminal, with numbered citations."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from rich.console import Console
from rich.markup import escape

from chains.report import as_json
from config import Settings, secrets
from errors import AssistantError, ModelError, SettingsError
from ingest.connectors.address import stored_names
from ingest.connectors.files import read_file
from records import OPERATOR, Scope, Turn
from store.auth.users import Users
from store.documents import Documents
from text.redaction import redact_logs


def parser() -> argparse.ArgumentParser:
    """Return the command line."""
    cli = argparse.ArgumentParser(
        prog="python -m chains",
        description="Ask the documents in the index.",
        epilog="Exit code: 0 answered, or said that no answer was found; 1 an error; 2 wrong usage.",
    )
    cli.add_argument("question", nargs="?", metavar="QUESTION", help='the question; "-" reads one a line from stdin')
    cli.add_argument(
        "--picture",
        type=Path,
        metavar="FILE",
        help="find this picture, or a part of it; a question is asked of its source",
    )
    cli.add_argument("--audio", type=Path, metavar="FILE", help="ask what is said in this recording")
    cli.add_argument(
        "--drawn", type=Path, metavar="FILE", help="write the picture with what was found in it outlined there, as PNG"
    )
    cli.add_argument("--data-dir", metavar="DIR", help="where the index lives (default: data/var)")
    cli.add_argument("--source", action="append", metavar="SOURCE", help="ask only this source, as --list names it")
    cli.add_argument(
        "--where",
        default="",
        metavar="FILTER",
        help="ask only documents whose fields fit, e.g. 'date>=2024 author=Kim'",
    )
    cli.add_argument(
        "--tag", action="append", default=[], metavar="TAG", help="find only figures with this tag of PICTURE_LABELS"
    )
    cli.add_argument(
        "--as", dest="user", metavar="NAME", help="find only what this user may read (default: everything)"
    )
    cli.add_argument("--json", action="store_true", help="print an object a question (always so with -)")
    return cli


def main(argv: list[str] | None = None) -> int:
    """Run the command; return its exit code."""
    cli = parser()
    arguments = cli.parse_args(argv)
    redact_logs(lambda: secrets().values())
    if arguments.question is None and arguments.picture is None and arguments.audio is None:
        cli.error("write a QUESTION, or name a --picture or --audio")
    if arguments.question == "-" and (arguments.picture or arguments.drawn):
        cli.error("--picture goes with one question, not with -")
    if arguments.question is not None and arguments.audio:
        cli.error("--audio stands for the QUESTION: leave one of them out")
    console = Console(highlight=False)
    errors = Console(stderr=True, highlight=False)
    many = arguments.question == "-"
    try:
        settings = Settings.from_env(data_dir=arguments.data_dir)
        principal = OPERATOR if arguments.user is None else Users(settings.users_path).principal(arguments.user)
        sources = tuple(arguments.source) if arguments.source else None
        scope = Scope(sources=sources, tags=tuple(arguments.tag), principal=principal)
        picture = read_file(arguments.picture, settings.max_image_bytes) if arguments.picture else b""
        question = _heard(arguments.audio, settings) if arguments.audio else arguments.question or ""
        if arguments.audio:
            errors.print(f"Heard: {escape(question)}", soft_wrap=True)
        code = 0
        for turn in _ask(_questions(question), settings, scope, picture, arguments.where):
            if isinstance(turn, AssistantError):
                code = 1
                errors.print(f"[red]Error:[/] {escape(str(turn))}")
                if many:
                    print(json.dumps({"error": str(turn)}), flush=True)
            elif many or arguments.json:
                print(json.dumps(as_json(turn), ensure_ascii=False), flush=True)
            else:
                show(turn, console)
            if isinstance(turn, Turn) and turn.drawn and arguments.drawn:
                _write(arguments.drawn, turn.drawn)
        return code
    except AssistantError as error:
        errors.print(f"[red]Error:[/] {escape(str(error))}")
        return 1
    except (KeyboardInterrupt, BrokenPipeError):
        return 130


def _heard(recording: Path, settings: Settings) -> str:
    from models.speech import transcribe

    if heard := transcribe(recording, settings.speech_model):
        return heard
    raise ModelError(f"No words are heard in {recording}.")


def _write(path: Path, data: bytes) -> None:
    try:
        path.write_bytes(data)
    except OSError as error:
        raise SettingsError(f"--drawn {path} cannot be written ({error.strerror}). Name another file.") from error


def _questions(question: str) -> Iterator[str]:
    if question != "-":
        yield question
        return
    for line in sys.stdin:
        if line.strip():
            yield line.strip()


def _ask(
    questions: Iterator[str], settings: Settings, scope: Scope, picture: bytes, where: str
) -> Iterator[Turn | AssistantError]:
    """Answers as they come; one that fails does not stop those after it."""
    from chains.pipeline import build
    from store.fields import narrowed
    from store.index import Index

    with Index(settings) as index:
        assistant = build(index, settings)
        scope = narrowed(_known(scope, index.documents), where, index.documents)
        for question in questions:
            try:
                yield assistant.invoke(Turn(question=question, scope=scope, picture=picture))
            except AssistantError as error:
                yield error


def _known(scope: Scope, documents: Documents) -> Scope:
    """The scope with its sources by the names that the index has for them: a file may be named from this folder.

    Raises:
        AssistantError: one of them is not in the index, or is not for who asks.
    """
    found = []
    for name in scope.sources or ():
        source = next((one for one in stored_names(name) if documents.source(one, scope.principal)), None)
        if source is None:
            raise AssistantError(f"There is no source {name!r}. `python -m ingest --list` shows what there is.")
        found.append(source)
    return replace(scope, sources=tuple(found) or None)


def show(turn: Turn, console: Console) -> None:
    """Print the answer for a person."""
    console.print(escape(turn.answer.replace("**", "")), soft_wrap=True)
    if turn.citations:
        console.print()
    for citation in turn.citations:
        chunk = citation.chunk
        mark = "[green]checked[/]" if citation.checked else "[yellow]not checked[/]"
        mark = "nearest passage" if citation.n in turn.nearest else mark
        mark += ", not cited by the model but found for it" if citation.n in turn.added else ""
        place = f"{chunk.title}, page {chunk.page}" if chunk.source.endswith(".pdf") else chunk.title
        console.print(f"\\[{citation.n}] {escape(place)} ({chunk.kind}, {mark})", soft_wrap=True)
        console.print(f"    {escape(chunk.source)}", soft_wrap=True, style="dim")
        console.print(f"    {escape(' '.join(citation.quote.split())[:300])}", soft_wrap=True, style="italic")
    if turn.abstained and turn.hits:
        console.print("\nNearest passages:")
        for hit in turn.hits[:3]:
            where = f"{hit.chunk.title}, page {hit.chunk.page}"
            console.print(f"  {escape(where)}: {escape(' '.join(hit.chunk.text.split())[:160])}", soft_wrap=True)


if __name__ == "__main__":
    sys.exit(main())
