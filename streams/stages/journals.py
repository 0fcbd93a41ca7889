"""The journals of one worker process, in a folder that it may share with other workers."""

from __future__ import annotations

import asyncio
from itertools import count
from pathlib import Path
from types import TracebackType
from typing import Self

from filelock import FileLock, Timeout

from streams.stages.journal import Journal
from streams.stages.known import unwritable


class Journals:
    """The journals of one worker process: `with Journals(folder) as journals`.

    Processes that share a folder have files of their own. A process takes over the first file that
    nobody holds, so that a worker which is started again finds its own notes or those of another one
    that died.

    Attributes:
        turn: held while suspects are worked off, so that one death of a process with several stages
            is blamed on few messages.
        ending: set when this process ends because somebody wants it.
    """

    def __init__(self, folder: Path) -> None:
        """Open nothing yet."""
        self.turn = asyncio.Lock()
        self.ending = asyncio.Event()
        self._folder = folder
        self._locks: list[FileLock] = []
        self._open: list[Journal] = []

    def __enter__(self) -> Self:
        """Nothing is held yet."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        """Whatever ends a process this way, it did not die."""
        self.let_go()
        for lock in self._locks:
            lock.release()

    def of(self, name: str) -> Journal:
        """The journal of that name, with what an earlier process left in it.

        Raises:
            SettingsError: the folder can't be written.
        """
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            journal = Journal(self._free(name))
        except OSError as error:
            raise unwritable(self._folder, error) from error
        self._open.append(journal)
        return journal

    def let_go(self) -> None:
        """See `Journal.let_go`."""
        self.ending.set()
        for journal in self._open:
            journal.let_go()

    def _free(self, name: str) -> Path:
        """The first file of that name which no living process holds."""
        for number in count():
            file = self._folder / f"{name}.{number}.json"
            lock = FileLock(file.with_suffix(".lock"), timeout=0, thread_local=False, fallback_to_soft=False)
            try:
                lock.acquire()
            except Timeout:
                continue
            self._locks.append(lock)
            return file
        raise AssertionError("there is always another number")
