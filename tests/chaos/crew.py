"""The workers of a run: started, killed, paused, and started again when they end, as their supervisor would."""

from __future__ import annotations

import asyncio
import signal
import sys
from collections import Counter
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Final, Self

from chaos.children import environment
from chaos.worker import CONTROL, INDEX_PORT
from streams.settings import Settings, environment_of

_PAUSE_S: Final = 0.5
_STOPS_WITHIN_S: Final = 40.0


@dataclass
class Worker:
    """One place in the crew, with one process after the other.

    Args:
        name: of its log.
        settings: of its processes.
        extra: further variables of theirs.
        log: for what they print.
    """

    name: str
    settings: Settings
    extra: dict[str, str]
    log: Path
    ends: Counter[int] = field(default_factory=Counter)
    process: asyncio.subprocess.Process | None = field(default=None, init=False)
    _keeping: asyncio.Task[None] | None = field(default=None, init=False)

    @property
    def runs(self) -> bool:
        return self.process is not None and self.process.returncode is None

    @property
    def process_id(self) -> int | None:
        return self.process.pid if self.process is not None else None

    def begin(self) -> None:
        """Keep one process running from now on."""
        self._keeping = asyncio.create_task(self._keep())

    async def leave(self) -> None:
        """End it as an operator does, and start no other."""
        if self._keeping is not None:
            self._keeping.cancel()
            self._keeping = None
        if self.process is not None and self.runs:
            self.tell(signal.SIGCONT)
            self.tell(signal.SIGTERM)
            with suppress(TimeoutError):
                async with asyncio.timeout(_STOPS_WITHIN_S):
                    await self.process.wait()
            self.tell(signal.SIGKILL)
            await self.process.wait()

    def tell(self, number: signal.Signals) -> None:
        if self.process is not None and self.runs:
            with suppress(ProcessLookupError):
                self.process.send_signal(number)

    async def _keep(self) -> None:
        while True:
            with self.log.open("ab") as log:
                self.process = await asyncio.create_subprocess_exec(
                    sys.executable,
                    "-m",
                    "chaos.worker",
                    env={**environment(), **environment_of(self.settings), **self.extra},
                    stdin=asyncio.subprocess.PIPE,
                    stdout=log,
                    stderr=log,
                    start_new_session=True,
                )
            self.ends[await self.process.wait()] += 1
            await asyncio.sleep(_PAUSE_S)


class Crew:
    """`async with Crew(...) as crew`: its first worker talks to the brokers through proxies.

    Args:
        folder: for logs and journals.
        direct: settings of workers that are never cut off.
        cuttable: settings of the one that can be.
        control: file of the index's troubles.
        index_port: of the index host; None for the server that the settings name.
    """

    def __init__(
        self, folder: Path, direct: Settings, cuttable: Settings, control: Path, index_port: int | None
    ) -> None:
        self._folder, self._direct = folder, direct
        self._extra = {CONTROL: str(control), **({INDEX_PORT: str(index_port)} if index_port else {})}
        self.cuttable = self._worker("worker-0", cuttable)
        self.workers = [self.cuttable, self._worker("worker-1", direct)]
        self.gone: list[Worker] = []

    async def __aenter__(self) -> Self:
        for one in self.workers:
            one.begin()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        await asyncio.gather(*(one.leave() for one in self.workers))

    def add(self) -> Worker:
        """One more worker."""
        one = self._worker(f"worker-{len(self.workers) + len(self.gone)}", self._direct)
        self.workers.append(one)
        one.begin()
        return one

    async def remove(self, one: Worker) -> None:
        """One worker less."""
        self.workers.remove(one)
        self.gone.append(one)
        await one.leave()

    def ends(self) -> Counter[int]:
        """How often a process ended, by exit code; negative ones are signals."""
        return sum((one.ends for one in (*self.workers, *self.gone)), Counter())

    def _worker(self, name: str, settings: Settings) -> Worker:
        # every other one has its encoder in a child, which some of the titles end instead
        other = int(name.rpartition("-")[2]) % 2 == 1
        update = {"attempts_path": self._folder / "attempts", "encoder_process": other}
        shared = settings.model_copy(update=update)
        return Worker(name, shared, self._extra, self._folder / f"{name}.log")
