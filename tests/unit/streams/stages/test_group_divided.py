"""Products that judgements divide: what is told, what is remembered, and that no change far off is missed."""

from fakes.market_scenes import market, rewritten

from streams.events import Verdict
from streams.stages import state


async def judged(ready, *said):
    """What is told after these verdicts, such as 'a!c' for different and 'a?c' for one that is taken back."""
    ready.listen()
    for one, word, other in said:
        await ready.judge(one, other, Verdict.DIFFERENT if word == "!" else None)
    await ready.settle()
    return ready.members()


async def remembered(ready):
    payloads = await ready.payloads()
    return {i: "".join(some[state.DIVIDED]) for i, some in payloads.items() if state.DIVIDED in some}


async def test_a_judgement_divides_a_product_and_taken_back_joins_it_again():
    ready = await market("AB9", "BC8")
    assert await judged(ready, "a!c") == {"a": "ab", "c": "c"}
    assert (ready.told()["c"].split_from, ready.told()["a"].split_into) == (("a",), ("c",))
    assert await remembered(ready) == {"a": "abc", "b": "abc", "c": "abc"}
    assert await judged(ready, "a?c") == {"a": "abc", "c": None}
    assert ready.told()["a"].merged_from == ("c",)
    assert await remembered(ready) == {}


async def test_who_is_between_goes_over_to_the_one_that_it_becomes_more_like():
    ready = await market("AB9", "BC8")
    await judged(ready, "a!c")
    assert await rewritten(ready, "AB7", "BC8") == {"a": "a", "b": "bc", "c": None}


async def test_links_that_do_not_join_two_products_may_hold_one_of_them_together():
    """C's two weak links make that of a and b count, and it is in no product with them; only its own list changes."""
    ready = await market("ab9", "bc8", "ac8")
    await judged(ready, "a!c")
    assert set(ready.told()) == {"a", "c"}
    assert await rewritten(ready, "ab9", "b>c", "a>c", only="c") == {"a": "a", "b": "b"}
    assert await ready.disagreement() == ""


async def test_a_crowd_begins_and_ends_with_a_listing_that_is_no_neighbor_of_half_of_it():
    """Only e's list changes; c and d are in no product with a, whom it links, and in no list that a or e is in."""
    ready = await market("A>E", "AB9", "BC7", "CD9", limit=4)
    assert await judged(ready, "a!d") == {"a": "ab", "c": "cd"}
    assert await rewritten(ready, "AE", "AB9", "BC7", "CD9", only="e") == {one: one for one in "abcde"}
    assert all(event.oversized for event in ready.told().values())
    assert await rewritten(ready, "A>E", "AB9", "BC7", "CD9", only="e") == {
        "a": "ab",
        "c": "cd",
        "e": "e",
        "b": None,
        "d": None,
    }
    assert await ready.disagreement() == ""


async def test_what_was_remembered_of_a_listing_that_goes_leads_to_those_it_leaves():
    ready = await market("AB9", "BC8", "CD9")
    assert await judged(ready, "a!d") == {"a": "ab", "c": "cd"}
    await ready.put("d", None)
    await ready.settle()
    assert (await remembered(ready), await ready.disagreement()) == ({}, "")
    assert ready.members()["a"] == "abc"


async def test_an_attempt_that_is_cut_off_between_telling_and_moving_finds_everybody_again():
    ready = await market("AB9", "BC8")
    await ready.judge("a", "c", Verdict.DIFFERENT)
    await ready.dies_before("payload product_id")
    assert await remembered(ready) == {"a": "abc", "b": "abc", "c": "abc"}
    await ready.settle()
    assert await ready.disagreement() == ""


async def test_a_verdict_on_listings_that_hang_together_with_nobody_in_common_tells_nothing():
    ready = await market("AB", "CD")
    assert await judged(ready, "a!c", "b!x") == {}
    assert await remembered(ready) == {}
