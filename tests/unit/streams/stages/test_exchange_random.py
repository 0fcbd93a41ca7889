"""Whoever is live, and however often that changes meanwhile: subscribers end with what the live generation says."""

import dataclasses

import pytest
from fakes.bursts import CIRCLE, SHOP
from fakes.chaos import Chaos
from fakes.heard import wrong_with
from fakes.outcome import catalogue, last_prices, verdicts
from fakes.worlds import Protocol, Worlds, rng_of
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from streams.matching import Rules, reference


def stricter(space, threshold):
    return dataclasses.replace(space, policy=space.policy.model_copy(update={"match_threshold": threshold}))


PAIRS = {
    "shop": {"g1": SHOP, "g2": stricter(SHOP, 0.8)},
    "circle": {"g1": stricter(CIRCLE, 0.98), "g2": CIRCLE},
}
SEEDS = st.integers(0, 2**32)


def tried(examples):
    return settings(
        max_examples=examples,
        deadline=None,
        phases=[Phase.reuse, Phase.generate],
        suppress_health_check=[HealthCheck.too_slow],
    )


async def ends(spaces, seed, *, names=("g2",), crash=0.0, protocol=None, events=8):
    """What is wrong after exchanges in a row, with events coming in before, meanwhile and afterwards."""
    chaos = Chaos(rng_of(seed), crash=crash, repeat=0.03, pause=0.1, longest=100)
    worlds, space = Worlds(chaos, spaces), next(iter(spaces.values()))
    for _ in range(space.listings):
        worlds.publish(space)
    if chaos.random.random() < 0.5:
        await worlds.run()
    for name in names:
        await worlds.run(
            lambda name=name: worlds.exchange(name, protocol or Protocol()), lambda: worlds.trickle(space, events)
        )
    world = worlds.worlds[names[-1]]
    wanted = reference(catalogue(worlds.sent, world.encoder), Rules(world.policy))
    return wrong_with(worlds.log, wanted, last_prices(worlds.sent), verdicts(worlds.sent))


@pytest.mark.parametrize("pair", PAIRS.values(), ids=PAIRS)
@pytest.mark.parametrize("crash", [0.0, 0.003], ids=["", "crashing"])
@tried(4)
@given(seed=SEEDS)
async def test_subscribers_end_with_what_the_new_generation_says(pair, crash, seed):
    assert await ends(pair, seed, crash=crash) == []


@pytest.mark.parametrize("pair", PAIRS.values(), ids=PAIRS)
@tried(3)
@given(seed=SEEDS)
async def test_and_back_again(pair, seed):
    assert await ends(pair, seed, names=("g2", "g1", "g2"), crash=0.002) == []


@pytest.mark.parametrize("left_out", [field.name for field in dataclasses.fields(Protocol)])
async def test_each_step_is_needed(left_out):
    """Without it, some run of a few ends wrong."""
    protocol = Protocol(**{left_out: False})
    for seed in range(60):
        if await ends(PAIRS["shop"], seed, protocol=protocol, events=seed % 2 * 8):
            return
    pytest.fail(f"nobody noticed that '{left_out}' was left out")
