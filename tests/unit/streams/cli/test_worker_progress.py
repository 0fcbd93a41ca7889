import pytest

from streams.brokers.lag import PartitionLag, StageLag
from streams.brokers.topics import StageName
from streams.cli.worker_progress import WorkerProgress
from streams.errors import BrokerUnavailableError
from streams.settings import Settings


class Broker:
    """Tells what was acknowledged; nothing while it is away."""

    def __init__(self):
        self.acknowledged, self.away = None, False

    async def lags(self, _settings):
        if self.away:
            raise BrokerUnavailableError("broker", got="no answer", wanted="one", remedy="start it")
        lag = PartitionLag(partition=0, end=9, committed=self.acknowledged, lag=9)
        return [StageLag(StageName.EMBED, "listings", "g1.embed", (lag,))]


@pytest.fixture
def broker():
    return Broker()


@pytest.fixture
def progress(broker, tmp_path):
    return WorkerProgress(Settings(_env_file=None, attempts_path=tmp_path), broker.lags)


async def in_vain(progress, times):
    counts = []
    for _ in range(times):
        await progress.ended()
        counts.append(progress.in_vain)
    return counts


async def test_ends_without_progress_are_counted(progress):
    assert await in_vain(progress, 3) == [1, 2, 3]


async def test_what_was_acknowledged_in_between_begins_the_count_anew(progress, broker):
    await in_vain(progress, 2)
    broker.acknowledged = 1
    assert await in_vain(progress, 2) == [1, 2]


async def test_what_was_learned_of_a_message_that_ends_processes_does_too(progress, tmp_path):
    await in_vain(progress, 2)
    (tmp_path / "g1.embed.0.known").write_bytes(b"{}")
    assert await in_vain(progress, 2) == [1, 2]
    (tmp_path / "g1.embed.0.known").write_bytes(b'{"deaths": []}')
    assert await in_vain(progress, 1) == [1]


async def test_a_broker_that_is_away_is_no_progress(progress, broker):
    await in_vain(progress, 1)
    broker.away = True
    assert await in_vain(progress, 2) == [2, 3]
    broker.away = False
    assert await in_vain(progress, 1) == [4]
