"""How far a generation is: how much of what it is filled from is in its index, and who is behind with what."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass, replace

from streams.brokers.groups import GroupReader
from streams.brokers.topics import Aside, StageName, Topics, group_of
from streams.events.generations import Generation, Roster, Source
from streams.reindex.joining import known_generation
from streams.reindex.sources import sources_of
from streams.settings import Settings

__all__ = ["Look", "Reading", "being_filled", "copies", "look", "rate", "time_left_s"]


@dataclass(frozen=True, slots=True)
class Reading:
    """One reader of a generation.

    Args:
        reader: a stage, or what is read besides while the generation is not live.
        topic: that it reads.
        behind: messages it has not acknowledged.
        workers: how many processes read it now.
    """

    reader: str
    topic: str
    behind: int
    workers: int


@dataclass(frozen=True, slots=True)
class Look:
    """How far a generation was at one moment.

    Args:
        at_s: of a clock that only goes on.
        source: the topic it is filled from.
        done: how much of that has gone through the index stage; it goes by offsets, of which compaction leaves fewer.
        total: how much there was.
        readings: in the order of the flow.
    """

    at_s: float
    source: str
    done: int
    total: int
    readings: tuple[Reading, ...]

    @property
    def share(self) -> float:
        """Of 1."""
        return self.done / self.total if self.total else 1.0

    @property
    def behind(self) -> int:
        """Messages that its readers have not acknowledged, together."""
        return sum(one.behind for one in self.readings)

    @property
    def idle(self) -> tuple[str, ...]:
        """Readers that no worker runs."""
        return tuple(one.reader for one in self.readings if not one.workers)


def being_filled(roster: Roster) -> Generation | None:
    """The generation that was begun last and never was live."""
    known = {roster.live.generation, roster.live.previous} if roster.live else set()
    others = [one for one in roster.generations.values() if one.name not in known]
    return max(others, key=lambda one: one.begun_at, default=None)


async def look(reader: GroupReader, settings: Settings, roster: Roster) -> Look:
    """Look once at the generation that settings name.

    Raises:
        UnknownGenerationError: it is not on the roster.
        TopicMissingError: one of its topics does not exist.
        BrokerUnavailableError: no broker answers.
    """
    generation = known_generation(roster, settings.generation)
    if not copies(roster, generation):
        generation = replace(generation, source=Source.LISTINGS)
    topics = _read(settings, generation, live=roster.is_live(generation.name))
    workers = await reader.members([group_of(settings, one) for one in topics])
    behind = {one: await reader.left(topic, group_of(settings, one)) for one, topic in topics.items()}
    readings = [
        Reading(str(one), topic, behind[one], workers[group_of(settings, one)]) for one, topic in topics.items()
    ]
    source = sources_of(settings, generation)[0]
    read, total = await _filled(reader, settings, generation, source)
    return Look(time.monotonic(), source, max(0, read - behind[StageName.INDEX]), total, tuple(readings))


def copies(roster: Roster, generation: Generation) -> bool:
    """Whether its workers copy the embeddings of another one: not once it was live, nor when that one is gone."""
    was_live = roster.live is not None and generation.name in {roster.live.generation, *roster.live.past}
    return generation.source is Source.EMBEDDINGS and generation.origin in roster.generations and not was_live


def rate(first: Look, second: Look) -> float:
    """What became of it between two looks, in messages a second."""
    return (second.done - first.done) / max(second.at_s - first.at_s, 1e-9)


def time_left_s(last: Look, per_second: float) -> float | None:
    """How long it takes at that rate; None if it does not go on."""
    if last.done >= last.total:
        return 0.0
    return (last.total - last.done) / per_second if per_second > 0 else None


def _read(settings: Settings, generation: Generation, *, live: bool) -> dict[StageName | Aside, str]:
    """Who reads which topic."""
    topics = Topics(settings)
    found: dict[StageName | Aside, str] = {stage: topic.name for stage, topic in topics.inputs().items()}
    if not live:
        found |= {aside: topic.name for aside, topic in topics.followed().items()}
    if generation.source is Source.EMBEDDINGS:
        found[Aside.COPY] = sources_of(settings, generation)[0]
    return found


async def _filled(reader: GroupReader, settings: Settings, generation: Generation, source: str) -> tuple[int, int]:
    """How much of the source was read by whoever reads it, and how much there is to be read."""
    starts = await reader.starts(source)
    if generation.source is Source.EMBEDDINGS:
        ends: Mapping[int, int] = generation.bounds
        done = await reader.committed(source, group_of(settings, Aside.COPY))
    else:
        ends = await reader.ends(source)
        done = await reader.committed(source, group_of(settings, StageName.EMBED))
    spans = [(starts.get(number, 0), end, done.get(number, 0)) for number, end in ends.items()]
    read = sum(max(0, min(place, end) - start) for start, end, place in spans)
    return read, sum(max(0, end - start) for start, end, _ in spans)
