"""One life of a program on a data folder: it repairs, goes on where the last one was killed, and does new work until it is
killed itself. What it was asked to do is written down before, so that the next life can tell whether anything was lost."""

from __future__ import annotations

import hashlib
import json
import os
import random
import time
import traceback
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from threading import Event, Thread
from typing import Any

from fakes import FakeEmbedder, settings_at

from app.assistant import Assistant
from app.uploads import keep_uploads
from chains.pipeline import build
from config import Settings
from ingest import workers as parsing
from ingest.pipeline import ingest
from ingest.workers import Loaded, Workers
from records import OPERATOR, Turn
from store.index import Index
from store.maintenance.doctor import check
from store.maintenance.reembed import reembed

ANCHOR = "The keeper of the lighthouse at Aldra is called Marit Solvang."
QUESTION = "Who is the keeper of the lighthouse at Aldra?"
FILES = 10


class Quick(Workers):
    """Parses in the thread that asks: no process to start, so that a life gets to its work at once."""

    def __init__(self, settings: Settings) -> None:
        super().__init__(settings)
        self._own = settings

    def load(self, source: str, known_hash: str) -> Loaded:
        return parsing.load(source, self._own, known_hash)

    def load_all(self, known_hashes: Mapping[str, str]) -> dict[str, Loaded]:
        return parsing.load_all(known_hashes, self._own)


@dataclass(frozen=True)
class Asked:
    """One thing a life was asked to do."""

    what: str  # "ingest", "upload", "remove", "re-embed"
    sources: tuple[str, ...]
    hashes: tuple[str, ...]  # of the sources' content, where they are ingested
    space: str  # the embedder of this and the following
    files: dict[
        str, str
    ]  # what they hold, by path; written when it is done, so that a kill before that changes nothing


