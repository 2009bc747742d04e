"""What python -m ingest does with many sources at once: it takes them in, and has them described, told about and embedded."""

from __future__ import annotations

import argparse
import json
from collections.abc import Generator, Sequence
from contextlib import closing
from typing import TYPE_CHECKING

from rich.console import Console

from config import Settings
from errors import AssistantError, SettingsError
from ingest.connectors.address import is_path, stored_names
from ingest.connectors.sidecar import accesses
from ingest.notices import look
from ingest.summary import Bars, Summary, plain, progress_on, show
from store.notices import Notices

if TYPE_CHECKING:
    from ingest.outcome import Outcome
    from store.job_files import Job


def run(arguments: argparse.Namespace, settings: Settings, console: Console) -> int:
    """Take the sources in, with a progress bar and a summary."""
    import time

    from ingest.expand import expand, passed_over
    from ingest.on_ray import ingest_on_ray
    from ingest.pipeline import ingest
    from ingest.workers import Workers
    from models.chat.usage import price_of, read_prices
    from store.index import Index

    began = time.perf_counter()
    price = price_of(settings.vision_model, read_prices(settings.chat_prices))
    sources, problems = expand(arguments.sources, include=arguments.include, exclude=arguments.exclude)
    left_out = passed_over(arguments.sources, include=arguments.include, exclude=arguments.exclude)
    summary = Summary(passed_over=left_out)

    with Index(settings) as index, Workers(settings) as workers, progress_on(console) as progress:
        left = index.jobs.left()
        if arguments.resume:
            sources = list(dict.fromkeys([*sources, *left]))
        groups = None if arguments.groups is None else arguments.groups.split(",")
        said, unclear = accesses(sources, groups)
        sources = [source for source in sources if source not in {problem.what for problem in unclear}]
        problems += unclear
        summary.failed = [{"source": problem.what, "reason": problem.why} for problem in problems]
        summary.sources = len(sources) + len(problems)
        bars = Bars(progress, len(sources))
        began_job: Job | None = None
        try:
            begun: Generator[Outcome]
            if arguments.ray:
                began_job = index.jobs.begin(sources, said)  # so that --resume goes on when this program is killed
                begun = ingest_on_ray(
                    settings, sources, address=arguments.ray, access=said, password=arguments.password
                )
            else:
                begun = ingest(
                    index, sources, workers=workers, on_pages=bars.pages, access=said, password=arguments.password
                )
            with closing(begun) as outcomes:
                for outcome in outcomes:
                    summary.note(outcome)
                    bars.done(outcome.source, summary)
        except KeyboardInterrupt:
            index.jobs.cancel(sources)  # unlike a kill, this was meant
            raise
        finally:
            if began_job is not None:
                index.jobs.end(began_job)
        waiting = len(set(left) - set(sources))
        look(index, Notices(index.folder))
    if waiting:
        console.print(f"{waiting} sources of an interrupted run wait: python -m ingest --resume")
    summary.seconds = time.perf_counter() - began
    summary.price(price)
    return show_all(summary, console, as_json=arguments.json)


def describe_sources(arguments: argparse.Namespace, settings: Settings, console: Console) -> int:
    """Have pictures described that are in the index, with a progress bar and a summary; return 1 when one failed."""
    import time

    from ingest.pipeline import describe
    from models.chat.usage import price_of, read_prices
    from store.index import Index

    began = time.perf_counter()
    price = price_of(settings.vision_model, read_prices(settings.chat_prices))
    summary = Summary()
    with Index(settings) as index, progress_on(console) as progress:
        known = [source.source for source in index.catalog.sources()]
        named = [one for name in arguments.sources for one in _named(name, known)] if arguments.sources else known
        summary.sources = len(named)
        bars = Bars(progress, len(named))
        with closing(describe(index, named)) as outcomes:
            for outcome in outcomes:
                summary.note(outcome)
                bars.done(outcome.source, summary)
    summary.seconds = time.perf_counter() - began
    summary.price(price)
    return max(show_all(summary, console, as_json=arguments.json), int(summary.descriptions.get("failed", 0) > 0))


def tell_about(arguments: argparse.Namespace, settings: Settings, console: Console) -> int:
    """Make tags and summaries anew of what is in the index; return 1 when one could not be made.

    Raises:
        ModelError: the chat model cannot be loaded.
    """
    from ingest.about import renew
    from models.chat import load_chat_model
    from store.index import Index

    model = load_chat_model(settings.chat_model, settings) if settings.chat_model else None
    told, failed = [], []
    with Index(settings) as index:
        known = [source.source for source in index.catalog.sources()]
        named = list(dict.fromkeys(one for name in arguments.sources for one in _named(name, known))) or known
        for source in named:
            try:
                about = renew(index, source, model)
            except AssistantError as error:
                failed.append({"source": source, "reason": str(error)})
                console.print(f"[red]Failed:[/] {plain(source)}: {plain(error)}", soft_wrap=True)
                continue
            if about is None:
                failed.append({"source": source, "reason": "It is not in the index."})
                console.print(f"[red]Not in the index:[/] {plain(source)}. `python -m ingest --list` shows what is.")
                continue
            told.append({"source": source, "tags": list(about.tags), "summary": about.summary, "author": about.author})
            console.print(f"{plain(source)}: {plain(', '.join(about.tags))}", soft_wrap=True)
    if arguments.json:
        print(json.dumps({"about": told, "failed": failed}, ensure_ascii=False))
    return 1 if failed else 0


def embed_pictures(settings: Settings, console: Console, *, as_json: bool) -> None:
    """Embed the pictures of what is in the index.

    Raises:
        SettingsError: no image embedder is set.
    """
    from store.index import Index
    from store.spaces import PICTURES

    if not settings.image_embed_model:
        raise SettingsError("Set IMAGE_EMBED_MODEL first, e.g. IMAGE_EMBED_MODEL=clip-ViT-B-32.")
    with Index(settings) as index, progress_on(console) as progress:
        task = progress.add_task("pictures", total=None, note="")
        made = index.fill(PICTURES, lambda done, total: progress.update(task, completed=done, total=total))
        pages = 0
        if settings.embeds_pages:
            task = progress.add_task("pages", total=None, note="")
            pages = index.fill_pages(lambda done, total: progress.update(task, completed=done, total=total))
    console.print(f"{made:,} figures and {pages:,} pages embedded with {plain(settings.image_embed_model)}.")
    if as_json:
        print(json.dumps({"embedded": made, "pages": pages}))


def _named(name: str, known: Sequence[str]) -> list[str]:
    """The sources that ``name`` means: one by its name or path, or all in a folder; itself where there is none."""
    names = stored_names(name)
    within = [source for source in known if source.startswith(f"{names[-1]}/")] if is_path(name) else []
    return [one for one in names if one in known][:1] or within or [name]


def show_all(summary: Summary, console: Console, *, as_json: bool) -> int:
    """Print the summary for a person, and with ``as_json`` for programs; return the exit code."""
    show(summary, console)
    if as_json:
        print(json.dumps(summary.as_json(), ensure_ascii=False))
    return 1 if summary.failed else 0
