"""However a delivery ends, whoever sent the message is told once, in our words."""

import asyncio
from types import SimpleNamespace

import pytest
from aiokafka.errors import InvalidTimestampError, KafkaTimeoutError

from streams.brokers.deliveries import Deliveries, Sent
from streams.errors import BrokerUnavailableError, MessageRefusedError
from streams.settings import Settings


@pytest.fixture
def deliveries():
    return Deliveries(Settings(_env_file=None), 3600)


def begun(deliveries):
    delivery = asyncio.get_running_loop().create_future()
    return delivery, deliveries.told(delivery, "listings", b"a")


async def test_where_it_lies_is_told(deliveries):
    delivery, told = begun(deliveries)
    delivery.set_result(SimpleNamespace(topic="listings", partition=2, offset=7, timestamp=1))
    assert await told == Sent("listings", 2, 7)


@pytest.mark.parametrize(
    ("error", "ours"),
    [
        (KafkaTimeoutError(), BrokerUnavailableError),
        (InvalidTimestampError(), MessageRefusedError),
        (EOFError(), EOFError),
    ],
)
async def test_what_failed_is_told_in_our_words(deliveries, error, ours):
    delivery, told = begun(deliveries)
    delivery.set_exception(error)
    with pytest.raises(ours) as raised:
        await told
    assert error in {raised.value, raised.value.__cause__}


async def test_what_takes_too_long_counts_as_not_delivered(deliveries):
    delivery, told = begun(Deliveries(deliveries.settings, 0.01))
    with pytest.raises(BrokerUnavailableError):
        await told
    delivery.set_result(SimpleNamespace(topic="listings", partition=0, offset=1))
    await asyncio.sleep(0)


async def test_who_does_not_wait_any_more_leaves_the_delivery_as_it_is(deliveries):
    delivery, told = begun(deliveries)
    told.cancel()
    await asyncio.sleep(0)
    assert not delivery.done()
    delivery.set_exception(KafkaTimeoutError())
    await asyncio.sleep(0)
    assert told.cancelled()


async def test_a_delivery_that_is_given_up_is_given_up(deliveries):
    delivery, told = begun(deliveries)
    delivery.cancel()
    await asyncio.gather(told, return_exceptions=True)
    assert told.cancelled()
