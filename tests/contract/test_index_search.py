"""What every index finds, and how often it goes to the engine."""

import numpy as np
import pytest

from encoders.types import Modality
from streams.errors import IndexMismatchError
from streams.index import Change, Index, Query, View
from tests.fakes.rows import axis, dense, random_dense, random_sparse, sparse

IMAGE, TEXT, LEXICAL = Modality.IMAGE, Modality.TEXT, Modality.LEXICAL
RAW, BLENDED = View.RAW, View.BLENDED


def ask(row, modality=IMAGE, floor=0.1, limit=10, view=RAW) -> Query:
    return Query(view, modality, row, floor, limit)


async def found(index: Index, query: Query) -> list[tuple[str, float]]:
    (hits,) = await index.search([query])
    return [(hit.listing_id, hit.similarity) for hit in hits]


async def test_hits_come_the_most_similar_first(index: Index):
    rows = {"far": dense(0.25, 0, 0, 0, 0, 0, 0, 0), "near": axis(8, 0), "between": dense(0.5, 0, 0, 0, 0, 0, 0, 0)}
    await index.write([Change(listing_id, rows={RAW: {IMAGE: row}}) for listing_id, row in rows.items()])
    assert await found(index, ask(axis(8, 0))) == [("near", 1.0), ("between", 0.5), ("far", 0.25)]


async def test_a_similarity_of_exactly_the_floor_is_found_and_one_below_is_not(index: Index):
    floor = float(np.float32(0.7))
    below = np.nextafter(np.float32(0.7), np.float32(0))
    rows = {"at": np.float32(0.7), "below": below}
    await index.write([Change(i, rows={RAW: {IMAGE: axis(8, 0) * value}}) for i, value in rows.items()])
    assert await found(index, ask(axis(8, 0), floor=floor)) == [("at", floor)]
    assert await found(index, ask(axis(8, 0), floor=float(below))) == [("at", floor), ("below", float(below))]


async def test_the_limit_keeps_the_most_similar(index: Index):
    rows = {f"l{n}": axis(8, 0) * np.float32(1 - n / 64) for n in range(20)}
    await index.write([Change(listing_id, rows={RAW: {IMAGE: row}}) for listing_id, row in rows.items()])
    assert [i for i, _ in await found(index, ask(axis(8, 0), limit=3))] == ["l0", "l1", "l2"]


async def test_equal_similarities_are_all_found(index: Index):
    await index.write([Change(f"l{n}", rows={RAW: {IMAGE: axis(8, 0)}}) for n in range(5)])
    assert sorted(await found(index, ask(axis(8, 0)))) == [(f"l{n}", 1.0) for n in range(5)]


async def test_points_without_the_modality_or_without_any_row_are_not_found(index: Index):
    text, lexical = {TEXT: axis(6, 0)}, {LEXICAL: sparse({3: 1.0})}
    await index.write([Change("text", rows={RAW: text}), Change("lexical", rows={RAW: lexical}), Change("marker")])
    await index.write([Change("gone", rows={RAW: {IMAGE: axis(8, 0)}}), Change("gone", rows={RAW: {}})])
    assert await found(index, ask(axis(8, 0), floor=-1)) == []
    assert await found(index, ask(axis(6, 0), TEXT, floor=-1)) == [("text", 1.0)]
    assert await found(index, ask(sparse({3: 1.0}), LEXICAL, floor=-1)) == [("lexical", 1.0)]


async def test_a_modality_that_was_removed_is_not_found_any_more(index: Index):
    both = {IMAGE: axis(8, 0), TEXT: axis(6, 0), LEXICAL: sparse({3: 1.0})}
    await index.write([Change("a", rows={RAW: both})])
    await index.write([Change("a", rows={RAW: {TEXT: axis(6, 0)}})])
    assert await found(index, ask(axis(8, 0), floor=-1)) == []
    assert await found(index, ask(sparse({3: 1.0}), LEXICAL, floor=-1)) == []
    assert await found(index, ask(axis(6, 0), TEXT)) == [("a", 1.0)]


@pytest.mark.parametrize("between", [{}, {TEXT: axis(6, 0)}])
async def test_a_row_that_was_removed_and_written_anew_is_found_by_the_new_one_only(index: Index, between):
    for embedding in (
        {LEXICAL: sparse({1: 1.0}), IMAGE: axis(8, 1)},
        between,
        {LEXICAL: sparse({2: 1.0}), IMAGE: axis(8, 2)},
    ):
        await index.write([Change("a", rows={RAW: embedding})])
    assert await found(index, ask(sparse({1: 1.0}), LEXICAL)) == []
    assert await found(index, ask(sparse({2: 1.0}), LEXICAL)) == [("a", 1.0)]
    assert await found(index, ask(axis(8, 1))) == []
    assert await found(index, ask(axis(8, 2))) == [("a", 1.0)]


