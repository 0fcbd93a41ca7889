"""Lists rewritten at random while the group stage is at work, dies and is told twice: products end as the reference.

What subscribers of the compacted topic know, what is stored and the reference are the same after every
burst, revisions never go back, and no record is left.
"""

import pytest
from fakes.product_runs import Run

pytestmark = pytest.mark.slow

LISTINGS = pytest.mark.parametrize("listings", [5, 9, 14])
CRASH = pytest.mark.parametrize("crash", [0.0, 0.03], ids=["quiet", "crashing"])


async def wrong_ends(run, seeds):
    return {seed: wrong for seed in seeds if (wrong := await run.ends_wrong(seed))}


@LISTINGS
@CRASH
async def test_products_end_as_the_reference_says(listings, crash):
    assert await wrong_ends(Run(listings, crash=crash), range(25)) == {}


@pytest.mark.no_cover  # nearly doubles the time; other tests run the same lines
@LISTINGS
@CRASH
async def test_products_end_as_the_reference_says_in_many_runs(listings, crash):
    assert await wrong_ends(Run(listings, crash=crash), range(1_000, 1_120)) == {}
