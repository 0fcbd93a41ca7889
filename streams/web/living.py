"""The generation that is live, as the page reads it: its index, its bundle, and the encoder for what people ask."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from typing import Final, Protocol

from encoders.bundle import Bundle, read_bundle
from encoders.loading import load_encoder
from encoders.types import Encoder, Modality
from streams.brokers.roster import RosterWatch
from streams.errors import BrokerError
from streams.events.generations import Roster
from streams.index.opening import open_reader
from streams.index.port import IndexReader
from streams.reindex.joining import known_generation
from streams.reindex.shaping import settings_of
from streams.settings import Settings
from streams.web.search.embedding import QueryEncoder

__all__ = ["Live", "Living", "living"]

_KEPT: Final = 2
"""The one before stays open: searches in it may be under way, and a rollback makes it live again."""
_RETRY_S: Final = 5.0

OpenReader = Callable[[Settings, Mapping[Modality, int]], Awaitable[IndexReader]]


class Watched(Protocol):
    """Who knows the roster, see `streams.brokers.roster.RosterWatch`."""

    roster: Roster


@dataclass(frozen=True, slots=True)
class Live:
    """What reads one generation.

    Args:
        settings: that it was begun with.
        bundle: likewise.
        reader: of its index.
        encoder: of words and photos; it loads its models when it is first asked.
    """

    settings: Settings
    bundle: Bundle
    reader: IndexReader
    encoder: QueryEncoder

    async def close(self) -> None:
        """Let go of the index and the models."""
        await self.reader.close()
        await self.encoder.close()


class Living:
    """Gives what reads the live generation, and another one as soon as another generation is live.

    Args:
        settings: of this process.
        watched: says which generation is live; None where there is but the one that settings name.
        open_reader: see `streams.index.opening.open_reader`.
        load: see `encoders.loading.load_encoder`.
    """

    def __init__(
        self,
        settings: Settings,
        watched: Watched | None,
        open_reader: OpenReader = open_reader,
        load: Callable[..., Encoder] = load_encoder,
    ) -> None:
        self._settings, self._watched, self._open_reader, self._load = settings, watched, open_reader, load
        self._open: dict[str, Live] = {}
        self._turn = asyncio.Lock()

    async def now(self) -> Live:
        """What reads the generation that is live now.

        Raises:
            SettingsError: a setting that it was begun with can't be used any more.
            BundleError: its bundle is not here.
            VectorIndexError: its index can't be opened.
        """
        settings = self._live_settings()
        async with self._turn:
            found = self._open.pop(settings.generation, None) or await self._opened(settings)
            self._open[settings.generation] = found
            while len(self._open) > _KEPT:
                await self._open.pop(next(iter(self._open))).close()
        return found

    async def close(self) -> None:
        """Let go of everything."""
        while self._open:
            await self._open.popitem()[1].close()

    def _live_settings(self) -> Settings:
        roster = None if self._watched is None else self._watched.roster
        if roster is None or roster.live is None:
            return self._settings
        # while one is exchanged for another, none is live: the one before still answers
        name = roster.live.generation or next(reversed(self._open), roster.live.coming)
        return settings_of(self._settings, known_generation(roster, name))

    async def _opened(self, settings: Settings) -> Live:
        bundle = await asyncio.to_thread(read_bundle, settings.bundle)
        reader = await self._open_reader(settings, bundle.dimensions)
        return Live(settings, bundle, reader, QueryEncoder(bundle, settings, self._load))


@asynccontextmanager
async def living(settings: Settings) -> AsyncIterator[Living]:
    """The live generation, followed as long as the block runs."""
    async with AsyncExitStack() as stack:
        roster = None if settings.broker_embedded else RosterWatch(settings)
        found = Living(settings, roster)
        stack.push_async_callback(found.close)
        if roster is not None:
            following = asyncio.create_task(_follow(roster))
            stack.push_async_callback(_ended, following)
        yield found


async def _follow(roster: RosterWatch) -> None:
    while True:
        try:
            await roster.run()
        except BrokerError:  # topics that nobody has made yet
            await asyncio.sleep(_RETRY_S)


async def _ended(task: asyncio.Task[None]) -> None:
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