class Log:
    """What was asked, a line each, and which of it was seen to end."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def add(self, asked: Asked) -> None:
        self._write({"asked": vars(asked)})

    def ended(self) -> None:
        self._write({"ended": True})

    def _write(self, line: dict[str, Any]) -> None:
        with self._path.open("a") as file:
            file.write(json.dumps(line) + "\n")
            file.flush()
            os.fsync(file.fileno())

    def read(self) -> tuple[list[Asked], bool]:
        """Return everything asked so far, and whether the last of it was seen to end."""
        asked: list[Asked] = []
        ended = True
        for line in self._path.read_text().splitlines() if self._path.exists() else ():
            try:
                entry = json.loads(line)
            except ValueError:
                continue  # cut off by the kill: nothing was begun yet
            if "asked" in entry:
                fields = entry["asked"]
                hashes = tuple(fields["hashes"])
                asked.append(Asked(fields["what"], tuple(fields["sources"]), hashes, fields["space"], fields["files"]))
            ended = "ended" in entry
        return asked, ended


class Life:
    """``role`` is the program it plays: "ingest" or "app"."""

    def __init__(self, folder: Path, role: str, seed: int) -> None:
        self.folder = folder
        self.role = role
        self.random = random.Random(seed)
        self.log = Log(folder / "asked.jsonl")
        self.documents = folder / "documents"
        self.settings = settings_at(folder / "data")
        self.asked, self.ended = self.log.read()
        self.space = self.asked[-1].space if self.asked else "s0"
        self.counts = folder / "counts.txt"

    def open(self) -> None:
        self.index = Index(self.settings, FakeEmbedder(self.space))  # type: ignore[arg-type]
        self.assistant = Assistant(self.index)
        self.assistant.ingestion._workers = Quick(self.settings)

    def close(self) -> None:
        self.assistant.close()
        self.index.close()

    def count(self, what: str) -> None:
        with self.counts.open("a") as file:
            file.write(what + "\n")

    def live(self) -> None:
        """Run until killed."""
        self.open()
        last = self.asked[-1] if self.asked and not self.ended else None
        self.agree(moving=last is not None and last.what == "re-embed")
        self.count("restarts checked")
        if last is not None:
            self.check_resumed(last)
            self.do(last)  # what the user would do next: ask for it again
            self.check_result()
        stop = Event()
        if self.role == "app":
            for _ in range(2):
                Thread(target=self.chat, args=(stop,), daemon=True).start()
        while True:
            asked = self.next()
            self.log.add(asked)
            self.asked.append(asked)
            self.do(asked)
            self.check_result()
            self.count(f"{asked.what} ended")

    # --- what must hold ---

    def agree(self, *, moving: bool = False) -> None:
        faults = check(self.index).faults
        if moving:  # until the new space is whole, all is still in the old one
            faults = tuple(fault for fault in faults if fault.kind != "vectors of another embedding model")
        assert not faults, faults

    def check_resumed(self, last: Asked) -> None:
        """Check that work that was begun is resumed: each of its sources is in, or waits."""
        if last.what == "re-embed":
            reembed(self.index)  # until then nothing is taken in
        left = self.index.jobs.left()
        done = [
            source for source, digest in zip(last.sources, last.hashes, strict=False) if self.hash(source) == digest
        ]
        if left and last.what != "remove":
            lost = set(last.sources) - set(left) - set(done)
            assert not lost, f"lost: {lost}"
            self.count("interrupted work continued")
        if self.role == "app":
            batch = self.assistant.ingestion.resume()
            if batch:
                batch.finished.wait()
                assert not batch.error, batch.error
        else:
            self.ingest(left)
        assert not self.index.jobs.left()
        self.agree()

    def check_result(self) -> None:
        """Check after something ended: exactly what was asked for is in, and everything agrees."""
        self.log.ended()
        expected: dict[str, str] = {}
        for asked in self.asked:
            for position, source in enumerate(asked.sources):
                if asked.what == "remove":
                    expected.pop(source, None)
                else:
                    expected[source] = asked.hashes[position]
        found = {source.source: source.content_hash for source in self.index.catalog.sources()}
        assert found == expected, {name: (found.get(name), expected.get(name)) for name in {*found, *expected}}
        for source in found:
            texts = " ".join(chunk.text for chunk in self.index.catalog.chunks_of(source))
            marker = Path(source).read_text().split()[-1]
            assert marker in texts, f"{source} is not what its file holds"
        uploaded = {str(path) for path in self.index.uploads.glob("*/*")}
        aside = {one.source.source for one in self.index.removed.all(OPERATOR)}  # may come back
        assert uploaded == {name for name in {*found, *aside} if "/uploads/" in name}
        self.agree()

    def hash(self, source: str) -> str:
        known = self.index.catalog.source(source)
        return known.content_hash if known else ""

    def chat(self, stop: Event) -> None:
        chain = build(self.index, self.settings)
        anchor = str(self.documents / "anchor.md")
        while not stop.is_set():
            if self.index.catalog.source(anchor) is None:
                time.sleep(0.1)
                continue
            try:
                turn = chain.invoke(Turn(question=QUESTION))
            except Exception:  # noqa: BLE001  whatever it is, it is what we look for
                self.fail(f"a chat failed: {traceback.format_exc()}")
            if "Solvang" not in turn.answer:
                self.fail(f"a chat was answered {turn.answer!r}")
            self.count("chats answered")

    def fail(self, why: str) -> None:
        with (self.folder / "failures.txt").open("a") as file:
            file.write(f"{self.role} {os.getpid()}: {why}\n")
        os._exit(3)

    # --- what is asked ---

    def next(self) -> Asked:
        """Think of something new to do."""
        known = sorted({source.source for source in self.index.catalog.sources()} - {str(self.documents / "anchor.md")})
        choices = ["ingest", "ingest", "re-ingest", "replace", "remove"]
        choices += ["upload"] * 2 if self.role == "app" else ["re-embed"]
        what = self.random.choice(choices)
        if what == "re-embed":
            self.space = f"s{int(self.space[1:]) + 1}"
            self.close()
            self.open()
            return Asked("re-embed", (), (), self.space, {})
        if what == "remove" and len(known) > 3:
            return Asked("remove", tuple(self.random.sample(known, 1)), (), self.space, {})
        if what == "upload":
            named = [self.folder / f"upload-{self.random.randrange(10**9)}.md" for _ in range(3)]
            files = {str(file): self.text(file.name, anew=True) for file in named}
            digests = _digests(files)
            kept = [
                str(self.index.uploads / digest[:12] / file.name) for file, digest in zip(named, digests, strict=True)
            ]
            return Asked("upload", tuple(kept), digests, self.space, files)
        paths = self.random.sample([self.documents / f"{n}.md" for n in range(FILES)], 4)
        files = {str(self.documents / "anchor.md"): f"# Lighthouse\n\n{ANCHOR}\n\nanchor\n"}
        for path in paths:
            files[str(path)] = self.text(path.name, anew=what == "replace" or not path.exists(), old=path)
        return Asked("ingest", tuple(files), _digests(files), self.space, files)

    def text(self, name: str, *, anew: bool, old: Path | None = None) -> str:
        """Return sections with tables, some of them the same in several files; its last word is one of a kind."""
        marker = f"m{self.random.randrange(10**9)}"
        if not anew and old is not None:
            kept = old.read_text().rsplit("\n", 2)[0]
            return f"{kept}\n\nAdded later {self.random.randrange(10**6)}.\n{marker}\n"
        parts = [f"# Notes {name}"]
        for number in range(self.random.randrange(2, 9)):
            shared = self.random.randrange(4)
            parts.append(f"## Section {number}\n\nThe weir number {self.random.randrange(10**6)} stood still. " * 3)
            parts.append(f"| Year | Turbines |\n|---|---|\n| 2024 | {shared} |\n| 2025 | {shared + 1} |")
        return "\n\n".join([*parts, marker]) + "\n"

    # --- how it is done ---

    def do(self, asked: Asked) -> None:
        for path, text in asked.files.items():
            Path(path).write_text(text)
        if asked.what == "re-embed":
            reembed(self.index)
        elif asked.what == "remove":
            for source in asked.sources:
                self.assistant.remove(source, OPERATOR)
        elif asked.what == "upload":
            names = [self.folder / Path(source).name for source in asked.sources]
            kept = keep_uploads([str(name) for name in names if name.exists()], self.index.uploads, 10)
            self.start(sorted({*kept, *(source for source in asked.sources if Path(source).exists())}))
        elif self.role == "app":
            self.start(asked.sources)
        else:
            self.ingest(asked.sources)

    def start(self, sources: Sequence[str]) -> None:
        batch = self.assistant.ingestion.start(sources)
        batch.finished.wait()
        assert not batch.error, batch.error
        failed = {name: outcome.error for name, outcome in batch.outcomes.items() if outcome.status == "failed"}
        assert not failed, failed
        assert set(batch.outcomes) == set(sources)

    def ingest(self, sources: Sequence[str]) -> None:
        for outcome in ingest(self.index, sources, workers=Quick(self.settings)):
            assert outcome.status != "failed", outcome.error


def _digests(files: Mapping[str, str]) -> tuple[str, ...]:
    return tuple(hashlib.sha256(text.encode()).hexdigest() for text in files.values())


def run(folder: Path, role: str, seed: int) -> None:
    """Run a life in this process; write what goes wrong to ``failures.txt``."""
    life = Life(folder, role, seed)
    try:
        life.live()
    except Exception:  # noqa: BLE001  whatever it is, it is what we look for
        life.fail(traceback.format_exc())
