"""A worker in a process of its own, for commands that need one, and its supervisor."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from collections.abc import Coroutine, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from streams.cli.console import warn
from streams.cli.failures import PREFIX
from streams.cli.worker_progress import WorkerProgress
from streams.errors import MatchstreamError
from streams.settings import Settings, environment_of

_IN_VAIN = 4
_PAUSE_S = 1.0
_STOPS_WITHIN_S = 60.0
# Without -P, modules are looked for in whatever folder the user is in.
COMMAND = (sys.executable, "-P", "-m", "streams.cli.main", "worker", "--until-stdin-ends")
"""A worker of all stages; `--stages` may follow."""


class WorkerEndedError(MatchstreamError):
    """A worker that can't begin, or keeps ending."""


class LocalWorker:
    """`matchstream worker` as a child process: started again when it ends, as long as it gets on.

    One that ended a few times in a row without having got on is given up, and one that never came to
    work is not started again: what keeps it from beginning stays. It ends with this process, however
    that ends.

    Args:
        settings: its settings.
        log: file for what it prints.
        command: what runs in the child process.
    """

    def __init__(self, settings: Settings, log: Path, command: Sequence[str] = COMMAND) -> None:
        """Start nothing yet."""
        self._settings, self._log, self._command = settings, log, command
        self._process: asyncio.subprocess.Process | None = None
        self._watch: asyncio.Task[None] | None = None
        self.starts = 0
        """How often one was started so far."""

    @property
    def process_id(self) -> int | None:
        """Of the process that runs now, None between two."""
        running = self._process is not None and self._process.returncode is None
        return self._process.pid if self._process is not None and running else None

    async def __aenter__(self) -> Self:
        """Start the first one."""
        self._log.parent.mkdir(parents=True, exist_ok=True)
        if self._settings.heartbeat_file is not None:
            self._settings.heartbeat_file.unlink(missing_ok=True)
        self._process = await self._start()
        self._watch = asyncio.create_task(self._supervise(self._process))
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        """Let it finish the batch in hand, and end it if it does not."""
        if self._watch is not None:
            self._watch.cancel()
        process = self._process
        if process is None or process.returncode is not None:
            return
        process.send_signal(signal.SIGTERM)
        try:
            await asyncio.wait_for(process.wait(), _STOPS_WITHIN_S)
        except TimeoutError:
            process.kill()
            await process.wait()

    async def given_up(self) -> None:
        """Wait until it is not started again.

        Raises:
            WorkerEndedError: always, at the end.
        """
        if self._watch is not None:
            await asyncio.shield(self._watch)

    async def while_it_runs(self, work: Coroutine[Any, Any, None]) -> None:
        """Do the work to its end.

        Raises:
            WorkerEndedError: the worker has ended before and is not started again.
        """
        tasks = {asyncio.ensure_future(work), asyncio.ensure_future(self.given_up())}
        try:
            done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
            for one in done:
                one.result()
        finally:
            for one in tasks:
                one.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    async def _supervise(self, process: asyncio.subprocess.Process) -> None:
        code = await process.wait()
        progress = WorkerProgress(self._settings)
        while self._has_worked():
            await progress.ended()
            if progress.in_vain == _IN_VAIN:
                break
            warn(f"the worker ended with code {code} and is started again; its log is {self._log}")
            await asyncio.sleep(_PAUSE_S * progress.in_vain)
            self._process = process = await self._start()
            code = await process.wait()
        often = f", the last of {self.starts}" if self.starts > 1 else ""
        raise WorkerEndedError(
            "worker",
            got=f"ended with code {code}{often} ({self._last_words()})",
            wanted="one that runs",
            remedy=f"read its log, {self._log}",
        )

    def _has_worked(self) -> bool:
        return self._settings.heartbeat_file is None or self._settings.heartbeat_file.exists()

    async def _start(self) -> asyncio.subprocess.Process:
        with self._log.open("ab") as log:
            process = await asyncio.create_subprocess_exec(
                *self._command,
                # Its last words are read here.
                env={**os.environ, **environment_of(self._settings.model_copy(update={"log_format": "text"}))},
                stdin=asyncio.subprocess.PIPE,  # ends with this process, even when that is killed
                stdout=log,
                stderr=log,
                # Its own session: a Ctrl-C at the terminal is for the command, which then ends the worker.
                start_new_session=True,
            )
        self.starts += 1
        return process

    def _last_words(self) -> str:
        lines = self._log.read_text(errors="replace").strip().splitlines()[-1:]
        return "".join(lines).strip().removeprefix(PREFIX) or "without a word"
