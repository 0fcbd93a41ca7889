"""Verification: silent on what is right, and every kind of fault is found and told from a limit."""

import random
from dataclasses import replace

import pytest
from fakes.bench import POLICY
from fakes.bursts import SEEN, SHOP, SHOP_JOINED, random_event
from fakes.chaos import Chaos
from fakes.flow import Flow
from fakes.joined import joint_encoder
from fakes.rows import axis

from encoders.types import Modality
from streams.events import Judgement, Match, MatchEvent, Verdict
from streams.events.products import ProductEvent
from streams.index import View
from streams.index.port import Change
from streams.stages import Channel, state
from streams.verification import Kind, compare_told, verify

TITLES = {"a": "red mug", "b": "red mug", "c": "red mug pro", "d": "blue lamp"}


def nothing(*_told):
    pass


async def drained(policy=POLICY, titles=TITLES, joint=None) -> Flow:
    flow = Flow(policy, Chaos(random.Random(0)), joint=joint)
    for listing_id, title in titles.items():
        flow.publish(listing_id, {"listing_id": listing_id, "title": title, "price": "1.00", "currency": "EUR"})
    await flow.drain()
    return flow


async def found(flow, **changes):
    return (await verify(replace(flow.dependencies, **changes), nothing)).differences


def last(flow, channel, event_type):
    return {letter.key.decode(): event_type.from_bytes(letter.key, letter.value) for letter in flow.sent[channel]}


async def told_otherwise(flow):
    stored = (await verify(flow.dependencies, nothing)).stored
    return compare_told(stored, last(flow, Channel.MATCHES, MatchEvent), last(flow, Channel.PRODUCTS, ProductEvent))


@pytest.mark.parametrize("seed", range(4))
async def test_it_has_nothing_to_say_of_an_index_and_topics_that_are_right(seed):
    flow = Flow(SHOP.policy, Chaos(random.Random(seed), crash=0.004, repeat=0.1))
    sent = []
    for _ in range(40):
        sent.append(random_event(flow, SHOP, sent))
    await flow.drain()
    assert await found(flow) == []
    assert await told_otherwise(flow) == []


async def test_a_product_that_judgements_should_have_divided_is_a_fault():
    """As it is for an index that is older than the rule, until somebody marks them: `verify --repair` does."""
    flow = await drained(titles={"a": "red mug", "b": "red mug", "c": "red mug"})
    said = Judgement.on("a", "b", Verdict.DIFFERENT)
    await flow.index.write([Change(one, payload=dict([state.judged_field(said, one)])) for one in said.listing_ids])
    products = [one for one in await found(flow) if one.what == "product"]
    assert [(one.kind, one.subject, one.words) for one in products] == [
        (Kind.FAULT, "a", "it has a, b, c; by lists and judgements a, c"),
        (Kind.FAULT, "b", "it has nobody; by lists and judgements b"),
    ]


async def test_an_empty_index_is_right():
    assert await found(await drained(titles={})) == []


async def test_a_stale_list_is_a_fault_and_says_what_is_wrong():
    flow = await drained()
    wrong = [Match("d", 0.9, {"rule": "combined>=0.70"}).to_json()]
    await flow.index.write([Change("a", payload={state.MATCHES: wrong})])
    faults = [one for one in await found(flow) if one.what == "match list"]
    assert [(one.kind, one.subject) for one in faults] == [(Kind.FAULT, "a")]
    assert faults[0].words == "stale: lacks b, c and has d too much"


async def test_a_stale_blended_embedding_is_a_fault():
    flow = await drained()
    other = (await flow.index.read(["d"], [View.BLENDED]))["d"].blended
    await flow.index.write([Change("a", rows={View.BLENDED: other})])
    assert ("blended embedding", "a", Kind.FAULT) in {(one.what, one.subject, one.kind) for one in await found(flow)}


async def test_work_that_was_never_finished_is_a_fault():
    flow = await drained()
    await flow.index.write([Change("b", record=state.pending_record([], View.RAW))])
    [difference] = await found(flow)
    assert (difference.kind, difference.subject, difference.what) == (Kind.FAULT, "b", "record")
    assert state.PENDING[View.RAW] in difference.words


async def test_joint_rows_that_follow_from_the_others_are_right():
    flow = Flow(SHOP_JOINED.policy, Chaos(random.Random(5), crash=0.004, repeat=0.1), joint=joint_encoder())
    sent = []
    for _ in range(30):
        sent.append(random_event(flow, SHOP_JOINED, sent))
    await flow.drain()
    assert any(Modality.JOINT in rows for rows in (await flow.raw()).values())
    assert await found(flow) == []


