"""Beginning an exchange of the live generation: what is looked at before, and what is refused."""

from __future__ import annotations

import time
from dataclasses import dataclass, replace
from typing import Final

from encoders.bundle import read_bundle
from streams.brokers.groups import new_group_reader
from streams.brokers.roster import read_roster, write_live
from streams.errors import (
    ChangeTooLargeError,
    GenerationInUseError,
    StageBehindError,
    UnknownGenerationError,
    VectorIndexError,
)
from streams.events.clock import utc_now
from streams.events.generations import Live, Roster, Step
from streams.index.live import check_exists, collection_name
from streams.index.opening import backup_index
from streams.reindex.difference import read_list_difference
from streams.reindex.exchange import Exchange, carry_on
from streams.reindex.joining import known_generation
from streams.reindex.planning import live_of
from streams.reindex.progress import Look, look
from streams.reindex.shaping import settings_of
from streams.reindex.waiting import Say, pass_barriers
from streams.settings import Settings

__all__ = ["LAG", "Conditions", "promote", "rollback"]

LAG: Final = 200
"""Messages that all stages together may be behind: with listings coming in, it is hardly ever none."""


@dataclass(frozen=True, slots=True)
class Conditions:
    """What a promotion is refused for, and what is done before it.

    Args:
        most_change: the largest share of pairs that may change; None for any.
        lag: how far the stages may be behind, together.
        backup: whether the live index is copied before.
    """

    most_change: float | None = 0.1
    lag: int = LAG
    backup: bool = True


async def promote(settings: Settings, name: str, conditions: Conditions, say: Say) -> Live:
    """Make a generation the live one, or carry on with that where it was cut off.

    Args:
        settings: of this process.
        name: the generation.
        conditions: what it is refused for.
        say: is told what is done.

    Raises:
        UnknownGenerationError: it is not on the roster.
        GenerationInUseError: it is live already, or an exchange for another one is under way.
        StageBehindError: it is behind, or a stage of it has no worker.
        ChangeTooLargeError: too many pairs would change.
        BrokerUnavailableError: no broker answers; run it again.
    """
    roster = await read_roster(settings)
    there = settings_of(settings, known_generation(roster, name))
    live = live_of(roster)
    if live.step is Step.SETTLED:
        _refuse_live(live, name)
        await _ensure_ready(there, roster, conditions.lag)
        await _ensure_alike(settings, name, conditions.most_change)
        if conditions.backup:
            await _back_up(settings, roster, live.generation, f"before-{name}", say)
        live = _about_to_be(name, live, previous=live.generation)
        await write_live(settings, live)
    elif live.target != name:
        raise _under_way(live, name)
    return await carry_on(Exchange(settings, live, say))


async def rollback(settings: Settings, say: Say) -> Live:
    """Make the generation live again that was live before, also where its successor is not yet quite live.

    One that was cut off is carried on with.

    Raises:
        UnknownGenerationError: there is none any more.
        StageBehindError: a stage of it has no worker.
        BrokerUnavailableError: no broker answers; run it again.
    """
    roster = await read_roster(settings)
    live = live_of(roster)
    if live.back and live.step is not Step.SETTLED:
        return await carry_on(Exchange(settings, live, say))
    if not live.previous:
        raise UnknownGenerationError(
            f"generation '{live.target}'",
            got="none that was live before it",
            wanted="one that is kept",
            remedy="begin one as it was: 'matchstream reindex start'",
        )
    back = settings_of(settings, known_generation(roster, live.previous))
    await _ensure_workers(back, roster)
    # One that was only about to be live never told anything: nothing has to be taken back from it.
    last = "" if live.step is Step.WITHDRAWING else live.generation
    live = _about_to_be(live.previous, live, previous=last, back=True)
    await write_live(settings, live)
    return await carry_on(Exchange(settings, live, say))


def _about_to_be(name: str, live: Live, *, previous: str, back: bool = False) -> Live:
    return replace(live, generation="", coming=name, previous=previous, step=Step.WITHDRAWING, back=back, at=utc_now())


def _refuse_live(live: Live, name: str) -> None:
    if live.generation == name:
        raise GenerationInUseError(
            f"generation '{name}'",
            got="the live one",
            wanted="another one",
            remedy="nothing is to be done; 'matchstream reindex status' shows all",
        )


def _under_way(live: Live, name: str) -> GenerationInUseError:
    return GenerationInUseError(
        f"generation '{name}'",
        got=f"an exchange for '{live.target}' that is not finished",
        wanted="none",
        remedy=f"finish it with 'matchstream reindex promote {live.target}', or take it back with"
        " 'matchstream reindex rollback'",
    )


async def _ensure_ready(settings: Settings, roster: Roster, lag: int) -> None:
    await check_exists(settings)
    seen = await _ensure_workers(settings, roster)
    if seen.behind > lag:
        raise StageBehindError(
            f"generation '{settings.generation}'",
            got=", ".join(f"{one.reader} {one.behind} behind" for one in seen.readings if one.behind),
            wanted=f"at most {lag} messages together",
            remedy=f"wait for its workers: 'matchstream reindex status {settings.generation}'",
        )


async def _ensure_workers(settings: Settings, roster: Roster) -> Look:
    async with new_group_reader(settings) as reader:
        seen = await look(reader, settings, roster)
    if seen.idle:
        raise StageBehindError(
            f"generation '{settings.generation}'",
            got=f"nobody who runs {', '.join(seen.idle)}",
            wanted="a worker for each stage",
            remedy=f"start one: 'matchstream worker --generation {settings.generation}'",
        )
    return seen


async def _ensure_alike(settings: Settings, name: str, most_change: float | None) -> None:
    if most_change is None:
        return
    share = (await read_list_difference(settings, name)).share
    if share > most_change:
        raise ChangeTooLargeError(
            f"generation '{name}'",
            got=f"{share:.1%} of the pairs would change",
            wanted=f"at most {most_change:.1%}",
            remedy=f"look at them ('matchstream reindex diff {name} -o report.html'), then run this with --yes",
        )


async def _back_up(settings: Settings, roster: Roster, name: str, copy: str, say: Say) -> None:
    before = settings_of(settings, known_generation(roster, name))
    say(f"copying the index of '{name}'")
    where = await backup_index(before, read_bundle(before.bundle).dimensions, copy)
    if where is None:  # its worker has it open, and is asked to
        where = await _copied_by_worker(before, copy, say)
    say(f"copied the index of '{name}': {where}")


async def _copied_by_worker(settings: Settings, copy: str, say: Say) -> str:
    from streams.index.edge_backup import copied_since  # noqa: PLC0415  # see `streams.index.opening`

    asked_s = time.time()
    await pass_barriers(settings, f"copy '{copy}'", say, backup=copy)
    where = copied_since(settings.index_path, collection_name(settings), copy, asked_s - 1)
    if where is None:
        raise VectorIndexError(
            f"copy '{copy}' of the index",
            got="none by its worker",
            wanted="one before anything is changed",
            remedy="look into that worker's log, or run this with --no-backup",
        )
    return str(where)
