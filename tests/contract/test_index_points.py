"""What every index keeps of what is written: rows, payloads, and their order."""

import asyncio

import numpy as np
import pytest

from encoders.types import Modality
from streams.errors import IndexMismatchError, VectorIndexError
from streams.index import Change, Index, Page, View
from streams.index.layout import point_id
from tests.fakes.rows import axis, bits, dense, random_dense, random_sparse, sparse

IMAGE, TEXT, LEXICAL = Modality.IMAGE, Modality.TEXT, Modality.LEXICAL
RAW, BLENDED = View.RAW, View.BLENDED


def whole(rng: np.random.Generator) -> dict:
    return {IMAGE: random_dense(rng, 8), TEXT: random_dense(rng, 6), LEXICAL: random_sparse(rng)}


async def test_a_point_never_written_is_not_there(index: Index):
    assert await index.read(["nobody"], list(View)) == {}
    assert await index.count() == 0
    assert [point async for point in index.scan()] == []


async def test_what_was_written_is_read_bit_for_bit(index: Index):
    rng = np.random.default_rng(1)
    raw, blended = whole(rng), whole(rng)
    tiny = {IMAGE: dense(1e-38, -1e-45, 3.4e38, 1, -0.0, 1 / 3, 2**-24, 0.1), LEXICAL: sparse({0: 1e-30, 2**32 - 1: 1})}
    await index.write([Change("a", rows={RAW: raw, BLENDED: blended}), Change("b", rows={RAW: tiny})])
    points = await index.read(["a", "b"], list(View))
    assert bits(points["a"].raw) == bits(raw)
    assert bits(points["a"].blended) == bits(blended)
    assert bits(points["b"].raw) == bits(tiny)
    assert points["b"].blended == {}


async def test_only_the_views_asked_for_are_read(index: Index):
    rng = np.random.default_rng(2)
    raw, blended = whole(rng), whole(rng)
    await index.write([Change("a", rows={RAW: raw, BLENDED: blended}, payload={"x": 1})])
    assert (await index.read(["a"]))["a"].raw == {}
    only = (await index.read(["a"], [BLENDED]))["a"]
    assert (only.raw, bits(only.blended), only.payload) == ({}, bits(blended), {"x": 1})


async def test_only_the_payload_fields_asked_for_are_read(index: Index):
    await index.write([Change("a", rows={RAW: {TEXT: axis(6, 0)}}, payload={"x": {"deep": 1}, "y": 2})])
    some = (await index.read(["a"], [RAW], ["x", "nobody"]))["a"]
    assert (some.payload, bits(some.raw)) == ({"x": {"deep": 1}}, bits({TEXT: axis(6, 0)}))
    assert (await index.read(["a"], fields=[]))["a"].payload == {}
    assert (await index.read(["a"]))["a"].payload == {"x": {"deep": 1}, "y": 2}


async def test_only_listings_asked_for_are_read_each_once(index: Index):
    await index.write([Change(listing_id, payload={"id": listing_id}) for listing_id in "abc"])
    points = await index.read(["a", "c", "a", "nobody"])
    assert {listing_id: point.payload["id"] for listing_id, point in points.items()} == {"a": "a", "c": "c"}


@pytest.mark.parametrize("listing_id", ["ключ-1", "商品/7?#", "a b\n\tc", "🧦", "x" * 500, "0", "null"])
async def test_any_text_is_a_listing_id(index: Index, listing_id: str):
    await index.write([Change(listing_id, rows={RAW: {TEXT: axis(6, 0)}}, payload={"ü": "ß"})])
    (point,) = (await index.read([listing_id, listing_id.upper() + "x"])).values()
    assert (point.listing_id, point.payload) == (listing_id, {"ü": "ß"})