async def test_rows_of_photos_and_captions_that_were_blended_are_right_and_so_are_those_that_were_not():
    flow = Flow(SEEN.policy, Chaos(random.Random(5), crash=0.004, repeat=0.1), encoder=SEEN.encoder(), looks=SEEN.looks)
    sent = []
    for _ in range(30):
        sent.append(random_event(flow, SEEN, sent))
    await flow.drain()
    assert any(Modality.TEXT_OR_CAPTION in rows for rows in (await flow.raw()).values())
    assert await found(flow) == []


@pytest.mark.parametrize(
    ("moved", "kind"), [(1e-7, Kind.ROUNDING), (1e-3, Kind.FAULT), (None, Kind.FAULT)], ids=["a bit", "much", "away"]
)
async def test_a_joint_row_that_does_not_follow_from_the_others_is_a_fault_unless_rounding_explains_it(moved, kind):
    flow = await drained(joint=joint_encoder())
    raw = dict((await flow.raw())["d"])
    row = raw.pop(Modality.JOINT)
    moved_row = {} if moved is None else {Modality.JOINT: row + moved * axis(32, 3)}
    await flow.index.write([Change("d", rows={View.RAW: {**raw, **moved_row}})])
    assert [one.kind for one in await found(flow) if one.what == "derived embedding"] == [kind]


async def test_what_is_left_of_a_listing_that_is_gone_is_a_fault():
    flow = await drained()
    await flow.index.write([Change("d", rows={View.RAW: {}})])
    assert ("listing", "d", Kind.FAULT) in {(one.what, one.subject, one.kind) for one in await found(flow)}


async def test_a_product_that_does_not_follow_from_the_lists_is_a_fault():
    flow = await drained()
    await flow.index.write([Change("c", payload={state.PRODUCT_ID: "d"})])
    assert {(one.what, one.subject, one.kind) for one in await found(flow)} == {
        ("product of a listing", "c", Kind.FAULT)
    }
    await flow.index.write([Change("d", payload={state.PRODUCT: None})])
    assert ("product", "d") in {(one.what, one.subject) for one in await found(flow)}


async def test_a_list_that_is_as_long_as_it_may_be_is_no_fault():
    flow = await drained(POLICY.model_copy(update={"list_limit": 1}))
    assert await found(flow) == []


async def test_a_search_that_does_not_find_all_is_no_fault_of_the_lists():
    """The index is asked for fewer than are near: the stream and verification see the same, the reference more."""
    titles = {f"l{i}": f"red mug {i % 2}" for i in range(12)}
    flow = Flow(POLICY, Chaos(random.Random(0)), search_limit=256)
    real = flow.index.search

    async def forgetful(queries, fields=()):
        answers = await real(queries, fields)
        return [[hit for hit in hits if hit.listing_id != "l3"] for hits in answers]

    flow.index.search = forgetful
    for listing_id, title in titles.items():
        flow.publish(listing_id, {"listing_id": listing_id, "title": title})
    await flow.drain()
    kinds = {one.kind for one in await found(flow) if one.what in {"match list", "blended embedding"}}
    assert kinds == {Kind.APPROXIMATE}


async def test_subscribers_who_were_told_otherwise_are_a_fault():
    flow = await drained()
    assert await told_otherwise(flow) == []
    lost = flow.sent[Channel.MATCHES].pop()
    del flow.sent[Channel.PRODUCTS][-1:]
    differences = await told_otherwise(flow)
    assert {one.kind for one in differences} == {Kind.FAULT}
    assert lost.key.decode() in {one.subject for one in differences if one.what == "matches topic"}
    assert "products topic" in {one.what for one in differences}


async def test_nothing_is_written_or_sent():
    flow = await drained()
    before = [(p.listing_id, p.payload) async for p in flow.index.scan()]
    sent = {channel: len(letters) for channel, letters in flow.sent.items()}
    await flow.index.write([Change("a", payload={state.MATCHES: []})])
    await found(flow)
    assert {channel: len(letters) for channel, letters in flow.sent.items()} == sent
    after = {p.listing_id: p.payload async for p in flow.index.scan()}
    assert {i: payload for i, payload in before if i != "a"} == {i: one for i, one in after.items() if i != "a"}
    assert Modality.TEXT in flow.encoder.dimensions
