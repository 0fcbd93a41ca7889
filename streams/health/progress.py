"""Whether what is behind gets less: what a stage has committed, look by look.

By what Kafka says was committed, never by what the worker's own consumer knows: one that has silently
stopped fetching a partition believes that there is nothing to fetch.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from typing import Final

from streams.brokers.lag import PartitionLag

_ONE_OF_SEVERAL: Final = 10
"""A consumer may work off a megabyte of each other partition first, so a single one may wait so many times longer."""


@dataclass(frozen=True, slots=True)
class Standstill:
    """Work of which nothing is acknowledged.

    Args:
        partitions: in which it lies.
        lag: how much it is.
        for_s: since when.
        whole_stage: whether the stage has acknowledged nothing elsewhere either.
    """

    partitions: tuple[int, ...]
    lag: int
    for_s: float
    whole_stage: bool


@dataclass(frozen=True, slots=True)
class _Seen:
    """Args: lag and committed offset of a partition at the last look; since when, if there is a lag, both stand."""

    lag: int
    committed: int | None
    since: float


@dataclass
class Progress:
    """How far one stage of this worker gets in the partitions it reads.

    Args:
        limit_s: a stage that has work may acknowledge nothing for so long.
    """

    limit_s: float
    _seen: dict[int, _Seen] = field(default_factory=dict)
    _since: float | None = None

    @property
    def lag(self) -> int:
        """Messages not yet acknowledged, at the last look."""
        return sum(seen.lag for seen in self._seen.values())

    def look(self, own: Collection[PartitionLag], now: float) -> None:
        """Take in how far the partitions are that this worker reads now."""
        before = self._seen
        moved = any(one.partition in before and one.committed != before[one.partition].committed for one in own)
        self._seen = {one.partition: _after(before.get(one.partition), one, now) for one in own}
        if self._since is None or moved or not self.lag:
            self._since = now

    def standstill(self, now: float) -> Standstill | None:
        """What is alarming, if anything."""
        if self._since is None or not self.lag:
            return None
        behind = [number for number, seen in sorted(self._seen.items()) if seen.lag]
        if now - self._since > self.limit_s:
            return self._standstill(behind, now - self._since, whole_stage=True)
        limit_s = self.limit_s * _ONE_OF_SEVERAL
        left = [number for number in behind if now - self._seen[number].since > limit_s]
        return self._standstill(left, max(now - self._seen[one].since for one in left)) if left else None

    def _standstill(self, partitions: Sequence[int], for_s: float, *, whole_stage: bool = False) -> Standstill:
        lag = sum(self._seen[number].lag for number in partitions)
        return Standstill(tuple(partitions), lag, for_s, whole_stage)


def _after(before: _Seen | None, one: PartitionLag, now: float) -> _Seen:
    stands = before is not None and one.lag > 0 and before.lag > 0 and one.committed == before.committed
    return _Seen(one.lag, one.committed, before.since if before is not None and stands else now)
