"""The match stage: what subscribers are told, how often, and with which revision."""

import pytest
from fakes.bench import OFF, Bench, told
from fakes.chaos import CrashError

from streams.stages import Channel, state

SHOES = {"a": "shoe 1", "b": "shoe 2"}


def shoe(bench: Bench, listing_id: str, image: str, version: int = 1):
    return bench.message(listing_id, {"image": image, "version": version})


async def ready(*, matched: bool = True, **images: str) -> Bench:
    """Listings with nothing but photos, of one shoe unless said otherwise; blended, and matched if wanted."""
    bench, images = Bench(OFF), images or SHOES
    await bench.put(*[shoe(bench, i, image) for i, image in images.items()])
    await bench.blend(*images)
    if matched:
        await bench.match(*images)
    return bench


async def comes(bench: Bench, listing_id: str, image: str, version: int = 1) -> None:
    """A listing that is there and blended, while nobody has matched anything anew."""
    await bench.put(shoe(bench, listing_id, image, version))
    await bench.blend(listing_id)


async def goes(bench: Bench, listing_id: str) -> None:
    await bench.put(bench.message(listing_id))
    await bench.blend(listing_id)


async def test_a_list_is_told_with_similarity_evidence_generation_and_cause():
    bench = await ready(matched=False)
    [event] = told(await bench.match("a", cause="listing b published"))
    [found] = event.matches
    assert (event.listing_id, event.revision, event.generation) == ("a", 1, "g1")
    assert event.cause == "listing b published"
    assert found.listing_id == "b"
    assert found.similarity == pytest.approx(0.9147, abs=1e-4)
    assert found.evidence == {"image": found.similarity, "rule": "combined>=0.70"}
    assert (event.added, event.removed) == (("b",), ())


async def test_an_unchanged_list_is_not_told_and_not_written():
    bench = await ready()
    bench.steps.clear()
    assert await bench.match("a", "b") == []
    assert {step for step, _ in bench.steps} == {"read", "search"}


async def test_several_marks_in_a_batch_are_one_event_with_the_first_cause():
    bench = await ready(matched=False)
    letters = await bench.match("a", "a", cause="first")
    assert [event.cause for event in told(letters)] == ["first"]


async def test_a_lonely_listing_is_told_an_empty_list_once():
    bench = await ready(matched=False, a="shoe 1")
    [event] = told(await bench.match("a"))
    assert (event.matches, event.revision, event.added, event.removed) == ((), 1, (), ())
    assert await bench.match("a") == []


async def test_the_revision_grows_by_one_with_each_change_and_tells_what_changed():
    bench = await ready()
    events = []
    await comes(bench, "c", "shoe 3")
    events += told(await bench.match("a"))
    await goes(bench, "b")
    events += told(await bench.match("a"))
    await goes(bench, "c")
    events += told(await bench.match("a"))
    assert [(e.revision, e.added, e.removed) for e in events] == [(2, ("c",), ()), (3, (), ("b",)), (4, (), ("c",))]


async def test_a_changed_similarity_is_a_change_of_the_list():
    bench = await ready()
    await comes(bench, "b", "shoe 4", version=2)
    [event] = told(await bench.match("a"))
    assert (event.revision, event.added, event.removed) == (2, (), ())


async def test_what_was_cut_off_after_the_write_is_told_again_with_the_same_revision():
    bench = await ready()
    await comes(bench, "c", "shoe 3")
    bench.crash_before("deliver")
    with pytest.raises(CrashError):
        await bench.match("a")
    [event] = told(await bench.match("a"))
    assert (event.revision, event.added, event.removed) == (2, ("c",), ())
    assert await bench.match("a") == []
    assert state.UNTOLD not in (await bench.point("a")).payload


async def test_what_is_known_to_be_told_is_not_told_again():
    bench = await ready()
    await comes(bench, "c", "shoe 3")
    bench.crash_before("forget")
    with pytest.raises(CrashError):
        await bench.match("a")
    assert await bench.match("a") == []
    assert state.UNTOLD not in (await bench.point("a")).payload


@pytest.mark.parametrize("step", ["record", "payload"])
async def test_what_was_cut_off_before_the_write_has_no_revision_yet(step):
    bench = await ready()
    await comes(bench, "c", "shoe 3")
    bench.crash_before(step)
    with pytest.raises(CrashError):
        await bench.match("a")
    [event] = told(await bench.match("a"))
    assert (event.revision, event.added) == (2, ("c",))


async def test_a_list_that_changes_back_before_it_was_told_is_told_with_a_revision_of_its_own():
    bench = await ready()
    await comes(bench, "c", "shoe 3")
    bench.crash_before("deliver")
    with pytest.raises(CrashError):
        await bench.match("a")
    await goes(bench, "c")
    [event] = told(await bench.match("a"))
    assert (event.revision, event.added, event.removed) == (3, (), ("c",)), "somebody may have been told of it"
    assert [match.listing_id for match in event.matches] == ["b"]


async def test_what_is_added_is_relative_to_what_was_certainly_told():
    bench = await ready()
    await comes(bench, "c", "shoe 3")
    bench.crash_before("deliver")
    with pytest.raises(CrashError):
        await bench.match("a")
    await comes(bench, "d", "shoe 4")
    await goes(bench, "b")
    [event] = told(await bench.match("a"))
    assert (event.revision, set(event.added), event.removed) == (3, {"c", "d"}, ("b",))


async def test_a_listing_that_is_gone_is_a_tombstone_told_once():
    bench = await ready()
    await goes(bench, "a")
    [letter] = await bench.match("a")
    assert (letter.channel, letter.key, letter.value) == (Channel.MATCHES, b"a", None)
    assert await bench.match("a") == []
    assert state.MATCHES not in (await bench.point("a")).payload


@pytest.mark.parametrize("step", ["record", "payload", "deliver"])
async def test_a_tombstone_that_was_cut_off_is_told_and_counts_one_revision(step):
    bench = await ready()
    await goes(bench, "a")
    bench.crash_before(step)
    with pytest.raises(CrashError):
        await bench.match("a")
    [letter] = await bench.match("a")
    assert letter.value is None
    assert (await bench.point("a")).payload[state.REVISION] == 2
    assert await bench.match("a") == []


async def test_a_listing_that_comes_back_goes_on_with_its_revisions():
    bench = await ready()
    await goes(bench, "a")
    await bench.match("a")
    await comes(bench, "a", "shoe 1", version=2)
    [event] = told(await bench.match("a"))
    assert (event.revision, event.added, event.removed) == (3, ("b",), ())


async def test_a_listing_not_blended_yet_is_told_nothing():
    bench = Bench(OFF)
    await bench.put(shoe(bench, "a", "shoe 1"))
    assert await bench.match("a", "nobody") == []


async def test_match_reads_nothing_but_what_blend_wrote():
    bench = await ready()
    await bench.put(shoe(bench, "b", "lamp 1", version=2))
    assert await bench.match("a", "b") == [], "blend has not been there yet"
    await bench.blend("b")
    assert [event.removed for event in told(await bench.match("a"))] == [("b",)]
