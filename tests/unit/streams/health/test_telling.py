import asyncio

import pytest

from streams.brokers.topics import StageName
from streams.errors import BrokerUnavailableError, IndexUnavailableError
from streams.health.telling import StageHealth, life, readiness

EMBED = StageName.EMBED


def gone(kind):
    return kind("host 10.1.2.3, user 'me'", got="nothing", wanted="an answer", remedy="start it")


@pytest.fixture
async def in_hand(ready):
    """The same worker with a batch that does not end by itself."""
    batch = asyncio.create_task(ready.pulses[EMBED].over(lambda _messages: asyncio.Event().wait())([]))
    await asyncio.sleep(0)
    yield ready
    batch.cancel()


def test_who_begins_is_alive_and_not_ready_and_says_what_it_waits_for(watch):
    assert life(watch).ok
    assert readiness(watch).reasons == [
        "stage 'embed' waits for its partitions",
        "stage 'index' waits for its partitions",
        "the index was not asked yet",
        "Kafka was not asked yet",
    ]


async def test_who_reads_and_is_done_is_ready_also_without_partitions_of_its_own(ready):
    health = readiness(ready)
    assert (health.ok, health.reasons, health.generation) == (True, [], "g1")
    assert health.stages == {
        "embed": StageHealth([0, 2], 1, 0, None, None),
        "index": StageHealth([], 1, 0, None, None),
    }


async def test_a_rebalance_makes_a_worker_unready_until_it_is_over(ready, world):
    ready.pulses[EMBED].revoked()
    await world.looked_at_by(ready)
    assert readiness(ready).reasons == ["stage 'embed' waits for its partitions"]
    ready.pulses[EMBED].assigned([1])
    assert readiness(ready).ok
    assert readiness(ready).stages[EMBED].assignments == 2


async def test_lags_of_partitions_that_were_taken_away_meanwhile_are_not_taken_in(ready, world):
    class Slow:
        async def lags(self, partitions):
            world.end = 99
            ready.pulses[EMBED].assigned([5])
            return await world.lags(partitions)

    await ready.look_at_lags(Slow())
    assert ready.progress[EMBED].lag == 0


@pytest.mark.parametrize(
    ("which", "error", "reason"),
    [
        ("index_error", gone(IndexUnavailableError), "the index does not answer (IndexUnavailableError)"),
        ("kafka_error", gone(BrokerUnavailableError), "Kafka does not answer (BrokerUnavailableError)"),
    ],
)
async def test_what_does_not_answer_is_told_by_its_kind_alone(ready, world, which, error, reason):
    setattr(world, which, error)
    await world.looked_at_by(ready)
    await world.looked_at_by(ready)
    assert readiness(ready).reasons == [reason]
    assert life(ready).ok
    setattr(world, which, None)
    await world.looked_at_by(ready)
    assert readiness(ready).ok


async def test_a_stage_that_is_behind_and_acknowledges_nothing_is_not_ready_and_alive(ready, world, clock):
    world.end = 60
    await world.looked_at_by(ready)
    clock.pass_s(301)
    assert readiness(ready).reasons == [
        "stage 'embed' is 100 behind in partitions 0, 2 and has acknowledged nothing of them for 301 s"
    ]
    assert life(ready).ok
    world.committed[EMBED] = 11
    await world.looked_at_by(ready)
    assert readiness(ready).ok
    assert readiness(ready).stages[EMBED].lag == 98


async def test_a_silent_kafka_makes_no_stage_stand_still(ready, world, clock):
    """What was told before says nothing of the time since."""
    world.kafka_error = gone(BrokerUnavailableError)
    for _ in range(3):
        clock.pass_s(301)
        await world.looked_at_by(ready)
    assert readiness(ready).reasons == ["Kafka does not answer (BrokerUnavailableError)"]


async def test_a_batch_in_hand_for_too_long_is_a_stage_that_hangs(in_hand, clock):
    clock.pass_s(1_800)
    assert life(in_hand).ok
    assert life(in_hand).stages[EMBED].batch_in_hand_s == 1_800
    clock.pass_s(1)
    reason = "stage 'embed' has had a batch in hand for 1801 s, though the index and Kafka answer"
    assert life(in_hand).reasons == [reason]
    assert reason in readiness(in_hand).reasons


@pytest.mark.parametrize("which", ["index_error", "kafka_error"])
async def test_a_batch_that_may_wait_for_what_is_gone_does_not_hang(in_hand, world, clock, which):
    setattr(world, which, gone(IndexUnavailableError))
    for _ in range(3):
        clock.pass_s(1_000)
        await world.looked_at_by(in_hand)
        assert life(in_hand).ok
    setattr(world, which, None)
    clock.pass_s(1_000)
    await world.looked_at_by(in_hand)
    assert life(in_hand).ok, "it answers now, and the batch has its time once more"
    clock.pass_s(1_000)
    assert not life(in_hand).ok


async def test_the_age_of_the_last_batch_is_told(ready, clock):
    async def process(_messages):
        clock.pass_s(2)

    await ready.pulses[EMBED].over(process)([])
    clock.pass_s(4.25)
    assert readiness(ready).stages[EMBED].last_batch_age_s == 4.2
