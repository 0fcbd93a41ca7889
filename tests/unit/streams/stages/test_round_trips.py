"""How often each stage goes to the index for a batch: the same for one listing as for many.

The numbers are what the stages promise; a change that lowers one lowers it here too. Adapters count
for themselves what one call of the port costs them.
"""

import pytest
from fakes.bench import OFF, POLICY, Bench

from streams.index import Change
from streams.stages import state

BATCHES = pytest.mark.parametrize("listings", [1, 32])


def ids(listings: int) -> list[str]:
    return [f"l{i:02}" for i in range(listings)]


def messages(bench: Bench, listings: int, version: int = 1, **fields):
    return [
        bench.message(i, {"title": f"title {i} {fields.get('word', '')}".strip(), "version": version, **fields})
        for i in ids(listings)
    ]


async def trips(bench: Bench, doing) -> int:
    before = bench.index.round_trips
    await doing
    return bench.index.round_trips - before


@BATCHES
async def test_embed_asks_once_whatever_has_changed(listings):
    bench = Bench(POLICY)
    assert await trips(bench, bench.embed(*messages(bench, listings))) == 1
    await bench.put(*messages(bench, listings))
    assert await trips(bench, bench.embed(*messages(bench, listings, version=2))) == 1
    assert await trips(bench, bench.embed(*messages(bench, listings, version=2, word="new"))) == 1
    assert await trips(bench, bench.embed(*[bench.message(i) for i in ids(listings)])) == 0


@BATCHES
async def test_index_takes_five_and_two_when_only_prices_changed(listings):
    bench = Bench(POLICY)
    new, priced, stale = [
        await bench.embed(*messages(bench, listings, version=version, url=url))
        for version, url in ((2, "a"), (3, "b"), (1, "c"))
    ]
    assert await trips(bench, bench.apply(*new)) == 5, "read, write, search, rows, clear"
    assert await trips(bench, bench.apply(*priced)) == 2, "read, write"
    assert await trips(bench, bench.apply(*stale)) == 1, "read"


@BATCHES
async def test_blend_takes_seven_and_three_when_nothing_changed(listings):
    bench = Bench(POLICY)
    await bench.put(*messages(bench, listings))
    assert await trips(bench, bench.blend(*ids(listings))) == 7, "read, look, write, look, clear; looks are two"
    assert await trips(bench, bench.blend(*ids(listings))) == 3, "read, look"


@BATCHES
async def test_blend_takes_six_when_radii_alone_changed(listings):
    bench = Bench(POLICY)
    await bench.put(*messages(bench, listings))
    await bench.blend(*ids(listings))
    await bench.index.write([Change(one, payload={state.RADIUS: 0.99}) for one in ids(listings)])
    assert await trips(bench, bench.blend(*ids(listings))) == 6, "read, look, write, look"


@BATCHES
async def test_match_takes_five_and_three_when_nothing_changed(listings):
    bench = Bench(OFF)
    await bench.put(*messages(bench, listings))
    await bench.blend(*ids(listings))
    assert await trips(bench, bench.match(*ids(listings))) == 5, "read, look, write, clear; the look is two"
    assert await trips(bench, bench.match(*ids(listings))) == 3, "read, look"
