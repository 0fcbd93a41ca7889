"""Looking around: how often the engine is asked, who is found, and how similar exactly."""

from dataclasses import replace

import numpy as np
import pytest
from fakes.bench import OFF, Bench
from fakes.circle import POLICY as CIRCLE_POLICY
from fakes.circle import CircleEncoder

from encoders.types import Content, Modality
from streams.index import View
from streams.matching import Policy
from streams.stages import state
from streams.stages.around import Aim, look_around


def aim_of(policy: Policy, view: View = View.RAW) -> Aim:
    return Aim(view, policy.match_floors, policy.match_threshold, policy)


async def circle(listings: int, limit: int = 256) -> Bench:
    """So many listings in one crowd, the nearest to angle 0 first by name."""
    bench = Bench(CIRCLE_POLICY, CircleEncoder())
    bench.dependencies = replace(bench.dependencies, search_limit=limit)
    await bench.put(*[bench.message(f"l{i:02}", {"title": f"{i * 0.01:.2f}", "version": 1}) for i in range(listings)])
    bench.index.round_trips = 0
    return bench


def at(*angles: float):
    return [one.embedding for one in CircleEncoder().encode([Content(str(angle)) for angle in angles])]


async def shop(**contents: tuple[str | None, str | None]) -> Bench:
    """Listings of a title and a photo."""
    bench = Bench(OFF)
    for listing_id, (title, image) in contents.items():
        value = {"title": title, "image": image, "version": 1}
        await bench.put(bench.message(listing_id, {name: one for name, one in value.items() if one}))
    bench.index.round_trips = 0
    return bench


async def found_in(bench: Bench, policy: Policy, *contents: Content) -> dict[str, float]:
    embeddings = [one.embedding for one in bench.encoder.encode(contents)]
    around = await look_around(bench.dependencies, aim_of(policy), embeddings)
    return dict(zip(around.table.listing_ids, around.found.combined[0].tolist(), strict=True))


@pytest.mark.parametrize("embeddings", [1, 5])
async def test_looking_around_is_two_round_trips_for_any_number_of_embeddings(embeddings):
    bench = await circle(6)
    await look_around(bench.dependencies, aim_of(CIRCLE_POLICY), at(*[0.01 * i for i in range(embeddings)]))
    assert bench.index.round_trips == 2


async def test_looking_around_nothing_asks_nobody():
    bench = await circle(2)
    around = await look_around(bench.dependencies, aim_of(CIRCLE_POLICY), [{}, {}])
    assert bench.index.round_trips == 0
    assert (around.table.listing_ids, around.found.combined.shape) == ((), (2, 0))


async def test_similarities_are_exact_for_all_that_were_found():
    bench = await circle(3)
    around = await look_around(bench.dependencies, aim_of(CIRCLE_POLICY), at(0.0, 0.02))
    wanted = np.cos([[0, 0.01, 0.02], [0.02, 0.01, 0]]).round(6)
    assert around.found.combined == pytest.approx(wanted, abs=2e-6)
    assert set(around.points) == {"l00", "l01", "l02"}


async def test_an_embedding_without_rows_finds_nobody_beside_one_that_finds_some():
    bench = await circle(2)
    around = await look_around(bench.dependencies, aim_of(CIRCLE_POLICY), [{}, *at(0.0)])
    assert around.found.combined[0].tolist() == [-1.0, -1.0]
    assert (around.found.combined[1] > 0.99).all()


async def test_the_views_are_apart():
    bench = await circle(3)
    aim = aim_of(CIRCLE_POLICY, View.BLENDED)
    assert (await look_around(bench.dependencies, aim, at(0.0))).points == {}
    await bench.blend("l01")
    around = await look_around(bench.dependencies, aim, at(0.0))
    assert set(around.points) == {"l01"}
    assert around.points["l01"].raw == {}


async def test_a_candidate_beyond_the_search_limit_is_found_by_a_deeper_search():
    bench = await circle(12, limit=3)
    around = await look_around(bench.dependencies, aim_of(CIRCLE_POLICY), at(0.0))
    assert len(around.points) == 12
    assert bench.index.round_trips == 3 + 1, "3, 12 and 48 at most, then the rows"


async def test_a_deeper_search_asks_only_for_those_whose_search_was_cut():
    bench = await circle(12, limit=3)
    asked = []
    search = bench.index.search

    async def counting(queries, fields=()):
        asked.append([query.limit for query in queries])
        return await search(queries, fields)

    bench.index.search = counting
    await look_around(bench.dependencies, aim_of(CIRCLE_POLICY), at(0.0, 3.0))
    assert asked == [[3, 3], [12], [48]]


async def test_a_crowd_is_cut_at_sixteen_times_the_limit():
    bench = await circle(20, limit=1)
    around = await look_around(bench.dependencies, aim_of(CIRCLE_POLICY), at(0.0))
    assert sorted(around.points) == [f"l{i:02}" for i in range(16)], "the nearest"


async def test_rows_are_read_only_of_those_who_can_be_near_enough():
    bench = await shop(a=("red shoe", "shoe 1"), b=("red lamp", "lamp 1"), c=("red shoe", "shoe 2"))
    found = await found_in(bench, OFF, Content("red shoe", b"shoe 3"))
    assert set(found) == {"a", "c"}, "b has half of the title, and a photo that is too far"


async def test_a_listing_that_lacks_a_modality_is_compared_by_those_it_has():
    bench = await shop(a=(None, "shoe 1"), b=("blue mug", "shoe 1"))
    found = await found_in(bench, OFF, Content("red shoe", b"shoe 2"))
    assert found["a"] == pytest.approx(0.9147, abs=1e-4)
    assert "b" not in found, "its title says another thing"


async def test_one_sure_modality_is_enough_to_be_found():
    bench = await shop(b=("blue mug", "shoe 1"))
    found = await found_in(bench, OFF, Content("red shoe", b"shoe 1"))
    assert found["b"] < OFF.match_threshold


async def test_a_hit_whose_modalities_are_not_written_yet_does_no_harm():
    bench = await shop(a=("red shoe", "shoe 1"))
    bench.index._stored["a"].payload.pop(state.MODALITIES[View.RAW])
    assert set(await found_in(bench, OFF, Content("red shoe", b"shoe 2"))) == {"a"}
    assert Modality.IMAGE in (await bench.point("a")).raw
