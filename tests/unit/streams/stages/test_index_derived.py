"""Derived rows in the index: always what the encoded rows and the listing's JSON make them now."""

from dataclasses import replace

import pytest
from fakes.bench import POLICY, Bench, embedded, marked
from fakes.joined import PRICED, UNPRICED, joint_encoder
from fakes.rows import axis, bits

from encoders.types import Modality
from streams.index import View
from streams.stages import Channel, state

JOINED = POLICY.changed(weights={"joint": 1.0}, sure_thresholds={})
SHOE = {"title": "red shoe", "image": "shoe 1", "price": "10", "currency": "EUR", "version": 1}


def bench_with(spec=PRICED):
    return Bench(JOINED, joint=joint_encoder(spec))


async def stored(bench):
    """The point of the only listing, and the joint row that follows from the rest of it."""
    point = await bench.point("a")
    encoded = {modality: row for modality, row in point.raw.items() if modality is not Modality.JOINT}
    return point, bench.joint.derive(encoded, point.payload[state.LISTING])


async def agrees(bench):
    point, wanted = await stored(bench)
    return Modality.JOINT in point.raw and bits(point.raw) == bits(wanted)


async def test_a_listing_is_stored_with_the_row_that_joins_the_others():
    bench = bench_with()
    [letter] = await bench.embed(bench.message("a", SHOE))
    assert Modality.JOINT not in embedded([letter])[0].embedding
    await bench.apply(letter)
    assert await agrees(bench)
    assert "joint" in (await bench.point("a")).payload[state.MODALITIES[View.RAW]]


async def test_rows_copied_from_the_index_are_the_encoded_ones_only():
    bench = bench_with()
    await bench.put(bench.message("a", SHOE))
    encoded = bench.encoder.encoded
    [letter] = await bench.embed(bench.message("a", {**SHOE, "price": "12", "version": 2}))
    assert bench.encoder.encoded == encoded
    assert set(embedded([letter])[0].embedding) == {Modality.IMAGE, Modality.TEXT, Modality.LEXICAL}


async def test_an_image_that_comes_later_joins_and_a_message_from_before_it_does_not_undo_that():
    bench = bench_with()
    message = bench.message("a", {**SHOE, "image": "missing"})
    without = await bench.embed(message)
    await bench.apply(*without)
    first = (await bench.point("a")).raw[Modality.JOINT]
    bench.images.missing = "nothing"
    assert marked(await bench.put(message), Channel.REBLEND) == ["a"]
    assert await agrees(bench)
    both = (await bench.point("a")).raw[Modality.JOINT]
    assert both.tobytes() != first.tobytes()
    assert marked(await bench.apply(*without), Channel.REBLEND) == []
    assert (await bench.point("a")).raw[Modality.JOINT].tobytes() == both.tobytes()


async def test_a_joint_row_in_a_message_counts_for_nothing():
    bench = bench_with()
    [letter] = await bench.embed(bench.message("a", SHOE))
    [event] = embedded([letter])
    forged = replace(event, embedding={**event.embedding, Modality.JOINT: axis(32, 7)})
    await bench.apply(replace(letter, value=forged.to_bytes()))
    assert await agrees(bench)


@pytest.mark.parametrize(("spec", "touched"), [(PRICED, ["a", "b"]), (UNPRICED, [])], ids=["priced", "not priced"])
async def test_a_new_price_touches_others_only_where_it_is_joined(spec, touched):
    bench = bench_with(spec)
    await bench.publish(bench.message("a", SHOE), bench.message("b", SHOE))
    assert (
        marked(await bench.put(bench.message("a", {**SHOE, "price": "40", "version": 2})), Channel.REBLEND) == touched
    )
    assert await agrees(bench)


async def test_a_photo_is_matched_with_words():
    bench = bench_with(UNPRICED)
    await bench.publish(bench.message("a", {"title": "shoe"}), bench.message("b", {"image": "shoe 1"}))
    assert await bench.lists() == {"a": ["b"], "b": ["a"]}


async def test_a_withdrawn_listing_has_no_joint_row():
    bench = bench_with()
    await bench.put(bench.message("a", SHOE))
    await bench.put(bench.message("a"))
    assert (await bench.point("a")).raw == {}
