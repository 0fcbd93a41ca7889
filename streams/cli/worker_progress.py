"""Whether a worker that keeps ending gets on between its ends."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence

from streams.brokers.lag import StageLag, stage_lags
from streams.errors import BrokerError
from streams.settings import Settings

Lags = Callable[[Settings], Awaitable[Sequence[StageLag]]]


class WorkerProgress:
    """Counts the ends of a worker between which nothing moved.

    What moves is what its stages have acknowledged, and what its journals know of messages that ended a
    process: such a one is found over about ten starts, and nothing is acknowledged before it is.
    """

    def __init__(self, settings: Settings, lags: Lags = stage_lags) -> None:
        """Look at nothing yet.

        Args:
            settings: the worker's.
            lags: tells what its stages have acknowledged.
        """
        self._settings, self._lags = settings, lags
        self._acknowledged: Mapping[tuple[str, int], int | None] = {}
        self._noted: Mapping[str, bytes] = {}
        self.in_vain = 0
        """How often in a row it ended, the last time included, without having got on."""

    async def ended(self) -> None:
        """Look at how far it has come, after it ended."""
        before = self._acknowledged, self._noted
        self._acknowledged, self._noted = await self._read_acknowledged(), self._read_noted()
        self.in_vain = self.in_vain + 1 if before == (self._acknowledged, self._noted) else 1

    async def _read_acknowledged(self) -> Mapping[tuple[str, int], int | None]:
        try:
            lags = await self._lags(self._settings)
        except BrokerError:
            return self._acknowledged
        return {(lag.group, one.partition): one.committed for lag in lags for one in lag.partitions}

    def _read_noted(self) -> Mapping[str, bytes]:
        return {file.name: file.read_bytes() for file in self._settings.attempts_path.glob("*.known")}
