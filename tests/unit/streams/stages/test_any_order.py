"""Whatever the order of arrival, the repeats and the crashes: the stream ends as the reference says."""

import random

import pytest
from fakes.chaos import Chaos
from fakes.flow import Flow, expected
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from streams.matching import Policy

THINGS = ("shoe", "mug", "lamp")
WORDS = ("red", "blue", "runner", "pro", "2024", "large")
POLICY = Policy.model_validate(
    {
        "blend": {"neighbors": 2, "threshold": 0.55},
        "match_threshold": 0.7,
        "sure_thresholds": {"image": 0.95},
        "list_limit": 4,
    }
)
PRODUCT = POLICY.model_copy(update={"combination": "product"})


def listing(rng: random.Random, listing_id: str, version: int | None) -> dict:
    thing = rng.choice(THINGS)
    value = {"listing_id": listing_id, "title": " ".join([thing, *rng.sample(WORDS, rng.randint(1, 3))])}
    if rng.random() < 0.5:
        value["image"] = f"{thing} {rng.randrange(3)}" if rng.random() < 0.9 else "missing"
    if rng.random() < 0.1 and "image" in value:
        del value["title"]
    return value if version is None else {**value, "version": version}


def random_log(flow: Flow, rng: random.Random, events: int) -> list:
    """Creations, updates, re-sent and stale events and withdrawals of a dozen listings."""
    sent = []
    for number in range(events):
        key, kind = f"l{rng.randrange(12)}", rng.random()
        if kind < 0.15:
            headers = {"version": str(number + 1).encode()} if rng.random() < 0.5 else {}
            sent.append(flow.publish(key, None, headers=headers))
        elif kind < 0.3 and sent:
            again = rng.choice(sent)
            flow.enqueue(again)
            sent.append(again)
        else:
            sent.append(flow.publish(key, listing(rng, key, number + 1)))
    return sent


async def ends_as_reference(flow: Flow, sent: list) -> None:
    await flow.drain()
    flow.chaos.crash = 0.0
    wanted = expected(sent, flow.policy)
    assert flow.lists() == wanted
    assert {i: len(matches) for i, matches in (await flow.stored_lists()).items()} == {
        i: len(matches) for i, matches in wanted.items()
    }


@pytest.mark.parametrize("policy", [POLICY, PRODUCT], ids=["mean", "product"])
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(seed=st.integers(0, 2**32))
async def test_random_logs_end_as_the_reference_says(policy, seed):
    rng = random.Random(seed)
    flow = Flow(policy, Chaos(rng, repeat=0.1))
    await ends_as_reference(flow, random_log(flow, rng, 40))


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(seed=st.integers(0, 2**32))
async def test_crashes_anywhere_change_nothing(seed):
    rng = random.Random(seed)
    flow = Flow(POLICY, Chaos(rng, crash=0.02, repeat=0.1), batch_size=3)
    await ends_as_reference(flow, random_log(flow, rng, 30))


async def test_the_crashing_runs_do_crash():
    rng = random.Random(1)
    flow = Flow(POLICY, Chaos(rng, crash=0.02), batch_size=3)
    random_log(flow, rng, 30)
    await flow.drain()
    assert flow.crashes > 0
    assert any(event.matches for event in flow.told().values())
