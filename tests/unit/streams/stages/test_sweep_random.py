"""Whatever decayed in an index that was right: one sweep, and all is what the reference says."""

import random
from dataclasses import replace

import pytest
from fakes.bookmark import Bookmark, one_round
from fakes.bursts import CIRCLE, CROWDED, SHOP_WITH_WORDS, agrees, random_event
from fakes.chaos import Chaos
from fakes.decay import decay
from fakes.flow import Flow
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from streams.stages.sweep import Sweep
from streams.verification import verify


async def ends_right(space, seed: int) -> None:
    rng = random.Random(seed)
    flow = Flow(space.policy, Chaos(rng, crash=0.002, repeat=0.05), encoder=space.encoder())
    flow.dependencies = replace(flow.dependencies, product_limit=space.product_limit)
    sent = []
    for _ in range(25):
        sent.append(random_event(flow, space, sent))
    await flow.drain()
    await decay(flow.index, rng)

    async def no_pause(_seconds):
        pass

    await one_round(Sweep(flow.dependencies, Bookmark(), 3600.0, no_pause))
    await flow.drain()
    assert (await verify(flow.dependencies, lambda *_: None)).differences == []
    assert await agrees(flow, sent)


SPACES = pytest.mark.parametrize("space", [CIRCLE, SHOP_WITH_WORDS, CROWDED], ids=["circle", "words", "small products"])


@SPACES
@settings(max_examples=3, phases=[Phase.reuse, Phase.generate], suppress_health_check=[HealthCheck.too_slow])
@given(seed=st.integers(0, 2**32))
async def test_after_one_sweep_all_is_what_the_reference_says_whatever_was_stale(space, seed):
    await ends_right(space, seed)


@pytest.mark.slow
@pytest.mark.no_cover  # nearly doubles the time; other tests run the same lines
@SPACES
@settings(max_examples=60, phases=[Phase.reuse, Phase.generate], suppress_health_check=[HealthCheck.too_slow])
@given(seed=st.integers(0, 2**32))
async def test_after_one_sweep_all_is_what_the_reference_says_often(space, seed):
    await ends_right(space, seed)


async def test_without_a_sweep_it_would_stay_stale():
    flow, rng, sent = Flow(CIRCLE.policy, encoder=CIRCLE.encoder()), random.Random(3), []
    for _ in range(25):
        sent.append(random_event(flow, CIRCLE, sent))
    await flow.drain()
    assert await decay(flow.index, rng)
    await flow.drain()
    assert (await verify(flow.dependencies, lambda *_: None)).faults