async def test_payload_values_come_back_as_they_are(index: Index):
    payload = {
        "text": "é \u0000 🧦", "integer": 2**53 + 1, "float": 0.1 + 0.2, "negative": -0.5, "yes": True, "no": False,
        "empty": "", "list": [1, "two", [3.5], {}], "nested": {"a": {"b": None, "c": []}}, "dotted.name": 1,
    }  # fmt: skip
    await index.write([Change("a", payload=payload)])
    assert (await index.read(["a"]))["a"].payload == payload


async def test_a_field_set_to_null_reads_as_absent(index: Index):
    await index.write([Change("a", record={"p": None}, payload={"x": 1, "y": None})])
    assert (await index.read(["a"]))["a"].payload == {"x": 1}
    await index.write([Change("a", payload={"x": None})])
    assert (await index.read(["a"]))["a"].payload == {}


async def test_fields_not_named_stay_and_a_named_one_is_replaced_whole(index: Index):
    await index.write([Change("a", payload={"x": {"one": 1}, "y": 2})])
    await index.write([Change("a", payload={"x": {"two": 2}})])
    assert (await index.read(["a"]))["a"].payload == {"x": {"two": 2}, "y": 2}


async def test_record_then_payload_then_forget(index: Index):
    await index.write(
        [Change("a", record={"x": "record", "p": 1}, payload={"x": "payload", "q": 1}, forget=["p", "q"])]
    )
    assert (await index.read(["a"]))["a"].payload == {"x": "payload"}


async def test_forgetting_what_is_not_there_is_fine(index: Index):
    await index.write([Change("a", forget=["x"])])
    assert (await index.read(["a"]))["a"].payload == {}


async def test_a_view_written_anew_loses_the_modalities_not_named(index: Index):
    rng = np.random.default_rng(3)
    raw, blended, text = whole(rng), whole(rng), {TEXT: axis(6, 1)}
    await index.write([Change("a", rows={RAW: raw, BLENDED: blended}, payload={"x": 1})])
    await index.write([Change("a", rows={RAW: text})])
    point = (await index.read(["a"], list(View)))["a"]
    assert bits(point.raw) == bits(text)
    assert bits(point.blended) == bits(blended)
    assert point.payload == {"x": 1}


async def test_the_marker_of_a_withdrawn_listing_has_a_payload_and_no_rows(index: Index):
    rng = np.random.default_rng(4)
    await index.write([Change("a", rows={RAW: whole(rng), BLENDED: whole(rng)}, payload={"x": 1})])
    await index.write([Change("a", rows={RAW: {}, BLENDED: {}}, payload={"version": 7}, forget=["x"])])
    point = (await index.read(["a"], list(View)))["a"]
    assert (point.raw, point.blended, point.payload) == ({}, {}, {"version": 7})
    assert await index.count() == 1
    assert [point.listing_id async for point in index.scan()] == ["a"]


async def test_a_listing_twice_in_one_write_ends_as_the_second_says(index: Index):
    first = Change("a", record={"p": 1}, rows={RAW: {IMAGE: axis(8, 0)}}, payload={"x": 1, "y": 1}, forget=["p"])
    second = Change("a", record={"p": 2}, rows={RAW: {TEXT: axis(6, 0)}}, payload={"x": 2})
    await index.write([first, Change("b", payload={"z": 1}), second])
    point = (await index.read(["a"], [RAW]))["a"]
    assert bits(point.raw) == bits({TEXT: axis(6, 0)})
    assert point.payload == {"p": 2, "x": 2, "y": 1}


async def test_what_the_caller_does_afterwards_changes_nothing(index: Index):
    row, nested = axis(6, 0), {"a": [1]}
    await index.write([Change("a", rows={RAW: {TEXT: row}}, payload={"x": nested})])
    row[:] = 7
    nested["a"].append(2)
    point = (await index.read(["a"], [RAW]))["a"]
    assert (bits(point.raw), point.payload) == (bits({TEXT: axis(6, 0)}), {"x": {"a": [1]}})
    point.raw[TEXT][:] = 7
    point.payload["x"]["a"].append(3)
    again = (await index.read(["a"], [RAW]))["a"]
    assert (bits(again.raw), again.payload) == (bits({TEXT: axis(6, 0)}), {"x": {"a": [1]}})


