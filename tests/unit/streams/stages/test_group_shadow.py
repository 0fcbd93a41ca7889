"""The group stage of a generation that is not live, and of one that became live: by hand."""

import random
from dataclasses import replace

import pytest
from fakes.chaos import CrashError
from fakes.exchange import PublicTopic, Rival, homes_on_record
from fakes.match_graphs import graph

from streams.events.products import ProductEvent
from streams.index.port import Change
from streams.stages import Audience, Channel, state
from streams.stages.takeover_products import product_differs


def rival(audience=Audience.SHADOW):
    made = Rival("g2", PublicTopic(), random.Random(0), limit=10)
    made.audience = audience
    return made


def event(members, revision, product_id="a", generation="g1"):
    return ProductEvent(product_id, revision, generation, "", None if members is None else tuple(members))


async def knows(some, *events):
    """Subscribers know this of another generation; the followers wrote it."""
    for one in events:
        await some.index.write([Change(one.product_id, payload={state.PRODUCT: one.to_json()})])
        homes = dict.fromkeys(one.members or (), one.product_id)
        await some.index.write([Change(i, payload={state.PRODUCT_ID: home}) for i, home in homes.items()])


async def promoted(some):
    """It becomes live, and what it tells."""
    some.audience = Audience.PUBLIC
    some.listen()
    await some.take_over()
    await some.settle()
    return some.members()


async def test_it_tells_on_a_topic_of_its_own_and_leaves_alone_what_subscribers_know():
    shadow = rival()
    await knows(shadow, event("a", 4), event("b", 2, "b"))
    await shadow.fill(graph("AB"))
    assert [(one.channel, one.key) for one in shadow.sent] == [(Channel.SHADOW_PRODUCTS, b"a")]
    assert shadow.news()[0].revision == 1
    stored = await shadow.payloads()
    assert stored["a"][state.PRODUCT]["members"] == ["a"]
    assert await homes_on_record(shadow) == {"a": "a", "b": "b"}
    assert (stored["a"][state.SHADOW_PRODUCT]["members"], stored["b"][state.SHADOW_PRODUCT_ID]) == (["a", "b"], "a")


async def test_its_tombstones_say_which_news_they_are():
    shadow = rival()
    await shadow.fill(graph("AB"))
    shadow.listen()
    await shadow.fill({"a": None, **graph(alone="b")})
    gone = next(one for one in shadow.sent if one.value is None)
    assert (gone.key, dict(gone.headers)) == (b"a", {"matchstream.revision": b"2", "matchstream.generation": b"g2"})


async def test_once_live_it_tells_what_differs_and_nothing_else():
    shadow = rival()
    await shadow.fill(graph("AB", "CD", alone="e"))
    same = replace(shadow.told()["c"], generation="g1", revision=9)
    await knows(shadow, event("a", 4), event("b", 2, "b"), same, event("fg", 3, "f"))
    assert await promoted(shadow) == {"a": "ab", "b": None, "e": "e", "f": None}
    told = shadow.public.last()
    assert {i: one.revision for i, one in told.items()} == {"a": 5, "b": 3, "e": 1, "f": 4}
    assert {one.cause for one in told.values() if one.members} == {"generation g2"}
    stored = await shadow.payloads()
    assert not any(name.startswith("shadow") for one in "abef" for name in stored.get(one, {}))
    assert not any(product_differs(payload, "g2") for payload in stored.values())


async def test_what_was_told_publicly_stands_for_what_it_would_tell_when_it_is_live_no_more():
    some = rival(Audience.PUBLIC)
    await some.fill(graph("AB", "CD"))
    some.audience = Audience.SHADOW
    some.listen()
    await some.fill({"b": None, **graph("CD", alone="a")})
    assert some.members() == {"a": "a"}
    assert some.news()[0].revision == 2
    assert {letter.channel for letter in some.sent[some.listened :]} == {Channel.SHADOW_PRODUCTS}
    assert (await some.payloads())["a"][state.PRODUCT]["members"] == ["a", "b"]


async def test_a_product_that_it_had_while_live_is_found_from_a_member_that_leaves():
    some = rival(Audience.PUBLIC)
    await some.fill(graph("AB", "BC"))
    some.audience = Audience.SHADOW
    some.waiting.clear()
    await some.put("c", None)
    await some.settle()
    assert (await some.payloads())["a"][state.SHADOW_PRODUCT]["members"] == ["a", "b"]


