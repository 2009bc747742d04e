"""What is being taken in, by whichever program, and what is left of it when a program ends."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from errors import StoreError
from records import Access
from store import being_read
from store.auth.access import ADMINS
from store.job_files import Job
from store.maintenance.recovery import Recovery
from store.parts import Parts
from store.uploads import is_upload, kept, remove_upload
from store.waiting import cancel, expect, expected


class Jobs:
    """All jobs on a data folder. Safe to use from several threads and programs."""

    def __init__(self, parts: Parts, recovery: Recovery) -> None:
        self._parts = parts
        self._recovery = recovery

    def begin(self, sources: Sequence[str], access: Mapping[str, Access] | None = None) -> Job:
        """Note that ``sources`` are going to be taken in, so that they are if this program is killed, and who may read those
        in ``access``; what is here already, from this moment on. Pass the result to ``end``.

        An upload of which nobody has said it, because this program was killed before it could, is for admins alone.
        """
        catalog, said = self._parts.catalog, dict(access or {})
        with self._recovery.writing():
            for source in sources:
                if source not in said and is_upload(source, self._parts.uploads) and catalog.access(source) is None:
                    said[source] = Access((ADMINS,))
            job = self._parts.job_files.create()
            try:
                expect(catalog, sources, job.name, said)
            except StoreError:
                job.close()
                raise
            return job

    def extend(self, job: Job, sources: Sequence[str]) -> None:
        """Note that ``job`` is going to take ``sources`` in, too, which came up on its way."""
        with self._recovery.writing():
            expect(self._parts.catalog, sources, job.name, {})

    def end(self, job: Job) -> None:
        """End ``job``; sources that were not reached wait for another one. The last to end sweeps up what sources that
        failed have left."""
        job.close(tidy=False)
        self._recovery.repair_if_idle()
        self._recovery.repair_after_deletions()

    def left(self) -> list[str]:
        """Return sources that a program was to take in when it ended, uploaded files that it kept included: unless they are
        this machine's own, for then another may have removed them."""
        catalog, files = self._parts.catalog, self._parts.job_files
        waiting = expected(catalog)
        living = {name for name in set(waiting.values()) if name and files.lives(name)}
        left = [source for source, name in waiting.items() if name not in living]
        if self._parts.own_uploads:
            return left
        known = {*waiting, *(source.source for source in catalog.sources())}
        kept_files = (path for path in kept(self._parts.uploads) if path not in known)
        return [*left, *(path for path in kept_files if not catalog.is_removed(path))]

    def cancel(self, sources: Sequence[str]) -> None:
        """Take ``sources`` in no more; copies of files that are in no source go, and so does that of which the words alone
        are in."""
        with self._recovery.writing():
            cancel(self._parts.catalog, sources)
            for source in sources:
                if not (self._parts.catalog.knows(source) or self._parts.catalog.is_removed(source)):
                    remove_upload(source, self._parts.uploads)
        if being_read.abandoned(self._parts.catalog):
            self._recovery.repair_if_idle()  # else the last job to end does it
