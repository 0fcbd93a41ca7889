import pytest
from fakes.clock import Clock

from streams.brokers.lag import PartitionLag
from streams.brokers.topics import StageName
from streams.health import Watch
from streams.settings import Settings


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def watch(clock):
    """Of a worker that is about to begin, with two stages."""
    return Watch.of(Settings(_env_file=None), [StageName.EMBED, StageName.INDEX], clock)


class World:
    """An index and Kafka that answer, or not."""

    def __init__(self):
        self.committed = {StageName.EMBED: 10, StageName.INDEX: 10}
        self.end = 10
        self.index_error = self.kafka_error = None
        self.asked_for = []

    async def read(self, listing_ids):
        self.asked_for.extend(listing_ids)
        if self.index_error:
            raise self.index_error
        return {}

    async def lags(self, partitions):
        if self.kafka_error:
            raise self.kafka_error
        return {stage: [self._lag(stage, one) for one in sorted(own)] for stage, own in partitions.items()}

    def _lag(self, stage, partition):
        return PartitionLag(partition, self.end, self.committed[stage], self.end - self.committed[stage])

    async def looked_at_by(self, watch):
        await watch.look_at_index(self)
        await watch.look_at_lags(self)


@pytest.fixture
def world():
    return World()


@pytest.fixture
async def ready(watch, world):
    """The same worker once it reads."""
    watch.pulses[StageName.EMBED].assigned([0, 2])
    watch.pulses[StageName.INDEX].assigned([])
    await world.looked_at_by(watch)
    return watch