async def test_what_it_said_before_does_not_come_back_after_subscribers_knew_it_as_it_is():
    """While it was not live it said 'a'; then another list came, and 'ab' is what the other one had told."""
    some = rival()
    await some.fill(graph(alone="ab"))
    both = rival()
    await both.fill(graph("AB"))
    await knows(some, replace(both.told()["a"], generation="g1", revision=7))
    some.audience = Audience.PUBLIC
    some.listen()
    await some.fill(graph("AB"))
    assert some.news() == []
    some.audience = Audience.SHADOW
    assert {i: one.members for i, one in (await some.own()).items()} == {"a": ("a", "b")}


@pytest.mark.parametrize("step", ["payload product", "deliver", "payload product_id", "forget regrouping"])
async def test_what_it_may_not_have_told_before_it_was_live_no_more_is_told_when_it_is_again(step):
    some = rival(Audience.PUBLIC)
    await some.fill(graph(alone="ab"))
    for one, list_ in graph("AB").items():
        await some.put(one, list_)
    some.crash_before = step
    with pytest.raises(CrashError):
        await some.settle()
    some.audience = Audience.SHADOW
    await some.settle()
    assert await promoted(some) in ({"a": "ab", "b": None}, {"a": "ab"}, {})
    known = {i: one.members for i, one in some.public.last().items()}
    assert known == {"a": ("a", "b"), "b": None}
    assert await homes_on_record(some) == {"a": "a", "b": "a"}
    assert not any(state.REGROUPING in one for one in (await some.payloads()).values())


async def test_where_subscribers_know_a_listing_is_not_where_it_comes_from():
    shadow = rival()
    await knows(shadow, event("ab", 4))
    await shadow.fill(graph(alone="ab"))
    assert [(one.product_id, one.split_from, one.merged_from) for one in shadow.news()] == [
        ("a", (), ()),
        ("b", (), ()),
    ]


async def test_what_another_generation_told_is_not_told_again_by_this_one():
    shadow = rival()
    await shadow.fill(graph("AB"))
    await knows(shadow, replace(shadow.told()["a"], generation="g1", revision=9))
    await shadow.index.write([Change("a", record={state.REGROUPING: ["a"]})])
    assert await promoted(shadow) == {}
    assert state.REGROUPING not in (await shadow.payloads())["a"]


async def test_a_member_that_two_followers_lost_between_them_is_found_where_this_generation_has_it():
    shadow = rival()
    await shadow.fill(graph("AB"))
    await knows(shadow, replace(shadow.told()["a"], generation="g1", revision=9))
    await shadow.index.write([Change("b", forget=(state.PRODUCT_ID,))])
    shadow.audience = Audience.PUBLIC
    shadow.listen()
    await shadow.fill({"b": None})
    assert shadow.members() == {"a": "a"}


async def test_whom_it_tells_is_asked_once_for_each_batch():
    some = rival()
    asked = []
    some.dependencies = replace(some.dependencies, audience=lambda: asked.append(1) or Audience.SHADOW)
    await some.fill(graph("AB"))
    assert asked == [1]


MINE, OTHER = event("ab", 3, generation="g2"), event("a", 4)


@pytest.mark.parametrize(
    ("payload", "differs"),
    [
        ({}, False),
        ({state.PRODUCT: MINE}, False),
        ({state.PRODUCT: OTHER}, True),
        ({state.PRODUCT: event(None, 4)}, False),
        ({state.SHADOW_PRODUCT: MINE}, True),
        ({state.SHADOW_PRODUCT: event(None, 1, generation="g2")}, False),
        ({state.SHADOW_PRODUCT: MINE, state.PRODUCT: replace(OTHER, members=("a", "b"))}, False),
        ({state.SHADOW_PRODUCT: MINE, state.PRODUCT: OTHER}, True),
        ({state.SHADOW_PRODUCT: MINE, state.PRODUCT: replace(MINE, generation="g1", oversized=True)}, True),
        ({state.KEPT_PRODUCT: MINE, state.PRODUCT: OTHER}, True),
        ({state.KEPT_PRODUCT: MINE, state.PRODUCT: event(None, 4)}, True),
        ({state.SHADOW_PRODUCT: OTHER, state.KEPT_PRODUCT: MINE, state.PRODUCT: OTHER}, False),
        ({state.SHADOW_PRODUCT_ID: "a"}, True),
        ({state.SHADOW_PRODUCT_ID: "a", state.PRODUCT_ID: "a"}, False),
        ({state.PRODUCT_ID: "a"}, False),
        ({state.REGROUPING: ["a"]}, True),
        ({state.SHADOW_REGROUPING: ["a"]}, False),
    ],
)
def test_where_subscribers_know_something_else(payload, differs):
    stored = {name: value.to_json() if isinstance(value, ProductEvent) else value for name, value in payload.items()}
    assert product_differs(stored, "g2") is differs
