"""The last message of each listing in `embeddings` rebuilds an index, whatever came in which order."""

import random
from dataclasses import replace

import pytest
from fakes.bench import Bench, embedded
from fakes.bursts import SEEN, SHOP, SHOP_JOINED, STRANGE, random_event
from fakes.chaos import Chaos
from fakes.flow import Flow
from fakes.joined import with_joint
from fakes.memory_index import MemoryIndex
from fakes.rows import bits

from encoders.types import Modality
from streams.events import Message
from streams.index.port import View
from streams.stages import Channel, index, state

SHOE = {"title": "red shoe", "image": "shoe 1", "price": "10", "currency": "EUR", "version": 1}


async def retold(bench, *letters):
    """Apply letters of embed one after the other; what the index stage says again."""
    return embedded([one for letter in letters for one in await bench.apply(letter)])


async def sent(bench, *messages):
    return [letter for one in messages for letter in await bench.embed(one)]


async def test_events_in_their_order_are_not_said_again():
    bench = Bench()
    events = [
        bench.message("a", SHOE),
        bench.message("a", SHOE),
        bench.message("a", {**SHOE, "version": 2}),
        bench.message("a"),
        bench.message("a", {"title": "blue mug", "version": 3}),
        bench.message("a", headers={"version": b"4"}),
    ]
    assert await retold(bench, *await sent(bench, *events)) == []


async def test_what_stands_is_said_again_after_a_stale_event_and_nothing_follows_from_that():
    bench = Bench()
    old, new = await sent(bench, bench.message("a", SHOE), bench.message("a", {"title": "blue mug", "version": 2}))
    [event] = await retold(bench, new, old)
    assert event.to_bytes() == new.value
    assert await retold(bench, replace(old, value=event.to_bytes())) == []


@pytest.mark.parametrize("headers", [{}, {"version": b"2"}])
async def test_a_withdrawal_is_said_again_after_a_stale_event(headers):
    bench = Bench()
    old, gone = await sent(bench, bench.message("a", SHOE), bench.message("a", headers=headers))
    [event] = await retold(bench, gone, old)
    assert event.to_bytes() == gone.value


async def test_a_row_that_a_repeat_lacks_is_said_again():
    bench = Bench()
    shoe = bench.message("a", SHOE)
    [whole] = await bench.embed(shoe)
    bench.images.missing = "shoe"
    [bare] = await bench.embed(shoe)
    [event] = await retold(bench, whole, bare)
    assert event.to_bytes() == whole.value
    assert Modality.IMAGE in event.embedding


RUNS = {"shop": SHOP, "strange": STRANGE, "joint rows": SHOP_JOINED, "described photos": SEEN}


@pytest.mark.parametrize("space", RUNS.values(), ids=RUNS)
@pytest.mark.parametrize("seed", range(3))
async def test_the_last_message_of_each_listing_rebuilds_the_index(space, seed):
    flow = await settled(space, seed)
    stored = await listed_in(flow.index)
    assert stored
    assert await listed_in(await rebuilt(flow)) == stored


async def settled(space, seed):
    """A flow after a log in which hosts were troubled, workers died and much came late or twice."""
    rng = random.Random(seed)
    joint = space.joint() if space.joint else None
    chaos = Chaos(rng, crash=0.01, repeat=0.1)
    flow = Flow(space.policy, chaos, encoder=space.encoder(), joint=joint, looks=space.looks)
    flow.images.troubled = lambda _reference: rng.random() < 0.5
    log = []
    for _ in range(60):
        log.append(random_event(flow, space, log))
    await flow.drain()
    return flow


async def rebuilt(flow):
    """An index that has seen no other messages."""
    last = {letter.key: letter for letter in flow.sent[Channel.EMBEDDINGS]}
    anew = MemoryIndex(with_joint(flow.encoder.dimensions, flow.joint))
    dependencies = replace(flow.dependencies, index=anew, outbox=Nobody())
    await index([Message("embeddings", one.key, one.value) for one in last.values()], dependencies)
    return anew


class Nobody:
    """Takes letters and sends none."""

    async def deliver(self, letters):
        pass


async def listed_in(some):
    """Every listing that is there: its version, its rows, what its seller said and what models say."""
    points = [point async for point in some.scan([View.RAW])]
    return {
        point.listing_id: (
            state.standing_of(point.payload).version,
            bits(point.raw),
            point.payload[state.LISTING],
            point.payload[state.SEALS],
            state.generated_of(point.payload),
        )
        for point in points
        if state.standing_of(point.payload).listed
    }
