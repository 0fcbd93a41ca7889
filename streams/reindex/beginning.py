"""Beginning a generation beside the live one.

Its record is written last, and no worker runs for a generation without one. So whatever was done before may be done
once more: a beginning that was cut off anywhere is carried on with by running it again.
"""

from __future__ import annotations

from contextlib import aclosing
from dataclasses import dataclass, replace

from encoders.bundle import read_bundle
from streams.brokers.admin import create_topics
from streams.brokers.client import admin_client
from streams.brokers.failures import broker_errors
from streams.brokers.group_keeping import commit_offsets, delete_groups, groups_of
from streams.brokers.groups import GroupReader, new_group_reader
from streams.brokers.producer import Publisher
from streams.brokers.reader import read_records
from streams.brokers.roster import read_roster, write_generation
from streams.brokers.topics import REFETCH, StageName, Topics, group_of
from streams.errors import GenerationInUseError, IndexMissingError
from streams.events.generations import Generation, Source
from streams.index.live import check_exists
from streams.reindex.planning import Plan, check_name, check_never_heard, check_same_plan, origin_of, planned
from streams.reindex.shaping import settings_of
from streams.reindex.sources import check_whole, deleting, sources_of
from streams.settings import Settings

__all__ = ["Begun", "begin", "has_index", "topics_there"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Begun:
    """What came of a beginning.

    Args:
        generation: as it is on the roster.
        already: it was begun before, and nothing was left to do.
        resumed: it was cut off before.
        photos: so many that are waited for were taken over from the live generation.
        deleting: topics it is filled from whose beginning may go at any time.
    """

    generation: Generation
    already: bool = False
    resumed: bool = False
    photos: int = 0
    deleting: tuple[str, ...] = ()


async def begin(settings: Settings, plan: Plan) -> Begun:
    """Begin a generation, or carry on with one whose beginning was cut off.

    Raises:
        SettingsError: its name or a setting can't be used.
        BundleError: its bundle can't be read.
        UnknownGenerationError: there is no live one to begin it beside.
        GenerationInUseError: the name is taken, or something is left of a generation of that name.
        GenerationSourceError: it can't be filled from that.
        BrokerUnavailableError: no broker answers.
    """
    check_name(plan.name, settings)
    roster = await read_roster(settings)
    if plan.name in roster.generations:
        check_same_plan(roster.generations[plan.name], plan)
        return Begun(generation=roster.generations[plan.name], already=True)
    check_never_heard(roster, plan.name)
    origin = origin_of(roster)
    generation = planned(plan, origin, read_bundle(plan.bundle or origin.bundle))
    there = settings_of(settings, generation)
    resumed = await _nothing_left(there)
    if not plan.gaps:
        await check_whole(settings, generation, origin)
    await delete_groups(there, groups_of(there))
    generation, photos = await _made(settings_of(settings, origin), there, generation)
    await write_generation(settings, generation)
    may_go = await deleting(settings, sources_of(settings, generation))
    return Begun(generation=generation, resumed=resumed, photos=photos, deleting=tuple(may_go))


async def has_index(settings: Settings) -> bool:
    """Whether there is a collection of the generation that settings name.

    Raises:
        IndexUnavailableError: the server does not answer.
    """
    try:
        await check_exists(settings)
    except IndexMissingError:
        return False
    return True


async def topics_there(settings: Settings) -> list[str]:
    """Those topics of the generation that settings name which exist.

    Raises:
        BrokerUnavailableError: no broker answers.
    """
    async with admin_client(settings) as admin:
        with broker_errors(settings):
            there = set(await admin.list_topics())
    return [topic.name for topic in Topics(settings).internal() if topic.name in there]


async def _nothing_left(settings: Settings) -> bool:
    """Whether topics are there, with nothing in them, as a beginning that was cut off leaves them.

    Raises:
        GenerationInUseError: there is more than that.
    """
    topics = await topics_there(settings)
    async with new_group_reader(settings) as reader:
        photos = Topics(settings).refetch.name  # those of the live generation may be there already
        used = [one for one in topics if one != photos and any((await reader.ends(one)).values())]
    if used or await has_index(settings):
        raise GenerationInUseError(
            f"generation '{settings.generation}'",
            got=f"messages in '{used[0]}'" if used else "a collection, though nobody has begun it",
            wanted="nothing of that name",
            remedy=f"remove what is left of it with 'matchstream reindex drop {settings.generation}'",
        )
    return bool(topics)


async def _made(before: Settings, there: Settings, generation: Generation) -> tuple[Generation, int]:
    """Make the topics, as many partitions each as the live generation's have, and have it go on where that one is.

    What that one has acknowledged is read first: whatever it embeds afterwards is embedded by both.
    """
    names = Topics(before)
    async with new_group_reader(before) as reader:
        embedded = await reader.committed(names.listings.name, group_of(before, StageName.EMBED))
        fetched = await _first_photos(reader)
        ends = await reader.ends(names.embeddings.name)
    await create_topics(there.model_copy(update={"partitions": len(ends)}))
    if generation.source is Source.LISTINGS:
        return generation, 0
    await commit_offsets(there, group_of(there, StageName.EMBED), names.listings.name, embedded)
    return replace(generation, bounds=ends), await _take_over_photos(before, there, fetched)


async def _first_photos(reader: GroupReader) -> dict[int, int]:
    """The first record of each partition of `refetch` that is still to be done."""
    topic, group = Topics(reader.settings).refetch.name, group_of(reader.settings, REFETCH)
    return {**await reader.starts(topic), **await reader.committed(topic, group)}


async def _take_over_photos(before: Settings, there: Settings, starts: dict[int, int]) -> int:
    """Have the photos fetched here, too, that are waited for there: by then that generation may be gone."""
    topic, count = Topics(there).refetch.name, 0
    records = read_records(before, Topics(before).refetch.name, starts=starts, until_end=True)
    async with Publisher(there) as publisher, aclosing(records) as waiting:
        async for one in waiting:
            await publisher.send(topic, one.key, one.value, one.headers, partition=one.partition)
            count += 1
    return count
