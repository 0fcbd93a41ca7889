"""`matchstream bench broker`: what the loop around a stage costs beside the plainest loop there is."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Annotated

import typer

from streams.benchmarks import in_turns
from streams.brokers.admin import create_topics, delete_topics
from streams.brokers.embedded import EMBEDDED_OVERRIDES, EmbeddedBroker, ensure_topics
from streams.brokers.producer import Publisher
from streams.brokers.topics import Topics
from streams.cli.bench.broker_told import (
    FORWARDS,
    PLAIN,
    PLAIN_FORWARDS,
    STAGE,
    Listing,
    Measured,
    listing_ms_of,
    report_of,
)
from streams.cli.bench.loops import Loop, Watched, forwarding, nothing, plain_loop, stage_loop
from streams.cli.bench.shown import Json, Rounds, tell
from streams.cli.console import err
from streams.errors import SettingsError
from streams.events import Message
from streams.settings import Settings, load_settings

_KEPT_BYTES = 12_000_000
"""The embedded broker forgets more, in four partitions."""
_AROUND_EACH = 100
_BATCHES = 10
# Beside the sources; without them nothing is known of what a listing takes here.
_PIPELINE = Path("docs/benchmarks/pipeline.json")


def bench_broker(  # noqa: PLR0913 - each option is one choice of the user's
    messages: Annotated[int, typer.Option(metavar="N", min=1000, help="Read so many in each loop.")] = 20_000,
    size: Annotated[int, typer.Option("--bytes", metavar="N", min=1, help="Size of each message.")] = 600,
    rounds: Rounds = 5,
    *,
    embedded: Annotated[bool, typer.Option("--embedded", help="On a broker in memory; it is slow to answer.")] = False,
    per_listing: Annotated[
        float, typer.Option(metavar="N", min=0, help="So many messages of all topics come of one listing.")
    ] = 10.0,
    listing_ms: Annotated[
        float | None,
        typer.Option(metavar="MS", min=0.001, help=f"So long one listing takes in all; else that of {_PIPELINE}."),
    ] = None,
    json: Json = None,
) -> None:
    """Measure the loop that reads a topic for a stage, beside a plain one, on the same messages.

    On the broker of the settings, under topics that are removed again. One stage does nothing, another sends each
    message on. What counts is the time of processors: the clock counts the broker's work as well.
    """
    if embedded and messages * (size + _AROUND_EACH) > _KEPT_BYTES:
        fewer = _KEPT_BYTES // (size + _AROUND_EACH)
        raise typer.BadParameter(f"the broker in memory keeps about {fewer} messages of {size} bytes: give --messages")
    settings = load_settings()
    _ensure_enough(messages, settings.batch_size)
    listing = Listing(per_listing, listing_ms or listing_ms_of(_PIPELINE))
    measured = asyncio.run(_Bench(settings, messages, size).measured(rounds, embedded=embedded))
    measured = replace(measured, listing=listing)
    options = {"messages": messages, "bytes": size, "rounds": rounds, "embedded": embedded}
    tell(report_of(measured, options), json)


def _ensure_enough(messages: int, batch_size: int) -> None:
    """The first tenth does not count, and a batch that holds all messages would leave nothing that does."""
    if messages < _BATCHES * batch_size:
        raise SettingsError(
            f"--messages {messages}",
            got=f"fewer than {_BATCHES} batches of {batch_size}",
            wanted=f"at least {_BATCHES * batch_size}",
            remedy="give more, or lower MATCHSTREAM_BATCH_SIZE",
        )


@dataclass
class _Bench:
    settings: Settings
    messages: int
    size: int
    processor_us: dict[str, list[float]] = field(default_factory=dict)

    async def measured(self, rounds: int, *, embedded: bool) -> Measured:
        async with _place(self.settings, embedded=embedded) as here:
            await self._publish(here)
            cases = {name: self._case(name, loop, here) for name, loop in _LOOPS.items()}
            per_s = await asyncio.to_thread(in_turns, cases, rounds, uncounted=1, on_measured=_tell_progress)
        return Measured(here.batch_size, per_s, {name: values[-rounds:] for name, values in self.processor_us.items()})

    async def _publish(self, here: Settings) -> None:
        topic, value = Topics(here).listings.name, secrets.token_bytes(self.size)
        async with Publisher(here) as publisher:
            await publisher.publish_all(Message(topic, b"%d" % number, value) for number in range(self.messages))

    def _case(self, name: str, loop: Loop, here: Settings) -> Callable[[], float]:
        return lambda: asyncio.run(self._once(name, loop, here))

    async def _once(self, name: str, loop: Loop, here: Settings) -> float:
        async with Publisher(here) as publisher:
            work = forwarding(publisher, here) if name in {FORWARDS, PLAIN_FORWARDS} else nothing
            watched = Watched(self.messages, work)
            await loop(here, watched)
        self.processor_us.setdefault(name, []).append(1e6 * watched.processor_s / watched.counted)
        return watched.counted / watched.wall_s


_LOOPS: Mapping[str, Loop] = {
    PLAIN: plain_loop,
    STAGE: stage_loop,
    PLAIN_FORWARDS: plain_loop,
    FORWARDS: stage_loop,
}


@asynccontextmanager
async def _place(settings: Settings, *, embedded: bool) -> AsyncIterator[Settings]:
    """A broker, with topics of its own.

    Raises:
        BrokerUnavailableError: no broker answers.
    """
    name = f"bench-{secrets.token_hex(4)}"
    here = settings.model_copy(update={"topic_prefix": f"{settings.topic_prefix}{name}.", "generation": name})
    if embedded:
        async with EmbeddedBroker() as broker:
            here = here.model_copy(update={**EMBEDDED_OVERRIDES, "brokers": broker.address})
            await ensure_topics(broker.address, [topic.name for topic in Topics(here)])
            yield here
        return
    await create_topics(here)
    try:
        yield here
    finally:
        await delete_topics(here)


def _tell_progress(name: str, per_s: float) -> None:
    err.print(f"{name}: {per_s:,.0f} messages/s")
