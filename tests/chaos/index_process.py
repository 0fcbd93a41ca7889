"""The index host as a process that can be killed or paused."""

from __future__ import annotations

import asyncio
import signal
import sys
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Final, Self

import orjson

from chaos.children import environment
from chaos.light import DIMENSIONS
from streams.brokers.processes import free_port

_READY_WITHIN_S: Final = 60.0


class IndexProcess:
    """`async with IndexProcess(folder) as host`.

    Args:
        folder: of its data and its log.
    """

    def __init__(self, folder: Path) -> None:
        self.port = free_port()
        self._folder = folder
        self._process: asyncio.subprocess.Process | None = None

    async def __aenter__(self) -> Self:
        self._folder.mkdir(parents=True)
        await self.start()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.tell(signal.SIGCONT)
        await self.kill()

    @property
    def process_id(self) -> int | None:
        return self._process.pid if self._process is not None else None

    async def start(self) -> None:
        """Return when it answers."""
        sizes = orjson.dumps({str(one): size for one, size in DIMENSIONS.items()}).decode()
        with (self._folder / "host.log").open("ab") as log:
            self._process = await asyncio.create_subprocess_exec(
                sys.executable,
                "-m",
                "chaos.index_host",
                str(self._folder / "data"),
                str(self.port),
                sizes,
                env=environment(),
                stdin=asyncio.subprocess.PIPE,
                stdout=asyncio.subprocess.PIPE,
                stderr=log,
                start_new_session=True,
            )
        if self._process.stdout is not None:
            async with asyncio.timeout(_READY_WITHIN_S):
                await self._process.stdout.readline()

    async def kill(self) -> None:
        if self._process is not None:
            self.tell(signal.SIGKILL)
            await self._process.wait()

    def tell(self, number: signal.Signals) -> None:
        if self._process is not None and self._process.returncode is None:
            with suppress(ProcessLookupError):
                self._process.send_signal(number)
