"""A made-up catalogue: like a real one in what counts, and filled in at once as the stages would leave it."""

from itertools import combinations
from statistics import mean

import numpy as np
import pytest
from fakes.memory_index import MemoryIndex
from fakes.rows import bits

from encoders.types import Modality
from streams.benchmarks.families import SIZE, families
from streams.benchmarks.finished import finished
from streams.benchmarks.looking import Cost, Looking
from streams.index import View
from streams.matching import Policy, Rules
from streams.matching.variants.kinds import VetoKind

RULES = Rules(Policy(weights={Modality.TEXT: 1.0, Modality.LEXICAL: 2.0}, vetoes=frozenset(VetoKind)))
DIMENSIONS = {Modality.TEXT: SIZE}


async def everything(index: MemoryIndex) -> dict:
    told = {p.listing_id: p async for p in index.scan(list(View))}
    return {
        one: ({**point.payload, "standing": None}, bits(point.raw), bits(point.blended)) for one, point in told.items()
    }


async def test_points_that_are_filled_in_are_what_the_stages_make():
    made = [some for _, some in families(150)]
    filled, staged = MemoryIndex(DIMENSIONS), MemoryIndex(DIMENSIONS)
    await filled.write([change for family in made for change in finished(family, RULES)])
    await Looking(staged, RULES).take([one for family in made for one in family])
    wanted, got = await everything(staged), await everything(filled)
    assert got.keys() == wanted.keys()
    told = {"revision": None, "heard": None}  # what a list was on its way is nobody's business
    for one, (payload, raw, blended) in wanted.items():
        assert {**got[one][0], **told} == {**payload, **told}
        assert got[one][1:] == (raw, blended)
    assert any(payload["matches"] for payload, _, _ in wanted.values())


def test_groups_are_as_in_a_shop():
    sizes, within, between, strangers = [], [], [], []
    first = None
    for _, some in families(900):
        by_group: dict[str, list] = {}
        for one in some:
            by_group.setdefault(one.listing_id.split("-")[1], []).append(one.embedding[Modality.TEXT])
        sizes += [len(rows) for rows in by_group.values()]
        within += [float(a @ b) for rows in by_group.values() for a, b in combinations(rows, 2)]
        between += [float(x[0] @ y[0]) for x, y in combinations(by_group.values(), 2)]
        first = some[0].embedding[Modality.TEXT] if first is None else first
        strangers.append(float(first @ some[-1].embedding[Modality.TEXT]))
    assert mean(sizes) == pytest.approx(3, abs=0.5)
    assert max(sizes) >= 10
    assert 0.7 < np.quantile(within, 0.05) < np.quantile(within, 0.95) < 0.95
    assert 0.2 < min(between) < max(between) < 0.6
    assert max(strangers[1:]) < 0.3


async def test_a_new_listing_is_found_and_an_update_counts_as_one():
    index = MemoryIndex(DIMENSIONS)
    (family, some), *_ = families(30)
    await index.write(finished(some, RULES))
    looking = Looking(index, RULES)
    new = family.another(0)
    costs = await looking.take([new])
    assert list(costs) == ["index", "blend", "match"]
    assert costs["index"] == Cost(costs["index"].seconds, 1, 1, 5, 2, costs["index"].hits)
    matches = (await index.read([new.listing_id]))[new.listing_id].payload["matches"]
    assert {match["listing_id"].split("-")[1] for match in matches} == {"0"}
    await looking.take([family.anew(some[0])])
    point = (await index.read([some[0].listing_id]))[some[0].listing_id]
    assert point.payload["standing"]["version"][1] == 2
    assert await index.count() == len(some) + 1
