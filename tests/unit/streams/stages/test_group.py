"""The group stage by hand: what it tells, what it writes, and how little it reads."""

import pytest
from fakes.market_scenes import market, rewritten
from fakes.match_graphs import graph, matches
from fakes.products import Market

from streams.events.products import ProductEvent
from streams.stages import Channel, state


async def test_a_first_product_is_told_with_all_its_offers():
    ready = Market()
    await ready.put("a", matches("B"), title="Red mug", price="8.00", currency="EUR", seller_id="s1")
    await ready.put("b", matches("A"), title="Mug, red", price="7.5", currency="EUR")
    await ready.settle()
    [letter] = ready.sent
    assert (letter.channel, letter.key) == (Channel.PRODUCTS, b"a")
    event = ProductEvent.from_bytes(letter.key, letter.value)
    assert (event.members, event.revision, event.generation, event.oversized) == (("a", "b"), 1, "g1", False)
    assert event.cause == "listing a published"
    assert [(offer.listing_id, offer.title, offer.price) for offer in event.offers] == [
        ("b", "Mug, red", "7.5"),
        ("a", "Red mug", "8.00"),
    ]
    assert event.best["EUR"].listing_id == "b"


async def test_a_listing_alone_is_a_product():
    ready = Market()
    await ready.fill(graph(alone="a"))
    assert ready.members() == {"a": "a"}
    assert (await ready.payloads())["a"][state.PRODUCT_ID] == "a"


async def test_a_mark_that_changes_nothing_tells_and_writes_nothing():
    ready = await market("AB")
    ready.mark("a")
    ready.mark("b")
    ready.steps.clear()
    await ready.settle()
    assert (ready.news(), set(ready.steps)) == ([], {"read"})


async def test_a_mark_of_a_listing_that_does_not_exist_leaves_no_point_behind():
    ready = await market("AB")
    ready.mark("nobody")
    await ready.settle()
    assert (ready.news(), set(await ready.payloads())) == ([], {"a", "b"})


async def test_a_listing_without_a_list_is_in_no_product_yet():
    ready = Market()
    await ready.put("a", None)
    await ready.settle()
    assert ready.news() == []


async def test_two_products_merge():
    ready = await market("AB", "CD")
    assert await rewritten(ready, "AB", "CD", "BC") == {"a": "abcd", "c": None}
    assert (ready.told()["a"].revision, ready.told()["a"].merged_from) == (2, ("c",))


async def test_a_product_splits():
    ready = await market("AB", "CD", "BC")
    assert await rewritten(ready, "AB", "CD") == {"a": "ab", "c": "cd"}
    assert [(e.product_id, e.revision, e.split_into, e.split_from) for e in ready.news()] == [
        ("a", 2, ("c",), ()),
        ("c", 1, (), ("a",)),
    ]


async def test_a_listing_that_goes_over_to_another_product():
    ready = await market("AB", "CD", "DE")
    assert await rewritten(ready, "AB", "BC", "DE") == {"a": "abc", "c": None, "d": "de"}
    a, d = ready.news()[:2]
    assert (a.split_from, a.merged_from) == (("c",), ())
    assert (d.split_from, d.split_into) == (("c",), ())


async def test_a_product_whose_first_listing_goes_has_a_new_id():
    ready = await market("AB", "BC")
    assert await rewritten(ready, "BC") == {"a": None, "b": "bc"}
    assert ready.news()[0].merged_from == ("a",)
    assert state.PRODUCT_ID not in (await ready.payloads())["a"]


async def test_a_product_that_comes_back_goes_on_with_its_revisions():
    ready = await market("AB")
    await rewritten(ready, alone="b")
    assert (await ready.payloads())["a"][state.PRODUCT]["revision"] == 2
    assert await rewritten(ready, "AB") == {"a": "ab", "b": None}
    assert ready.told()["a"].revision == 3


async def test_tombstones_are_told_after_the_products_their_listings_went_to():
    ready = await market("ZB", "YC")
    await rewritten(ready, "ZB", "YC", "YZ")
    assert [letter.value is None for letter in ready.sent[ready.listened :]] == [False, True]


async def test_a_weak_bridge_joins_when_a_third_supports_it_and_parts_when_that_goes():
    ready = await market("AB", "cd", "bc")
    assert await rewritten(ready, "AB", "cd", "bc", "bd") == {"a": "abcd", "c": None, "d": None}
    assert await rewritten(ready, "AB", "cd", "bc") == {"a": "ab", "c": "c", "d": "d"}


