"""Any sequence of changes leaves every index as it leaves the plain dictionaries of the fake."""

from contextlib import aclosing

import numpy as np
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from encoders.types import Modality
from streams.index import Change, Index, Query, View
from tests.fakes.index_backends import DIMENSIONS, OpenIndex
from tests.fakes.memory_index import MemoryIndex
from tests.fakes.rows import bits, random_dense, random_sparse

RNG = np.random.default_rng(6)
ROWS = {
    Modality.IMAGE: [random_dense(RNG, 8) for _ in range(12)],
    Modality.TEXT: [random_dense(RNG, 6) for _ in range(12)],
    Modality.JOINT: [random_dense(RNG, 7) for _ in range(12)],
    Modality.LEXICAL: [random_sparse(RNG) for _ in range(12)],
}
LISTINGS = [f"listing-{n}" for n in range(100)]

embeddings = st.fixed_dictionaries({}, optional={m: st.sampled_from(range(12)) for m in ROWS}).map(
    lambda chosen: {modality: ROWS[modality][n] for modality, n in chosen.items()}
)
payloads = st.dictionaries(st.sampled_from("abc"), st.none() | st.integers(-9, 9) | st.lists(st.booleans()), max_size=2)
changes = st.builds(
    Change,
    listing_id=st.sampled_from(LISTINGS[:12]),
    record=payloads,
    rows=st.dictionaries(st.sampled_from(View), embeddings, max_size=2),
    payload=payloads,
    forget=st.lists(st.sampled_from("abc"), max_size=2, unique=True),
)
batches = st.lists(st.lists(changes, max_size=8), max_size=4)


def beginning() -> list[Change]:
    return [
        Change(
            listing_id, rows={View.RAW: {modality: rows[n % 12] for modality, rows in ROWS.items()}}, payload={"n": n}
        )
        for n, listing_id in enumerate(LISTINGS)
    ]


async def everything(index: Index) -> dict:
    async with aclosing(index.scan(list(View), page_size=64)) as points:
        return {p.listing_id: (p.payload, bits(p.raw), bits(p.blended)) async for p in points}


async def similarities(index: Index) -> list[dict[str, float]]:
    queries = [Query(view, m, rows[n], 0.2, 200) for view in View for m, rows in ROWS.items() for n in (0, 5)]
    return [{hit.listing_id: hit.similarity for hit in hits} for hits in await index.search(queries)]


# shrinking would open thousands of indexes; sequences are short as they are
@settings(
    max_examples=12,
    deadline=None,
    phases=[Phase.explicit, Phase.reuse, Phase.generate],
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(written=batches)
async def test_every_index_ends_like_the_fake(open_index: OpenIndex, written: list[list[Change]]):
    index, fake = await open_index(), MemoryIndex(DIMENSIONS)
    for batch in [beginning(), *written]:
        await index.write(batch)
        await fake.write(batch)
    assert await everything(index) == await everything(fake)
    for got, wanted in zip(await similarities(index), await similarities(fake), strict=True):
        assert got.keys() == wanted.keys()
        assert all(abs(got[listing_id] - wanted[listing_id]) < 1e-5 for listing_id in wanted)
