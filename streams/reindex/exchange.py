"""Exchanging the live generation for another, step by step.

Each step is on the roster before what it says is done, and may be done any number of times: an exchange that was
cut off anywhere is carried on with by whoever runs it again.

1. The old generation is told to be silent; when all its workers are past that, the public topics stand still.
2. The new one hears them to their end: then it knows of each listing and product what subscribers know.
3. Its workers are told that they are live. Readers of the index get its collection by the alias.
4. It tells what it sees otherwise, and nothing else.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Final

from streams.brokers.commits import TAKEOVER, place_of
from streams.brokers.groups import lag_of, new_group_reader
from streams.brokers.roster import read_roster, write_live
from streams.brokers.topics import Aside, Topics, group_of
from streams.errors import UnknownGenerationError
from streams.events.clock import utc_now
from streams.events.generations import Live, Step
from streams.index.live import move_live_alias
from streams.reindex.joining import known_generation
from streams.reindex.progress import copies
from streams.reindex.shaping import settings_of
from streams.reindex.waiting import TELLING, Say, pass_barriers, until
from streams.settings import Settings
from streams.stages.takeover import is_through

__all__ = ["Exchange", "carry_on"]


@dataclass(frozen=True, slots=True)
class Exchange:
    """An exchange that is under way.

    Args:
        settings: of this process; the generations' own come from the roster.
        live: what the roster says.
        say: is told what is done, and what is waited for.
    """

    settings: Settings
    live: Live
    say: Say

    async def settings_of(self, name: str) -> Settings:
        """Those of a generation on the roster."""
        return settings_of(self.settings, known_generation(await read_roster(self.settings), name))

    async def next(self, live: Live) -> Exchange:
        """Put the next step on the roster."""
        await write_live(self.settings, live)
        return replace(self, live=live)


async def carry_on(exchange: Exchange) -> Live:
    """Do all that is left of an exchange; what the roster says in the end.

    Raises:
        UnknownGenerationError: the generation that is to be live is not on the roster.
        BrokerUnavailableError: no broker answers; run it again.
        VectorIndexError: the alias can't be moved.
    """
    while exchange.live.step is not Step.SETTLED:
        exchange = await _STEPS[exchange.live.step](exchange)
    return exchange.live


async def _withdraw(exchange: Exchange) -> Exchange:
    live = exchange.live
    if live.previous:
        try:
            before = await exchange.settings_of(live.previous)
        except UnknownGenerationError:
            pass  # it was dropped, with all its workers
        else:
            exchange.say(f"telling the workers of '{live.previous}' to publish nothing more")
            await pass_barriers(before, f"'{live.coming}' will be live", exchange.say)
    coming = await exchange.settings_of(live.coming)
    await _until_copied(coming, exchange.say)
    exchange.say(f"'{live.coming}' hears what subscribers know, to its end")
    for aside, topic in Topics(coming).followed().items():
        await _until_read(coming, topic.name, aside, exchange.say)
    return await exchange.next(
        replace(
            live,
            generation=live.coming,
            coming="",
            promotion=live.promotion + 1,
            step=Step.ANNOUNCED,
            past=tuple(sorted({*live.past, live.previous, live.coming} - {""})),
            at=utc_now(),
        )
    )


async def _until_copied(settings: Settings, say: Say) -> None:
    """Wait for the embeddings that the other generation has made by now: what comes later this one embeds, too."""
    roster = await read_roster(settings)
    generation = known_generation(roster, settings.generation)
    if not copies(roster, generation):
        return
    say(f"'{settings.generation}' copies the embeddings of '{generation.origin}', to their end")
    topic = Topics(settings_of(settings, known_generation(roster, generation.origin))).embeddings.name
    group = group_of(settings, Aside.COPY)
    async with new_group_reader(settings) as reader:
        ends = await reader.ends(topic)

        async def copied() -> bool:
            done = await reader.committed(topic, group)
            return all(done.get(number, 0) >= end for number, end in ends.items()) or not await reader.left(
                topic, group
            )

        await until(copied, lambda: say(f"waiting for the workers of '{settings.generation}' ({Aside.COPY})"))


async def _until_read(settings: Settings, topic: str, aside: Aside, say: Say) -> None:
    group = group_of(settings, aside)

    async def read() -> bool:
        return await lag_of(settings, topic, group) == 0

    await until(read, lambda: say(f"waiting for the workers of '{settings.generation}' ({aside})"))


async def _announce(exchange: Exchange) -> Exchange:
    live = exchange.live
    exchange.say(f"telling the workers of '{live.generation}' that they are live")
    now = await exchange.settings_of(live.generation)
    await pass_barriers(now, f"'{live.generation}' is live", exchange.say)
    await move_live_alias(now)
    return await exchange.next(replace(live, step=Step.TAKING_OVER, at=utc_now()))


async def _take_over(exchange: Exchange) -> Exchange:
    live = exchange.live
    now = await exchange.settings_of(live.generation)
    exchange.say(f"'{live.generation}' tells what it sees otherwise")

    async def through() -> bool:
        return is_through(await place_of(now, TAKEOVER), live.promotion)

    await until(through, lambda: exchange.say(f"waiting for '{live.generation}' to look at every listing"))
    for _ in TELLING:  # what match tells in the first round, group tells in the second
        await pass_barriers(now, f"'{live.generation}' has taken over", exchange.say)
    return await exchange.next(replace(live, step=Step.SETTLED, at=utc_now()))


_STEPS: Final[Mapping[Step, Callable[[Exchange], Awaitable[Exchange]]]] = MappingProxyType(
    {Step.WITHDRAWING: _withdraw, Step.ANNOUNCED: _announce, Step.TAKING_OVER: _take_over}
)
