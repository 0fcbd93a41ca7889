"""Dropping a generation: its topics, groups and collection, and its place on the roster.

The roster forgets it last, so that a drop that was cut off anywhere is carried on with by running it again.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from streams.brokers.admin import remove_topics
from streams.brokers.group_keeping import delete_groups, groups_of
from streams.brokers.groups import new_group_reader
from streams.brokers.roster import read_roster, remove_generation, write_live
from streams.errors import GenerationInUseError
from streams.events.generations import Roster, Step
from streams.index.opening import drop_index
from streams.reindex.beginning import has_index, topics_there
from streams.reindex.joining import known_generation
from streams.reindex.planning import check_name, live_of
from streams.reindex.shaping import settings_of
from streams.settings import Settings

__all__ = ["Dropped", "check_unneeded", "drop"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Dropped:
    """What was dropped.

    Args:
        topics: names of those that were there.
        collection: whether there was one.
        was_previous: it was the one that a rollback would have made live again.
    """

    topics: tuple[str, ...]
    collection: bool
    was_previous: bool


async def drop(settings: Settings, name: str) -> Dropped:
    """Delete all that belongs to a generation alone. It may be run again, also after all is gone but the record.

    Raises:
        UnknownGenerationError: there is nothing of that name.
        GenerationInUseError: it is live or about to be, another one is filled from it, or its workers run.
        IndexLockedError: a process has its embedded index open.
        BrokerUnavailableError: no broker answers.
    """
    check_name(name, settings)
    roster = await read_roster(settings)
    check_unneeded(roster, name)
    there = _settings_there(settings, roster, name)
    topics, collection = await topics_there(there), await has_index(there)
    if name not in roster.generations and not topics and not collection:
        known_generation(roster, name)
    await _check_idle(there)
    was_previous = (live := live_of(roster)).previous == name
    if was_previous:
        await write_live(settings, replace(live, previous=""))
    await drop_index(there)
    await delete_groups(there, groups_of(there))
    await remove_topics(there, topics)
    if name in roster.generations:
        await remove_generation(settings, name)
    return Dropped(topics=tuple(topics), collection=collection, was_previous=was_previous)


def check_unneeded(roster: Roster, name: str) -> None:
    """Return when nobody needs a generation, as far as the roster knows.

    Raises:
        UnknownGenerationError: it does not even know which one is live.
        GenerationInUseError: somebody does.
    """
    live = live_of(roster)
    filled = [one.name for one in roster.generations.values() if one.origin == name and not roster.is_live(one.name)]
    if name == live.generation:
        got, remedy = "the live one", "promote another one first: 'matchstream reindex promote OTHER'"
    elif name == live.coming or (name == live.previous and live.step is not Step.SETTLED):
        got = "part of a promotion that is not finished"
        remedy = f"finish it first: 'matchstream reindex promote {live.target}'"
    elif filled:
        got = f"the one that '{filled[0]}' is filled from"
        remedy = f"promote '{filled[0]}' first, or drop it"
    else:
        return
    raise GenerationInUseError(f"generation '{name}'", got=got, wanted="one that nobody needs", remedy=remedy)


def _settings_there(settings: Settings, roster: Roster, name: str) -> Settings:
    if name in roster.generations:
        return settings_of(settings, roster.generations[name])
    return settings.model_copy(update={"generation": name})


async def _check_idle(settings: Settings) -> None:
    async with new_group_reader(settings) as reader:
        counts = await reader.members(groups_of(settings))
    running = {group: count for group, count in counts.items() if count}
    if running:
        raise GenerationInUseError(
            f"generation '{settings.generation}'",
            got=f"workers that run ({', '.join(sorted(running))})",
            wanted="none",
            remedy="stop them; one that was killed counts for as long as its Kafka session"
            f" ({settings.session_timeout_s:g} s)",
        )
