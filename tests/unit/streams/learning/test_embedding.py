"""A whole catalogue embedded: the rows that the stream would store, derived ones with them."""

import asyncio
import random
from dataclasses import replace
from decimal import Decimal

import numpy as np
import orjson
import pytest
from fakes.bench import POLICY
from fakes.chaos import Chaos
from fakes.flow import LISTINGS, Flow
from fakes.hash_encoder import HashEncoder
from fakes.joined import PRICED, joint_encoder, tensors_of
from fakes.rows import bits
from hypothesis import given
from hypothesis import strategies as st
from safetensors.numpy import save

from encoders.bundle import Bundle, ImageSpec, Manifest, TextSpec, write_bundle
from encoders.joint import joint_to_bytes, numbers_of
from encoders.types import Modality
from streams.events import Listing, Message, read_listing_event
from streams.learning import embedding
from streams.learning.cache import RowCache, folder_of
from streams.learning.telling import Telling
from streams.settings import Settings

IMAGE, TEXT, JOINT = Modality.IMAGE, Modality.TEXT, Modality.JOINT
LISTED = {
    "a": {"title": "red shoe", "price": "10.00", "currency": "EUR"},
    "b": {"title": " red mug  64 GB\u00a0", "price": 12.5, "currency": "EUR", "attributes": {"color": "red"}},
    "c": {"title": "blue lamp", "price": "0", "currency": "EUR"},
    "d": {"title": "lamp"},
}
PRICES = (
    st.none()
    | st.decimals(0, 10**9, places=2).map(str)
    | st.integers(0, 10**9)
    | st.floats(0, 1e6).map(lambda one: round(one, 4))
)
ATTRIBUTES = st.none() | st.dictionaries(st.text(max_size=2), st.booleans(), max_size=3)


def manifest(**parts) -> Manifest:
    dimensions = {IMAGE: 32, TEXT: 32, **({JOINT: 32} if "joint" in parts else {})}
    return Manifest(text=TextSpec("no/such"), image=ImageSpec(), dimensions=dimensions, **parts)


@pytest.fixture
def bundle(tmp_path) -> Bundle:
    """A bundle whose joint encoder can be loaded, and nothing else of it."""
    weights = joint_to_bytes(PRICED, tensors_of(PRICED))
    return write_bundle(tmp_path / "bundle", manifest(joint=PRICED), {PRICED.weights: weights})


async def stored() -> dict:
    flow = Flow(POLICY, Chaos(random.Random(0)), joint=joint_encoder())
    for listing_id, fields in LISTED.items():
        flow.publish(listing_id, {"listing_id": listing_id, **fields})
    await flow.drain()
    return await flow.raw()


def test_rows_are_those_that_the_stream_stores():
    encoder = HashEncoder({TEXT: 32}, lexical=False)
    caches = {TEXT: RowCache(None, 32, print)}
    source = embedding.EmbeddingSource(lambda: encoder, HashEncoder({}), caches, joint_encoder().derive)
    listings = {one: Listing.model_validate({"listing_id": one, **fields}) for one, fields in LISTED.items()}
    found = asyncio.run(embedding._embed(listings, source, Settings(), Telling()))
    wanted = asyncio.run(stored())
    assert {one: bits(row) for one, row in found.items()} == {one: bits(row) for one, row in wanted.items()}
    assert all(JOINT in rows for rows in found.values())


@given(st.text(max_size=30), PRICES, ATTRIBUTES)
def test_a_listing_has_the_numbers_that_its_json_has(title, price, attributes):
    """The stream goes by the JSON, whoever embeds a catalogue by what was read of it."""
    fields = {"title": title, "image": "x", "price": price, "currency": "EUR", "attributes": attributes}
    raw = orjson.dumps({"listing_id": "a", **fields})
    event = read_listing_event(Message(LISTINGS, b"a", raw))
    assert numbers_of(event.listing.model_dump()) == numbers_of(event.raw)


def test_a_price_is_read_alike_however_it_is_written():
    written = ["12.90", "12.9", 12.9, Decimal("12.90"), " 12.90 ", "1.29e1"]
    assert len({tuple(numbers_of({"price": price}).items()) for price in written}) == 1


def test_derived_rows_are_never_kept(bundle, tmp_path):
    source = embedding.source_of(bundle, Settings(), tmp_path / "kept", Telling())
    assert set(source.caches) == {IMAGE, TEXT}
    rows = {TEXT: np.eye(32, dtype=np.float32)[0]}
    assert set(source.derive(rows, {})) == {TEXT, JOINT}


def test_kept_rows_are_those_of_one_head(tmp_path):
    """Two heads of one name are two encoders; what joins their rows is none of them."""

    def folder(scale, **parts):
        spec = replace(ImageSpec(), head="head.safetensors")
        head = save({"weight": np.full(32, scale, np.float32), "bias": np.zeros(32, np.float32)})
        files = {"head.safetensors": head, PRICED.weights: joint_to_bytes(PRICED, tensors_of(PRICED))}
        made = write_bundle(tmp_path / "bundle", replace(manifest(**parts), image=spec), files)
        return folder_of(made, IMAGE, tmp_path)

    assert folder(1.0) == folder(1.0, joint=PRICED) != folder(2.0)
