import pytest

from streams.brokers.lag import PartitionLag, StageLag
from streams.brokers.topics import StageName
from streams.errors import BrokerUnavailableError
from streams.health.lags import LagSource
from streams.settings import Settings

BLEND, MATCH = StageName.BLEND, StageName.MATCH
DONE = PartitionLag(0, 10, 10, 0)
BEHIND = PartitionLag(1, 10, 8, 2)


class Kafka:
    """Opens readers of what it holds, and counts."""

    def __init__(self):
        self.partitions = (DONE, BEHIND)
        self.down = self.unreadable = False
        self.opened = self.closed = self.looks = 0

    def open_reader(self, _settings):
        return Reader(self)


class Reader:
    def __init__(self, kafka):
        self.kafka = kafka

    async def __aenter__(self):
        self.kafka.opened += 1
        return self

    async def __aexit__(self, *_):
        self.kafka.closed += 1

    async def lags(self):
        if self.kafka.down:
            raise BrokerUnavailableError("broker", got="none", wanted="one", remedy="start it")
        return [StageLag(stage, "topic", "group", self.kafka.partitions) for stage in (BLEND, MATCH)]

    async def nothing_left(self, _stage, one):
        self.kafka.looks += 1
        return self.kafka.unreadable and one == BEHIND


@pytest.fixture
def kafka():
    return Kafka()


@pytest.fixture
def source(kafka):
    return LagSource(Settings(_env_file=None), kafka.open_reader)


async def test_only_the_partitions_that_were_asked_for_are_told(source):
    assert await source.lags({BLEND: {1, 7}, MATCH: set()}) == {BLEND: [BEHIND], MATCH: []}


async def test_one_connection_serves_until_it_fails_and_then_there_is_a_new_one(source, kafka):
    await source.lags({})
    await source.lags({})
    assert (kafka.opened, kafka.closed) == (1, 0)
    kafka.down = True
    with pytest.raises(BrokerUnavailableError):
        await source.lags({})
    assert (kafka.opened, kafka.closed) == (1, 1)
    kafka.down = False
    await source.lags({})
    await source.close()
    assert (kafka.opened, kafka.closed) == (2, 2)


async def lag_at_each_look(source, looks):
    return [(await source.lags({BLEND: {1}}))[BLEND][0].lag for _ in range(looks)]


async def test_the_end_of_a_transaction_is_no_lag_once_it_has_stood_still(source, kafka):
    kafka.unreadable = True
    assert await lag_at_each_look(source, 4) == [2, 0, 0, 0]
    assert kafka.looks == 1
    kafka.partitions = (DONE, PartitionLag(1, 11, 8, 3))
    assert await lag_at_each_look(source, 2) == [3, 3]


async def test_what_stands_still_and_can_be_read_is_looked_into_once(source, kafka):
    assert await lag_at_each_look(source, 4) == [2, 2, 2, 2]
    assert kafka.looks == 1
