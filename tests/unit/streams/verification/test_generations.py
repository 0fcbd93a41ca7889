"""Verification of generations: of one that is not live, and of one whose subscribers heard another before."""

import random
from dataclasses import replace

import pytest
from fakes.bench import POLICY
from fakes.chaos import Chaos
from fakes.flow import Flow

from streams.events import MatchEvent, MatchList
from streams.events.products import ProductEvent
from streams.index.port import Change
from streams.stages import Audience, Channel, state
from streams.stages.state import Heard
from streams.verification import Told, What, compare_told, repair, verify
from streams.verification.telling import own_of

TITLES = {"a": "red mug", "b": "red mug", "c": "red mug pro", "d": "blue lamp"}


async def drained(audience=Audience.SHADOW) -> Flow:
    flow = Flow(POLICY, Chaos(random.Random(0)))
    flow.dependencies = replace(flow.dependencies, audience=lambda: audience)
    for listing_id, title in TITLES.items():
        flow.publish(listing_id, {"listing_id": listing_id, "title": title, "price": "1.00", "currency": "EUR"})
    await flow.drain()
    return flow


def told(flow, audience=Audience.SHADOW) -> Told:
    matches = [MatchEvent.from_bytes(one.key, one.value) for one in flow.sent[audience.matches]]
    products = [ProductEvent.from_bytes(one.key, one.value, one.headers) for one in flow.sent[audience.products]]
    return Told({one.listing_id: one for one in matches}, {one.product_id: one for one in products})


async def differences(flow, known):
    found = await verify(flow.dependencies, lambda *_: None)
    return [*found.differences, *compare_told(found.stored, known.matches, known.products, gaps=known.gaps)]


async def whats(flow, known):
    return {(one.what, one.subject) for one in await differences(flow, known)}


async def test_a_generation_that_is_not_live_is_compared_with_its_own_topics():
    flow = await drained()
    assert not flow.sent[Channel.MATCHES]
    assert not flow.sent[Channel.PRODUCTS]
    known = told(flow)
    assert known.products
    assert await differences(flow, known) == []
    known.matches.pop("a")
    known.products.pop("d")
    assert await whats(flow, known) == {(What.MATCHES_TOPIC, "a"), (What.PRODUCTS_TOPIC, "d")}


async def test_what_subscribers_know_is_nothing_to_it():
    flow = await drained()
    other = ProductEvent("d", 7, "g0", "", ("a", "d"))
    heard = Heard(9, ("d",)).to_json()
    await flow.index.write(
        [Change("d", payload={state.PRODUCT: other.to_json(), state.PRODUCT_ID: "d", state.HEARD: heard})]
    )
    assert await differences(flow, told(flow)) == []


async def test_what_it_goes_by_since_it_was_live_is_on_no_topic_of_its_own():
    flow = await drained()
    known = told(flow)
    adopted = replace(known.products.pop("d"), generation="g0", revision=7)
    await flow.index.write([Change("d", payload={state.SHADOW_PRODUCT: adopted.to_json()})])
    assert await differences(flow, known) == []


@pytest.mark.parametrize(
    ("spoilt", "what"),
    [
        (Change("a", payload={state.SHADOW_PRODUCT_ID: "d"}), (What.PRODUCT_OF_LISTING, "a")),
        (Change("d", forget=(state.SHADOW_PRODUCT,)), (What.PRODUCT, "d")),
        (Change("d", record={state.SHADOW_REGROUPING: ["d"]}), (What.RECORD, "d")),
    ],
)
async def test_what_is_stale_in_it_is_found_and_repaired(spoilt, what):
    flow = await drained()
    await flow.index.write([spoilt])
    assert what in await whats(flow, told(flow))
    await repair(await differences(flow, told(flow)), told(flow), flow.dependencies)
    await flow.drain()
    assert await differences(flow, told(flow)) == []
    assert not flow.sent[Channel.PRODUCTS]


