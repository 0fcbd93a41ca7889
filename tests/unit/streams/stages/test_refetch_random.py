"""Photos whose host is troubled now and then: the stream ends as if it had never been."""

from dataclasses import replace

import pytest
from fakes.bursts import SEEN, SHOP, SHOP_JOINED, STRANGE, Run
from fakes.flow import STAGES

from streams.events import EmbeddingEvent, Version
from streams.stages import Channel
from streams.stages.refetch import refetch

RUNS = {
    "shop, crashing": Run(SHOP, crash=0.004, troubled=0.6),
    "joint rows": Run(SHOP_JOINED, troubled=0.6),
    "described photos, crashing": Run(SEEN, crash=0.004, troubled=0.4),
    "described photos, everything twice": Run(SEEN, repeat=1.0, troubled=0.4),
    "strange": Run(STRANGE, troubled=0.6),
    "everything twice": Run(SHOP, repeat=1.0, troubled=0.6),
}


@pytest.mark.parametrize("run", RUNS.values(), ids=RUNS)
@pytest.mark.parametrize("seed", range(2))
async def test_a_troubled_host_leaves_no_trace(run, seed):
    assert not await run.ends_wrong(seed)


@pytest.mark.slow
@pytest.mark.parametrize("run", RUNS.values(), ids=RUNS)
async def test_two_hundred_troubled_logs_end_as_the_reference_says(run):
    assert [seed for seed in range(100, 150) if await run.ends_wrong(seed)] == []


async def never(_messages, _dependencies):
    """Photos are not fetched again."""


async def as_the_newest(messages, dependencies):
    """What is fetched again counts whatever came since."""
    await refetch([_newer(one) for one in messages], dependencies)


def _newer(message):
    event = EmbeddingEvent.from_bytes(message.key, message.value)
    version = Version(stated=True, number=10**6 + event.position.timestamp_ms)
    return replace(message, value=replace(event, version=version).to_bytes())


@pytest.mark.parametrize("stage", [never, as_the_newest])
async def test_a_broken_refetch_ends_wrong(stage):
    stages = {**STAGES, Channel.REFETCH: stage}
    assert any([await Run(SHOP, troubled=0.6).ends_wrong(seed, stages) for seed in range(4)])