@pytest.mark.parametrize("page_size", [1, 7, 25, 100])
async def test_scan_gives_every_point_once_whatever_the_page(index: Index, page_size: int):
    changes = [
        Change(f"l{n}", rows={RAW: {TEXT: axis(6, n % 6)} if n % 3 else {}}, payload={"n": n}) for n in range(25)
    ]
    await index.write(changes)
    points = [point async for point in index.scan([RAW], page_size)]
    assert sorted(point.payload["n"] for point in points) == list(range(25))
    assert all(bits(p.raw) == bits(changes[p.payload["n"]].rows[RAW]) for p in points)


@pytest.mark.parametrize("size", [1, 7, 25])
async def test_pages_follow_one_another_in_the_order_of_ids(index: Index, size: int):
    ids = [f"l{n}" for n in range(25)]
    await index.write([Change(one, rows={RAW: {TEXT: axis(6, 0)}}, payload={"x": one}) for one in ids])
    found, start = [], None
    while True:
        page = await index.page(start, size, [RAW])
        assert len(page.points) <= size
        assert all(bits(point.raw) == bits({TEXT: axis(6, 0)}) for point in page.points)
        found += [(point.listing_id, point.payload["x"]) for point in page.points]
        if (start := page.next) is None:
            break
    assert found == [(one, one) for one in sorted(ids, key=point_id)]


async def test_a_page_starts_at_any_id_also_after_the_index_has_changed(index: Index):
    first, second, third, fourth = sorted("abcd", key=point_id)
    await index.write([Change(one, payload={"x": 1}) for one in (first, fourth)])
    assert (await index.page(None, 1)).next == point_id(fourth)
    await index.write([Change(one, payload={"x": 1}) for one in (second, third)])
    page = await index.page(point_id(second), 2)
    assert ([point.listing_id for point in page.points], page.next) == ([second, third], point_id(fourth))
    assert await index.page("f" * 8 + "-ffff-ffff-ffff-" + "f" * 12) == Page([], None)
    assert [point.raw for point in (await index.page()).points] == [{}] * 4


async def test_a_row_of_another_length_is_refused_and_nothing_of_the_batch_is_written(index: Index):
    wrong = Change("b", rows={RAW: {IMAGE: axis(5, 0)}})
    with pytest.raises(IndexMismatchError, match=r"listing 'b': image row: shape \(5,\), shape \(8,\).* wanted; run"):
        await index.write([Change("a", payload={"x": 1}), wrong])
    assert await index.count() == 0


async def test_the_field_that_tells_whose_point_it_is_can_not_be_written(index: Index):
    with pytest.raises(VectorIndexError, match=r"listing 'a'.*'listing_id'"):
        await index.write([Change("a", payload={"listing_id": "b"})])


async def test_readers_see_the_phases_in_order_and_a_view_change_at_once(index: Index):
    even = {IMAGE: axis(8, 0), TEXT: axis(6, 0), LEXICAL: sparse({1: 1})}
    states = [even, {TEXT: axis(6, 1)}, even, {}]
    seen = set()

    async def write() -> None:
        for n in range(1, 40):
            change = Change("a", record={"record": n}, rows={RAW: states[n % 4]}, payload={"payload": n})
            await index.write([change])
            await asyncio.sleep(0)

    async def look(writing: asyncio.Task) -> None:
        while not writing.done():
            point = (await index.read(["a"], [RAW]))["a"]
            record, payload = point.payload["record"], point.payload["payload"]
            assert payload <= record <= payload + 1
            assert bits(point.raw) in [bits(states[n % 4]) for n in {record, payload}]
            seen.add(record)
            await asyncio.sleep(0)

    await index.write([Change("a", record={"record": 0}, rows={RAW: even}, payload={"payload": 0})])
    writing = asyncio.create_task(write())
    await asyncio.gather(writing, *(look(writing) for _ in range(3)))
    assert len(seen) > 1
