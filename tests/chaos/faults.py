"""The faults: each breaks something, lets some time pass, and mends it again."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import Awaitable, Callable
from typing import Final

from chaos import faulty_index, images
from chaos.world import SESSION_S, World

Fault = Callable[[World], Awaitable[None]]
"""Returns when what it broke is there again; a process that was killed may still be starting."""

_CREW: Final = 4
_SHORT_S: Final = (0.2, 1.5)
_LONG_S: Final = (SESSION_S + 1.0, SESSION_S + 4.0)


async def worker_killed(world: World) -> None:
    world.dice.choice(world.crew.workers).tell(signal.SIGKILL)


async def worker_paused(world: World) -> None:
    """For less than its session: nobody notices."""
    await _paused_worker(world, _SHORT_S)


async def worker_paused_past_its_session(world: World) -> None:
    """It wakes as a zombie."""
    await _paused_worker(world, _LONG_S)


async def worker_cut_off(world: World) -> None:
    await _cut_off(world, _SHORT_S)


async def worker_cut_off_past_its_session(world: World) -> None:
    await _cut_off(world, _LONG_S)


async def worker_added_or_removed(world: World) -> None:
    """A rebalance in the middle of batches."""
    crew = world.crew
    others = [one for one in crew.workers if one is not crew.cuttable]
    if len(crew.workers) >= _CREW or (len(others) > 1 and world.dice.random() < 0.5):
        await crew.remove(world.dice.choice(others))
    else:
        crew.add()


async def worker_killed_in_a_rebalance(world: World) -> None:
    """One comes or goes, and before partitions are handed over another one dies."""
    await worker_added_or_removed(world)
    await _some_time(world, (0.5, 4.0))
    await worker_killed(world)


async def broker_killed(world: World) -> None:
    broker = world.dice.choice(world.cluster.brokers)
    await asyncio.to_thread(broker.kill)
    await _some_time(world, _SHORT_S)
    broker.start()


async def broker_paused(world: World) -> None:
    await _paused_brokers(world, 1, (0.5, 8.0))


async def two_brokers_paused(world: World) -> None:
    """Fewer replicas in sync than a write needs."""
    await _paused_brokers(world, 2, (0.5, 4.0))


async def index_times_out(world: World) -> None:
    await _index_trouble(world, faulty_index.Trouble.TIMES_OUT)


async def index_refuses(world: World) -> None:
    await _index_trouble(world, faulty_index.Trouble.REFUSES)


async def index_writes_partly(world: World) -> None:
    await _index_trouble(world, faulty_index.Trouble.PARTLY)


async def index_slow(world: World) -> None:
    await _index_trouble(world, faulty_index.Trouble.SLOW)


async def index_killed(world: World) -> None:
    if world.index is not None:
        await world.index.kill()
        await _some_time(world, _SHORT_S)
        await world.index.start()


async def index_paused(world: World) -> None:
    """Past the time limit of calls, sometimes."""
    if world.index is not None:
        world.index.tell(signal.SIGSTOP)
        await _some_time(world, (0.5, 6.0))
        world.index.tell(signal.SIGCONT)


async def image_host_answers_503(world: World) -> None:
    await _image_trouble(world, images.Trouble.ERRORS)


async def image_host_slow(world: World) -> None:
    await _image_trouble(world, images.Trouble.SLOW)


async def image_host_breaks_off(world: World) -> None:
    await _image_trouble(world, images.Trouble.BREAKS_OFF)


KINDS: Final[tuple[tuple[Fault, int], ...]] = (
    (worker_killed, 24),
    (worker_paused, 8),
    (worker_paused_past_its_session, 10),
    (worker_cut_off, 6),
    (worker_cut_off_past_its_session, 6),
    (worker_added_or_removed, 10),
    (worker_killed_in_a_rebalance, 6),
    (broker_killed, 12),
    (broker_paused, 10),
    (two_brokers_paused, 4),
    (index_times_out, 12),
    (index_refuses, 12),
    (index_writes_partly, 14),
    (index_slow, 6),
    (index_killed, 10),
    (index_paused, 8),
    (image_host_answers_503, 8),
    (image_host_slow, 6),
    (image_host_breaks_off, 6),
)
"""With how often each is drawn."""


def name_of(fault: Fault) -> str:
    """In words."""
    return fault.__name__.replace("_", " ")


async def _some_time(world: World, between_s: tuple[float, float]) -> None:
    await asyncio.sleep(world.dice.uniform(*between_s))


async def _paused_worker(world: World, between_s: tuple[float, float]) -> None:
    one = world.dice.choice(world.crew.workers)
    one.tell(signal.SIGSTOP)
    await _some_time(world, between_s)
    one.tell(signal.SIGCONT)


async def _cut_off(world: World, between_s: tuple[float, float]) -> None:
    for proxy in world.proxies:
        proxy.cut()
    await _some_time(world, between_s)
    for proxy in world.proxies:
        proxy.mend()


async def _paused_brokers(world: World, count: int, between_s: tuple[float, float]) -> None:
    some = world.dice.sample(world.cluster.brokers, count)
    for one in some:
        one.tell(signal.SIGSTOP)
    await _some_time(world, between_s)
    for one in some:
        one.tell(signal.SIGCONT)


async def _index_trouble(world: World, trouble: faulty_index.Trouble) -> None:
    seconds = world.dice.uniform(0.5, 4.0)
    world.control.set(trouble, seconds)
    await asyncio.sleep(seconds)


async def _image_trouble(world: World, trouble: images.Trouble) -> None:
    world.images.trouble = trouble
    await _some_time(world, (0.5, 6.0))
    world.images.trouble = images.Trouble.NONE
