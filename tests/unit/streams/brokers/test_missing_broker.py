import pytest

from streams.brokers.admin import create_topics
from streams.brokers.feeding import feed
from streams.brokers.lag import drained, stage_lags
from streams.brokers.producer import Publisher
from streams.brokers.reader import read_records
from streams.errors import BrokerUnavailableError
from streams.settings import Settings


async def publish(settings):
    async with Publisher(settings):
        pass


async def read(settings):
    async for _ in read_records(settings, "listings"):
        pass


async def feed_nothing(settings):
    await feed(settings, [])


@pytest.mark.parametrize("call", [create_topics, stage_lags, drained, publish, read, feed_nothing])
async def test_a_missing_broker_is_one_line(call, unused_address):
    with pytest.raises(BrokerUnavailableError) as caught:
        await call(Settings(_env_file=None, brokers=unused_address))
    assert str(caught.value).count("\n") == 0
    assert str(caught.value).startswith(f"broker {unused_address}: ")