async def live_before():
    """A generation that was live until now, with what it told publicly."""
    flow = await drained(Audience.PUBLIC)
    public = told(flow, Audience.PUBLIC)
    flow.dependencies = replace(flow.dependencies, audience=lambda: Audience.SHADOW)
    return flow, public


async def test_what_it_told_while_it_was_live_is_on_the_public_topics():
    flow, public = await live_before()
    known = own_of(public, Told({}, {}), "g1", was_live=True)
    assert known.gaps
    assert await differences(flow, known) == []
    wrong = replace(known, products={**known.products, "d": replace(known.products["d"], members=("a", "d"))})
    assert await whats(flow, wrong) == {(What.PRODUCTS_TOPIC, "d")}


async def test_what_the_live_one_told_since_hides_what_it_told():
    flow, public = await live_before()
    list_ = public.matches["d"]
    later = Told(
        {**public.matches, "d": replace(list_, revision=list_.revision + 1, generation="g2", matches=())},
        {**public.products, "d": ProductEvent("d", 9, "g2", "", ("a", "d"))},
    )
    assert await differences(flow, own_of(later, Told({}, {}), "g1", was_live=True)) == []


def test_of_an_event_here_and_one_there_the_later_counts():
    old, new = (ProductEvent("a", revision, "g1", "", ("a",)) for revision in (3, 4))
    assert own_of(Told({}, {"a": old}), Told({}, {"a": new}), "g1", was_live=True).products == {"a": new}
    assert own_of(Told({}, {"a": new}), Told({}, {"a": old}), "g1", was_live=True).products == {"a": new}
    fresh = own_of(Told({}, {"a": replace(new, generation="g0")}), Told({}, {"a": old}), "g1", was_live=False)
    assert (fresh.products, fresh.gaps) == ({"a": old}, False)


async def promoted():
    """A live generation, of whose list of 'a' subscribers heard from another one: in other numbers."""
    flow = await drained(Audience.PUBLIC)
    public = told(flow, Audience.PUBLIC)
    mine = public.matches["a"]
    before = replace(
        mine, generation="g0", revision=7, matches=tuple(replace(one, similarity=0.7) for one in mine.matches)
    )
    heard = Heard.saying(7, MatchList(before.matches, before.review))
    await flow.index.write([Change("a", payload={state.HEARD: heard.to_json()})])
    return flow, Told({**public.matches, "a": before}, public.products), before


async def test_what_another_generation_told_counts_if_it_decided_the_same():
    flow, known, before = await promoted()
    assert await differences(flow, known) == []
    assert await whats(flow, replace(known, matches={**known.matches, "a": replace(before, revision=8)})) == {
        (What.MATCHES_TOPIC, "a")
    }
    other = replace(before, matches=before.matches[:1])
    assert await whats(flow, replace(known, matches={**known.matches, "a": other})) == {(What.MATCHES_TOPIC, "a")}


async def test_subscribers_who_heard_something_else_are_told_again_under_a_new_revision():
    flow, known, before = await promoted()
    other = replace(before, revision=9, matches=before.matches[:1])
    known = replace(known, matches={**known.matches, "a": other})
    await repair(await differences(flow, known), known, flow.dependencies)
    await flow.drain()
    last = told(flow, Audience.PUBLIC)
    assert (last.matches["a"].revision, last.matches["a"].removed) == (10, ())
    assert set(last.matches["a"].added) == {one.listing_id for one in before.matches[1:]}
    assert await differences(flow, last) == []


async def test_what_it_told_itself_counts_too_if_only_numbers_changed_while_it_was_not_live():
    flow = await drained(Audience.PUBLIC)
    public = told(flow, Audience.PUBLIC)
    mine = public.matches["a"]
    await flow.index.write([Change("a", payload={state.REVISION: mine.revision + 3})])
    assert await differences(flow, public) == []
    lost = {**public.matches, "a": replace(mine, revision=mine.revision - 1)}
    assert await whats(flow, replace(public, matches=lost)) == {(What.MATCHES_TOPIC, "a")}
