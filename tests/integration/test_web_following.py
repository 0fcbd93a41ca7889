"""What the page knows follows the topics: each record once, through restarts, and of these topics only."""

import asyncio
from contextlib import asynccontextmanager, suppress

import orjson
import pytest
from fakes.web import listing

from streams.brokers.admin import create_topics
from streams.brokers.producer import Publisher
from streams.brokers.topics import Topics
from streams.errors import StoreError
from streams.events import Message
from streams.web.faces import PROJECTIONS
from streams.web.store import Follower, Kind, Store


@pytest.fixture
async def settings(broker_settings, tmp_path):
    await create_topics(broker_settings)
    return broker_settings.model_copy(update={"web_path": tmp_path / "web" / "web.sqlite"})


@asynccontextmanager
async def following(settings, on_news=lambda _news: None):
    store = Store(settings.web_path, PROJECTIONS)
    follower = Follower(settings, store, on_news)
    task = asyncio.ensure_future(follower.run())
    try:
        async with asyncio.timeout(60):
            await asyncio.wait({task, asyncio.ensure_future(follower.caught_up.wait())}, return_when="FIRST_COMPLETED")
            if task.done():
                task.result()
            yield store, follower
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError, StoreError):
            await task
        store.close()


async def publish(settings, *listings):
    topic = Topics(settings).listings.name
    messages = [Message(topic, one["listing_id"].encode(), orjson.dumps(one)) for one in listings]
    sent = []
    async with Publisher(settings) as publisher:
        await publisher.publish_all(messages, sent.append)
    return sent


def titles(store):
    return {row["listing_id"]: row["title"] for row in store.reading.execute("select listing_id, title from listings")}


async def test_it_follows_and_goes_on_where_it_was(settings):
    await publish(settings, listing("a", title="first"), listing("b"))
    news = []
    async with following(settings, news.append) as (store, follower):
        assert set(titles(store)) == {"a", "b"}
        assert news == []  # what was there before is no news
        for sent in await publish(settings, listing("a", title="second")):
            await follower.until_read(sent)
        assert titles(store)["a"] == "second"
        assert [len(some[Kind.LISTINGS]) for some in news] == [1]
        with store.writing() as connection:
            connection.execute("update listings set title = 'mine' where listing_id = 'b'")
    await publish(settings, listing("c"))
    async with following(settings) as (store, _):
        assert titles(store) == {"a": "second", "b": "mine", "c": "Title of c"}  # b was not read again


async def test_a_file_of_other_topics_is_refused(settings):
    await publish(settings, *(listing(f"a{number}") for number in range(20)))
    async with following(settings):
        pass
    other = settings.model_copy(update={"topic_prefix": settings.topic_prefix + "o."})
    await create_topics(other)
    store = Store(settings.web_path, PROJECTIONS)
    with store.writing() as connection:
        begin = len(settings.topic_prefix) + 1
        connection.execute("update read_up_to set topic = ? || substr(topic, ?)", (other.topic_prefix, begin))
    store.close()
    with pytest.raises(StoreError, match="which ends at 0"):
        async with following(other):
            pass


async def test_beginning_anew_keeps_prices_alone(settings):
    await publish(settings, listing("a"))
    async with following(settings) as (store, _):
        with store.writing() as connection:
            connection.execute("insert into prices values ('a', '2026-01-01', '1.00', 'EUR')")
        store.begin_anew()
        assert titles(store) == {}
        assert store.places() == {}
        assert len(list(store.reading.execute("select * from prices"))) == 1
    async with following(settings) as (store, _):
        assert set(titles(store)) == {"a"}
