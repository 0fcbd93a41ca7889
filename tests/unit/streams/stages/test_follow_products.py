"""Following what the live generation tells of products: what is written of it, in whatever order it comes."""

import random
from dataclasses import replace

import pytest
from fakes.chaos import CrashError
from fakes.exchange import PublicTopic, Rival, contents, homes_of, homes_on_record

from streams.events import Message
from streams.events.products import ProductEvent
from streams.index.port import Change
from streams.stages import Audience, Channel, state
from streams.stages.follow_products import follow_products


def follower(seed=0):
    return Rival("g2", PublicTopic(), random.Random(seed))


def event(members, revision, product_id="a", generation="g1"):
    return ProductEvent(product_id, revision, generation, "", None if members is None else tuple(members))


def message(told, headers=None):
    return Message("products", told.product_id.encode(), told.to_bytes(), headers=headers or told.headers())


async def told(rival, *events):
    await follow_products([message(one) for one in events], rival.dependencies)


async def known(rival, product_id="a"):
    """What is stored of a product, and where listings are."""
    stored = (await rival.payloads())[product_id][state.PRODUCT]
    members = stored["members"] and "".join(stored["members"])
    return (stored["revision"], members), await homes_on_record(rival)


async def test_a_product_and_its_members_are_written_whether_they_are_there_yet_or_not():
    rival = follower()
    await told(rival, event("ab", 1))
    assert await known(rival) == ((1, "ab"), {"a": "a", "b": "a"})


async def test_the_last_event_of_a_batch_counts():
    rival = follower()
    await told(rival, event("ab", 1), event("abc", 2), event("ac", 3))
    assert await known(rival) == ((3, "ac"), {"a": "a", "c": "a"})


async def test_members_that_leave_are_in_no_product_until_another_one_says_so():
    rival = follower()
    await told(rival, event("ab", 1))
    await told(rival, event("a", 2))
    assert await known(rival) == ((2, "a"), {"a": "a"})


async def test_a_product_that_is_gone_keeps_its_revision():
    rival = follower()
    await told(rival, event("ab", 1))
    await told(rival, event(None, 2))
    assert await known(rival) == ((2, None), {})


async def test_an_older_event_that_comes_again_changes_nothing():
    rival = follower()
    await told(rival, event("ab", 1))
    await told(rival, event("ac", 2))
    rival.steps.clear()
    await told(rival, event("ab", 1), event("ac", 2))
    assert set(rival.steps) == {"read"}
    assert await known(rival) == ((2, "ac"), {"a": "a", "c": "a"})


async def test_what_this_generation_told_is_left_to_the_group_stage():
    rival = follower()
    await told(rival, event("ab", 1, generation="g2"), event(None, 7, "b", generation="g2"))
    assert await rival.payloads() == {}


async def test_a_listing_that_another_partition_has_not_let_go_yet_is_remembered_by_both():
    rival = follower()
    await told(rival, event("b", 1, "b"))
    await told(rival, event("ab", 1))
    assert (await rival.payloads())["b"][state.FURTHER_PRODUCTS] == ["a"]
    await told(rival, event("a", 2))
    assert await homes_on_record(rival) == {"a": "a", "b": "b"}
    assert state.FURTHER_PRODUCTS not in (await rival.payloads())["b"]


async def test_a_listing_goes_over_when_the_first_one_lets_it_go():
    rival = follower()
    await told(rival, event("ab", 1))
    await told(rival, event("b", 1, "b"))
    assert (await homes_on_record(rival))["b"] == "a"
    await told(rival, event("a", 2))
    assert (await homes_on_record(rival))["b"] == "b"


async def live_once():
    """A generation that told of 'ab' while it was live."""
    rival = follower()
    mine = event("ab", 3, generation="g2")
    homes = [Change(one, payload={state.PRODUCT_ID: "a"}) for one in "ab"]
    await rival.index.write([Change("a", payload={state.PRODUCT: mine.to_json()}), *homes])
    return rival, mine