async def test_a_new_price_is_told_with_the_offers_in_their_new_order():
    ready = await market("AB")
    await ready.put("a", ready.lists["a"], price="9.90", currency="EUR")
    await ready.put("b", ready.lists["b"], price="10.00", currency="EUR")
    await ready.settle()
    await ready.put("b", ready.lists["b"], price="9.8")
    await ready.settle()
    first, second = ready.news()
    assert [offer.listing_id for offer in first.offers] == ["a", "b"]
    assert [offer.listing_id for offer in second.offers] == ["b", "a"]
    assert (first.revision, second.revision) == (2, 3)


async def test_a_withdrawn_listing_leaves_before_its_list_is_gone():
    ready = await market("AB")
    await ready.put("b", None)
    await ready.settle()
    assert ready.members() == {"a": "a"}


async def test_an_oversized_component_is_flagged_and_flags_go_with_it():
    ready = await market("AB", "BC", limit=3)
    assert await rewritten(ready, "AB", "BC", "CD") == {"a": "a", "b": "b", "c": "c", "d": "d"}
    assert all(event.oversized for event in ready.told().values())
    assert await rewritten(ready, "AB", "CD") == {"a": "ab", "c": "cd", "b": None, "d": None}
    assert not any(event.oversized for event in ready.told().values())


async def test_a_crowd_that_one_side_leaves_without_the_other_knowing_becomes_a_product():
    ready = await market("AB", "BC", "CD", "DE", limit=3)
    assert await rewritten(ready, "AB", "BC", "D>C", "DE", only="c") == {
        "a": "abc",
        "b": None,
        "c": None,
        "d": "de",
        "e": None,
    }
    assert await ready.disagreement() == ""


async def test_links_of_a_crowd_are_remembered_until_the_next_mark_without_one():
    ready = await market("AB", "BC", limit=2)
    assert await remembered(ready) == {"a": ["b"], "b": ["a", "c"], "c": ["b"]}
    await rewritten(ready, "AB", alone="c")
    assert await remembered(ready) == {"a": ["b"]}
    ready.mark("a")
    await ready.settle()
    assert await remembered(ready) == {}


async def remembered(ready):
    return {i: some[state.CROWD_LINKS] for i, some in (await ready.payloads()).items() if state.CROWD_LINKS in some}


async def test_the_cause_is_that_of_a_listing_in_the_product():
    ready = await market("AB", "CD")
    ready.offers["d"]["price"], ready.offers["d"]["currency"] = "1", "EUR"
    await ready.put("d", ready.lists["d"])
    ready.waiting.clear()
    ready.mark("b", "listing b published")
    ready.mark("d", "listing d published")
    await ready.settle()
    assert [event.cause for event in ready.news()] == ["listing d published"]


@pytest.mark.parametrize("products", [1, 5, 40])
async def test_a_batch_takes_a_few_round_trips_however_many_products_it_changes(products):
    ready = Market()
    for i in range(products):
        await ready.put(f"p{i:02}a", matches({f"p{i:02}b": True}))
        await ready.put(f"p{i:02}b", matches({f"p{i:02}a": True}))
    before = ready.index.round_trips
    await ready.settle()
    assert len(ready.told()) == products
    assert ready.index.round_trips - before == 4, "one to read, and the three writes"


async def test_a_mark_in_a_huge_crowd_reads_a_small_part_of_it():
    ids = [f"l{i:04}" for i in range(1_000)]
    ready = Market(limit=20)
    for i, one in enumerate(ids):
        around = [ids[(i + step) % len(ids)] for step in (*range(-5, 0), *range(1, 6))]
        await ready.put(one, matches(dict.fromkeys(around, True)))
    ready.waiting.clear()
    ready.mark(ids[500])
    await ready.settle()
    assert {event.members for event in ready.news()} == {(one,) for one in ids[495:506]}, "itself and all it lists"
    assert len(ready.index.looked_at) <= 4 * 20


async def test_a_mark_of_a_small_product_reads_its_members_and_their_neighbors_only():
    ready = await market("AB", "cd", "bc", "DE", "EF")
    ready.index.looked_at = frozenset()
    ready.mark("a")
    await ready.settle()
    assert ready.index.looked_at == set("abc")
