"""Attempts of the group stage that were cut off: what the next one tells and leaves."""

import pytest
from fakes.market_scenes import market
from fakes.match_graphs import graph

STEPS = ["record regrouping", "payload product", "deliver", "payload product_id", "forget regrouping"]


@pytest.mark.parametrize("step", STEPS)
async def test_what_was_cut_off_is_told_and_counts_one_revision(step):
    ready = await market("AB", "CD")
    for one, some in graph("AB", "BC", "CD").items():
        await ready.put(one, some)
    await ready.dies_before(step)
    await ready.settle()
    assert await ready.disagreement() == ""
    assert ready.told()["a"].revision == 2
    assert ready.told()["a"].merged_from == ("c",)
    ready.listen()
    ready.mark("a")
    await ready.settle()
    assert ready.news() == []


@pytest.mark.parametrize("step", STEPS)
@pytest.mark.parametrize("first", "bc")
async def test_marks_of_a_batch_that_was_cut_off_may_come_again_one_by_one(step, first):
    ready = await market("AB", "CD")
    for one in "bc":
        await ready.put(one, graph("AB", "BC", "CD")[one])
    await ready.dies_before(step)
    batch = sorted(ready.waiting, key=lambda mark: mark.key != first.encode())
    for mark in batch:
        ready.waiting = type(ready.waiting)([mark])
        await ready.settle()
    assert await ready.disagreement() == ""
    assert ready.told()["a"].revision == 2


@pytest.mark.parametrize("step", STEPS)
async def test_lists_may_change_between_a_crash_and_the_next_attempt(step):
    ready = await market("AB", "CD")
    for one, some in graph("AB", "BC", "CD").items():
        await ready.put(one, some)
    await ready.dies_before(step)
    later = {**graph("AB", "DE", alone="c")}
    marks = list(ready.waiting)
    for one, some in later.items():
        await ready.put(one, some)
    late = list(ready.waiting)[len(marks) :]
    for some in (marks, late):
        ready.waiting = type(ready.waiting)(some)
        await ready.settle()
    assert await ready.disagreement() == ""