async def test_what_this_generation_told_before_is_kept_aside():
    rival, mine = await live_once()
    await told(rival, event("a", 4), event("b", 1, "b"))
    assert await known(rival) == ((4, "a"), {"a": "a", "b": "b"})
    stored = await rival.payloads()
    assert stored["a"][state.KEPT_PRODUCT] == mine.to_json()
    assert [stored[one][state.KEPT_PRODUCT_ID] for one in "ab"] == ["a", "a"]
    await told(rival, event("ab", 5))
    assert (await rival.payloads())["a"][state.KEPT_PRODUCT] == mine.to_json()


async def test_an_own_event_that_was_never_told_gives_way_to_one_of_the_same_revision():
    rival, mine = await live_once()
    await told(rival, event("abc", 3))
    assert (await known(rival))[0] == (3, "abc")
    assert (await rival.payloads())["a"][state.KEPT_PRODUCT] == mine.to_json()


async def test_a_tombstone_without_headers_comes_next():
    rival = follower()
    gone = message(event(None, 9), headers={"other": b"1"})
    await follow_products([message(event("ab", 4)), gone], rival.dependencies)
    assert await known(rival) == ((5, None), {})
    await follow_products([gone], rival.dependencies)
    assert await known(rival) == ((5, None), {})
    await told(rival, event("ab", 6))
    await follow_products([gone], rival.dependencies)
    assert await known(rival) == ((7, None), {})
    await told(rival, event("ab", 6))
    assert await known(rival) == ((6, "ab"), {"a": "a", "b": "a"})
    nobody = replace(gone, key=b"nobody")
    await follow_products([nobody], rival.dependencies)
    assert "nobody" not in await rival.payloads()


async def test_what_cannot_be_read_is_laid_aside_and_the_rest_goes_on():
    rival = follower()
    letters = []
    rival.deliver = _keeping(letters)
    broken = Message("products", b"x", b"{")
    await follow_products([broken, message(event("ab", 1))], rival.dependencies)
    assert [(one.channel, one.value) for one in letters] == [(Channel.DEAD_LETTERS, b"{")]
    assert (await known(rival))[0] == (1, "ab")


def _keeping(letters):
    async def deliver(some):
        letters.extend(some)

    return deliver


@pytest.mark.parametrize("step", ["payload product_id", "forget product_id", "record kept_product", "payload product"])
async def test_an_attempt_that_was_cut_off_is_made_again(step):
    rival, _ = await live_once()
    batch = [event("ac", 4)]
    rival.crash_before = step
    with pytest.raises(CrashError):
        await told(rival, *batch)
    await told(rival, *batch)
    assert await known(rival) == ((4, "ac"), {"a": "a", "c": "a"})
    assert (await rival.payloads())["b"][state.KEPT_PRODUCT_ID] == "a"


async def history(seed):
    """What a generation told while lists were rewritten at random."""
    rng = random.Random(seed)
    teller = Rival("g1", PublicTopic(), rng, limit=rng.choice([2, 3, 6]))
    teller.audience = Audience.PUBLIC
    for _ in range(rng.randint(1, 12)):
        await teller.scribble(rng.randint(1, 5), listings=7)
        await teller.drain()
    return teller


@pytest.mark.parametrize("crash", [0.0, 0.05], ids=["quiet", "crashing"])
@pytest.mark.parametrize("bare", [False, True], ids=["as told", "tombstones without headers"])
async def test_it_ends_with_what_the_topic_says(crash, bare):
    for seed in range(60):
        teller = await history(seed)
        if bare:
            for some in teller.public.partitions:
                some[:] = [replace(one, headers={}) for one in some]
        rival = Rival("g2", teller.public, teller.random)
        rival.crash = crash
        await rival.follow()
        stored = {i: one[state.PRODUCT] for i, one in (await rival.payloads()).items() if state.PRODUCT in one}
        events, last = {i: ProductEvent.from_json(one) for i, one in stored.items()}, teller.public.last()
        assert contents(events) == contents(last), seed
        assert bare or {i: e.revision for i, e in events.items()} == {i: e.revision for i, e in last.items()}, seed
        assert await homes_on_record(rival) == homes_of(last), seed
        assert not any(state.FURTHER_PRODUCTS in one for one in (await rival.payloads()).values()), seed
