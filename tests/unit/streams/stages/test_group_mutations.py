"""The group stage broken on purpose ends wrong, in runs where the real one does not: the random tests can see it."""

from unittest.mock import patch

import pytest
from fakes.match_graphs import graph
from fakes.product_runs import Run, with_steps
from fakes.products import Market

from streams.stages.group import group
from streams.stages.group_memory import Memory
from streams.stages.group_search import Seen, _Search

pytestmark = [pytest.mark.slow, pytest.mark.no_cover]  # coverage nearly doubles the time

MOST_RUNS = 150
QUIET = Run()
CRASHING = Run(crash=0.02)

IN_ORDER = ("record", "products", "tell", "move", "clear")
BROKEN_STEPS = {
    "no record": ("products", "tell", "move"),
    "record after the products": ("products", "record", "tell", "move", "clear"),
    "told before the products are written": ("record", "tell", "products", "move", "clear"),
    "cleared before telling": ("record", "products", "clear", "tell", "move"),
    "cleared before moving": ("record", "products", "tell", "clear", "move"),
}


async def first_wrong_end(run, stage=group):
    for seed in range(MOST_RUNS):
        if await run.ends_wrong(seed, stage):
            return seed
    return None


@pytest.mark.parametrize("steps", BROKEN_STEPS.values(), ids=BROKEN_STEPS)
async def test_wrong_steps_end_wrong(steps):
    assert await first_wrong_end(CRASHING, with_steps(*steps)) is not None


async def test_the_same_steps_in_their_order_end_right():
    assert [seed for seed in range(40) if await CRASHING.ends_wrong(seed, with_steps(*IN_ORDER))] == []


async def merged_after_a_crash(stage):
    """Where a product is said to come from, if the stage died before it wrote the product."""
    market = Market(10, stage=stage)
    await market.fill(graph("AB", "CD"))
    for one, some in graph("AB", "BC", "CD").items():
        await market.put(one, some)
    await market.dies_before("payload product")
    await market.settle()
    return market.told()["a"].merged_from


async def test_members_that_move_before_the_products_are_written_lose_where_they_came_from():
    assert await merged_after_a_crash(group) == ("c",)
    assert await merged_after_a_crash(with_steps("record", "move", "products", "tell", "clear")) == ()


def only_present_links(_search, _listing_id, seen):
    return {*(seen.regrouping or ()), *(seen.links or {})}


def only_earlier_links(_search, _listing_id, seen):
    return {*(seen.regrouping or ()), *seen.crowd_links}


BLIND = {
    "to a new link of a crowd": (_Search, "_around_a_mark", only_earlier_links),
    "to a lost link of a crowd": (_Search, "_around_a_mark", only_present_links),
    "to links that are not remembered": (Memory, "before", lambda _memory: iter(())),
    "to the members a product had": (Seen, "companions", property(lambda _seen: set())),
}


@pytest.mark.parametrize(("where", "name", "blind"), BLIND.values(), ids=BLIND)
async def test_a_search_that_is_blind_ends_wrong(where, name, blind):
    with patch.object(where, name, blind):
        assert await first_wrong_end(QUIET) is not None


async def test_links_remembered_of_marked_listings_only_end_wrong():
    real = Memory.before

    def of_marked(self):
        return (change for change in real(self) if change.listing_id in self.marked)

    with patch.object(Memory, "before", of_marked):
        assert await first_wrong_end(QUIET) is not None