async def test_the_views_are_searched_apart(index: Index):
    await index.write([Change("a", rows={RAW: {IMAGE: axis(8, 0)}, BLENDED: {IMAGE: axis(8, 1)}})])
    assert await found(index, ask(axis(8, 1), view=RAW)) == []
    assert await found(index, ask(axis(8, 1), view=BLENDED)) == [("a", 1.0)]


async def test_sparse_rows_that_share_nothing_are_not_found_even_without_a_floor(index: Index):
    rows = {"shares": sparse({1: 0.6, 9: 0.8}), "other": sparse({2: 1.0})}
    await index.write([Change(listing_id, rows={RAW: {LEXICAL: row}}) for listing_id, row in rows.items()])
    ((listing_id, similarity),) = await found(index, ask(sparse({9: 1.0, 70: 0.1}), LEXICAL, floor=-1))
    assert (listing_id, similarity) == ("shares", pytest.approx(0.8))
    assert await found(index, ask(sparse({}), LEXICAL, floor=-1)) == []


async def test_similarities_are_the_dot_products_of_numpy(index: Index):
    rng = np.random.default_rng(5)
    rows = {f"l{n}": {IMAGE: random_dense(rng, 8), LEXICAL: random_sparse(rng)} for n in range(60)}
    await index.write([Change(listing_id, rows={RAW: embedding}) for listing_id, embedding in rows.items()])
    row, words = random_dense(rng, 8), random_sparse(rng)
    dense_hits, sparse_hits = await index.search([ask(row, floor=-2, limit=99), ask(words, LEXICAL, -2, 99)])
    assert len(dense_hits) == 60
    assert all(abs(hit.similarity - float(rows[hit.listing_id][IMAGE] @ row)) < 1e-5 for hit in dense_hits)
    wanted = {listing_id: dot(embedding[LEXICAL], words) for listing_id, embedding in rows.items()}
    assert {hit.listing_id for hit in sparse_hits} == {listing_id for listing_id, value in wanted.items() if value > 0}
    assert all(abs(hit.similarity - wanted[hit.listing_id]) < 1e-5 for hit in sparse_hits)
    for hits in (dense_hits, sparse_hits):
        assert [hit.similarity for hit in hits] == sorted((hit.similarity for hit in hits), reverse=True)


def dot(a, b) -> float:
    there = dict(zip(a.indices.tolist(), a.values.tolist(), strict=True))
    return sum(there.get(i, 0.0) * value for i, value in zip(b.indices.tolist(), b.values.tolist(), strict=True))


async def test_answers_stand_in_the_order_of_the_queries(index: Index):
    await index.write([Change(f"l{n}", rows={RAW: {IMAGE: axis(8, n), TEXT: axis(6, n % 6)}}) for n in range(8)])
    queries = [ask(axis(8, 3)), ask(axis(6, 5), TEXT), ask(axis(8, 6)), ask(-axis(8, 0))]
    answers = await index.search(queries)
    assert [[hit.listing_id for hit in hits] for hits in answers] == [["l3"], ["l5"], ["l6"], []]


async def test_hits_carry_the_payload_fields_asked_for(index: Index):
    payload = {"a": {"deep": 1}, "b": [2], "c": 3}
    await index.write([Change("x", rows={RAW: {IMAGE: axis(8, 0)}}, payload=payload)])
    ((without,),) = await index.search([ask(axis(8, 0))])
    ((some,),) = await index.search([ask(axis(8, 0))], ["a", "b", "nobody"])
    assert without.payload == {}
    assert some.payload == {"a": {"deep": 1}, "b": [2]}


@pytest.mark.parametrize("row", [axis(5, 0), sparse({1: 1.0})])
async def test_a_query_that_does_not_fit_is_refused(index: Index, row):
    with pytest.raises(IndexMismatchError, match=r"query: image row.*wanted; run"):
        await index.search([ask(row)])


async def test_a_batch_of_any_size_is_one_round_trip(index: Index):
    changes = [
        Change(f"l{n % 7}", {"p": n}, {RAW: {IMAGE: axis(8, n % 8)}, BLENDED: {}}, {"x": n}, ["p"]) for n in range(20)
    ]
    before = index.round_trips
    await index.write(changes)
    assert index.round_trips == before + 1
    await index.read([f"l{n}" for n in range(20)], list(View))
    assert index.round_trips == before + 2
    await index.search([ask(axis(8, n)) for n in range(8)] + [ask(axis(6, 0), TEXT)], ["x"])
    assert index.round_trips == before + 3
    await index.count()
    assert index.round_trips == before + 4
    assert len([point async for point in index.scan(page_size=5)]) == 7
    assert index.round_trips == before + 6


async def test_an_empty_batch_is_no_round_trip(index: Index):
    before = index.round_trips
    await index.write([])
    assert await index.read([], list(View)) == {}
    assert await index.search([]) == []
    assert index.round_trips == before
