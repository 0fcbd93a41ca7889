"""The index stage: whom a change touches, and that no crash makes it forget them."""

import pytest
from fakes.bench import Bench, key_of, marked
from fakes.chaos import CrashError
from fakes.circle import POLICY as CIRCLE_POLICY
from fakes.circle import CircleEncoder

from streams.index import View
from streams.stages import Channel, state


async def on_a_circle(**angles: float) -> Bench:
    """Listings at these angles, blended."""
    bench = Bench(CIRCLE_POLICY, CircleEncoder())
    await bench.publish(*[bench.message(i, {"title": str(angle), "version": 1}) for i, angle in angles.items()])
    bench.steps.clear()
    return bench


async def moved(bench: Bench, listing_id: str, angle: float, version: int = 2) -> list[str]:
    """Whom index marks when a listing moves there."""
    letters = await bench.put(bench.message(listing_id, {"title": str(angle), "version": version}))
    return marked(letters, Channel.REBLEND)


async def test_who_is_near_enough_to_count_is_marked():
    bench = await on_a_circle(a=0.0, b=0.1, far=2.0)
    assert await moved(bench, "c", 0.2, version=1) == ["a", "b", "c"]


async def test_whose_radius_excludes_the_change_is_not_marked():
    bench = await on_a_circle(a=0.0, near1=0.01, near2=-0.01)
    assert (await bench.point("a")).payload[state.RADIUS] > 0.99
    assert await moved(bench, "c", 0.3, version=1) == ["c"]


async def test_whom_a_listing_leaves_is_marked_and_whom_it_joins():
    bench = await on_a_circle(a=0.0, b=0.1, c=1.0, d=1.1)
    assert await moved(bench, "b", 1.05) == ["a", "b", "c", "d"]


async def test_a_tie_at_the_radius_is_marked():
    bench = await on_a_circle(a=0.0, b=0.1, c=0.1)
    assert "a" in await moved(bench, "A", 0.1, version=1)


async def test_who_was_never_blended_counts_as_if_nothing_were_near():
    bench = Bench(CIRCLE_POLICY, CircleEncoder())
    angles = {"a": 0.0, "near1": 0.01, "near2": -0.01}
    await bench.put(*[bench.message(i, {"title": str(angle), "version": 1}) for i, angle in angles.items()])
    assert await moved(bench, "c", 0.3, version=1) == ["a", "c", "near1", "near2"]


@pytest.mark.parametrize("step", ["rows", "payload", "search", "deliver", "forget"])
async def test_an_unfinished_record_marks_again_whom_the_replaced_rows_touched(step):
    bench = await on_a_circle(a=0.0, b=0.1)
    letters = await bench.embed(bench.message("b", {"title": "2.0", "version": 2}))
    bench.crash_before(step)
    with pytest.raises(CrashError):
        await bench.apply(*letters)
    assert marked(await bench.apply(*letters), Channel.REBLEND) == ["a", "b"]
    assert state.PENDING[View.RAW] not in (await bench.point("b")).payload
    assert await bench.apply(*letters) == [], "what is finished is finished"


async def test_a_first_write_that_was_cut_off_marks_again():
    bench = await on_a_circle(a=0.0)
    letters = await bench.embed(bench.message("b", {"title": "0.1", "version": 1}))
    bench.crash_before("deliver")
    with pytest.raises(CrashError):
        await bench.apply(*letters)
    assert [key_of(one) for one in await bench.apply(*letters)] == ["b", "a"]
