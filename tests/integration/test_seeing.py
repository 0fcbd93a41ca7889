"""A listing that is a photo, on a real broker: what real models say of it comes and goes with its title."""

import asyncio

import orjson
import pytest
from fakes.on_kafka import publish, ready, until_drained
from fakes.seeing_bundle import TAG_LISTS, seeing_bundle
from PIL import Image

from encoders.bundle import read_bundle
from encoders.types import Generated, Modality
from streams.brokers.reader import read_records
from streams.brokers.topics import Topics
from streams.cli.local_worker import LocalWorker
from streams.events import EmbeddingEvent, Message
from streams.events.products import ProductEvent
from streams.index import View
from streams.index.opening import open_reader
from streams.stages import state

pytestmark = [pytest.mark.kafka, pytest.mark.slow]

PHOTO = {"listing_id": "a", "images": ["red.png", "", "blue.png"], "version": 1}
TITLED = {**PHOTO, "title": "red shoe with laces", "version": 2}
OF_PHOTOS = {Modality.JOINT_IMAGE, Modality.JOINT}
OF_WORDS = {Modality.TEXT_OR_CAPTION, Modality.LEXICAL_OR_CAPTION}
OF_TITLES = {Modality.TEXT, Modality.LEXICAL, Modality.JOINT_TEXT}


@pytest.fixture
async def settings(kafka_settings, tmp_path):
    bundle = await asyncio.to_thread(seeing_bundle, tmp_path / "seeing")
    for colour in ("red", "blue"):
        Image.new("RGB", (40, 30), colour).save(tmp_path / f"{colour}.png")
    return (await ready(kafka_settings, tmp_path, tmp_path)).model_copy(update={"bundle": str(bundle.path)})


async def last(settings, topic, read):
    """What the topic says last of the listing."""
    records = [one async for one in read_records(settings, topic, until_end=True) if one.key == b"a"]
    return read(b"a", records[-1].value)


async def stored_in(settings):
    """The listing's point, by way of the worker that has the index."""
    reader = await open_reader(settings, read_bundle(settings.bundle).dimensions)
    try:
        return (await reader.read(["a"], views=[View.RAW]))["a"]
    finally:
        await reader.close()


async def come_to(settings, listing) -> tuple[Generated, set[Modality]]:
    """What is said of the listing after it was published, the same everywhere, and which rows it has."""
    await publish([Message("listings", b"a", orjson.dumps(listing))], settings)
    await until_drained(settings)
    topics = Topics(settings)
    event = await last(settings, topics.embeddings.name, EmbeddingEvent.from_bytes)
    product = await last(settings, topics.products.name, ProductEvent.from_bytes)
    stored = await stored_in(settings)
    assert event.listing == stored.payload[state.LISTING] == listing
    assert stored.payload.get(state.GENERATED) == event.generated.to_json()
    assert [offer.generated for offer in product.offers] == [event.generated]
    assert [offer.title for offer in product.offers] == [listing.get("title")]
    assert event.embedding.keys() == stored.raw.keys() - {Modality.JOINT}
    return event.generated, set(stored.raw)


async def test_what_models_say_of_a_photo_is_told_until_the_seller_says_enough(settings, tmp_path):
    async with LocalWorker(settings, tmp_path / "worker.log"):
        seen, rows = await come_to(settings, PHOTO)
        assert seen.caption
        assert seen.tags.keys() == TAG_LISTS.keys()
        assert rows == OF_PHOTOS | OF_WORDS

        titled, rows = await come_to(settings, TITLED)
        assert titled == Generated(None, seen.tags)
        assert rows == OF_PHOTOS | OF_WORDS | OF_TITLES
