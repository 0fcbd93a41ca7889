"""Repairing: what verification found is derived and told again by the stages, and nothing is left to find."""

import random
from dataclasses import replace

import pytest
from fakes.bench import POLICY
from fakes.bursts import SHOP_JOINED, random_event
from fakes.chaos import Chaos
from fakes.decay import decay
from fakes.flow import Flow
from fakes.joined import joint_encoder
from fakes.rows import axis

from encoders.types import Modality
from streams.events import MatchEvent
from streams.events.products import ProductEvent
from streams.index import View
from streams.index.port import Change
from streams.stages import Channel, Letter, state
from streams.verification import Difference, Kind, Told, What, compare_told, repair, verify
from streams.verification.repairing import HEALED_BY

TITLES = {"a": "red mug", "b": "red mug", "c": "red mug pro", "d": "blue lamp"}


async def drained(joint=None) -> Flow:
    flow = Flow(POLICY, Chaos(random.Random(0)), joint=joint)
    for listing_id, title in TITLES.items():
        flow.publish(listing_id, {"listing_id": listing_id, "title": title, "price": "1.00", "currency": "EUR"})
    await flow.drain()
    return flow


def told(flow) -> Told:
    """What the compacted topics hold."""
    matches = [MatchEvent.from_bytes(one.key, one.value) for one in flow.sent[Channel.MATCHES]]
    products = [ProductEvent.from_bytes(one.key, one.value) for one in flow.sent[Channel.PRODUCTS]]
    return Told({one.listing_id: one for one in matches}, {one.product_id: one for one in products})


async def differences(flow):
    found, known = await verify(flow.dependencies, lambda *_: None), told(flow)
    return [*found.differences, *compare_told(found.stored, known.matches, known.products)]


async def repaired(flow):
    """What was wrong, what was marked, and what is wrong afterwards."""
    before = await differences(flow)
    marked = await repair(before, told(flow), flow.dependencies)
    await flow.drain()
    return {one.what for one in before}, dict(marked), await differences(flow)


def tell(flow, channel, event, key):
    flow.sent[channel].append(Letter(channel, key.encode(), event.to_bytes()))


def test_there_is_somebody_to_heal_every_difference():
    assert set(HEALED_BY) == set(What)


async def test_where_nothing_differs_nothing_is_written_or_sent():
    flow = await drained()
    sent = sum(map(len, flow.sent.values()))
    assert await repaired(flow) == (set(), {}, [])
    assert sum(map(len, flow.sent.values())) == sent


async def test_limits_and_rounding_are_left_alone():
    flow = await drained()
    some = [Difference(kind, "a", What.LIST, "") for kind in (Kind.CUT, Kind.ROUNDING)]
    assert not await repair(some, told(flow), flow.dependencies)
    missed = [Difference(Kind.APPROXIMATE, "a", What.LIST, "")]
    assert await repair(missed, told(flow), flow.dependencies) == {Channel.REMATCH: 1}


@pytest.mark.parametrize(
    ("spoilt", "what"),
    [
        (Change("a", payload={state.MATCHES: []}), What.LIST),
        (Change("a", rows={View.BLENDED: {Modality.TEXT: axis(32, 3)}}), What.BLENDED),
        (Change("a", record=state.pending_record([], View.RAW)), What.RECORD),
        (Change("a", record=state.pending_record([], View.BLENDED)), What.RECORD),
        (Change("a", record={state.UNTOLD: {"listing_ids": ["d"]}}), What.RECORD),
        (Change("a", record={state.REGROUPING: ["a", "b"]}), What.RECORD),
        (Change("c", payload={state.PRODUCT_ID: "d"}), What.PRODUCT_OF_LISTING),
        (Change("d", rows={View.RAW: {}}), What.LISTING),
    ],
    ids=lambda value: str(value) if isinstance(value, What) else "",
)
async def test_what_is_stale_is_derived_again(spoilt, what):
    flow = await drained()
    await flow.index.write([spoilt])
    were, marked, now = await repaired(flow)
    assert what in were
    assert marked
    assert now == []


async def test_a_joint_row_that_does_not_follow_is_derived_again():
    flow = await drained(joint=joint_encoder())
    raw = dict((await flow.raw())["d"])
    await flow.index.write([Change("d", rows={View.RAW: {**raw, Modality.JOINT: axis(32, 3)}})])
    were, _, now = await repaired(flow)
    assert What.DERIVED in were
    assert now == []


async def test_subscribers_who_know_an_older_list_are_told_again_under_a_new_revision():
    flow = await drained()
    current = told(flow).matches["a"]
    tell(flow, Channel.MATCHES, replace(current, matches=(), added=(), revision=current.revision + 5), "a")
    were, marked, now = await repaired(flow)
    assert (were, set(marked), now) == ({What.MATCHES_TOPIC}, {Channel.REMATCH}, [])
    again = told(flow).matches["a"]
    assert (again.matches, again.revision) == (current.matches, current.revision + 6)
    assert set(again.added) == {one.listing_id for one in current.matches}


async def test_a_list_that_never_reached_subscribers_is_told():
    flow = await drained()
    flow.sent[Channel.MATCHES] = [one for one in flow.sent[Channel.MATCHES] if one.key != b"a"]
    were, _, now = await repaired(flow)
    assert (were, now) == ({What.MATCHES_TOPIC}, [])


@pytest.mark.parametrize("stored", [True, False], ids=["on record", "not on record"])
async def test_subscribers_who_know_an_older_product_are_told_again_under_a_new_revision(stored):
    flow = await drained()
    current = told(flow).products["a"]
    tell(flow, Channel.PRODUCTS, replace(current, members=("a", "d"), revision=current.revision + 5), "a")
    if not stored:
        await flow.index.write([Change("a", forget=(state.PRODUCT,))])
    were, _, now = await repaired(flow)
    assert What.PRODUCTS_TOPIC in were
    assert now == []
    again = told(flow).products["a"]
    assert again.says_the_same(current)
    assert again.revision > current.revision + 5


async def test_a_product_of_nobody_is_taken_back():
    flow = await drained()
    ghost = replace(told(flow).products["a"], product_id="ghost", members=("ghost", "a"))
    tell(flow, Channel.PRODUCTS, ghost, "ghost")
    were, _, now = await repaired(flow)
    assert (were, now) == ({What.PRODUCTS_TOPIC}, [])


@pytest.mark.parametrize("seed", range(6))
async def test_whatever_decayed_is_repaired_in_one_go(seed):
    rng = random.Random(seed)
    flow, sent = Flow(SHOP_JOINED.policy, Chaos(rng), joint=joint_encoder()), []
    for _ in range(25):
        sent.append(random_event(flow, SHOP_JOINED, sent))
    await flow.drain()
    await decay(flow.index, rng)
    were, _, now = await repaired(flow)
    assert were
    assert now == []
