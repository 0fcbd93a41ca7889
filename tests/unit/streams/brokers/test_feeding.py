import pytest

from streams.brokers.feeding import _chunks, _room
from streams.brokers.lag import PartitionLag, StageLag
from streams.brokers.topics import StageName


def behind(stage, *lags):
    partitions = tuple(PartitionLag(number, lag, 0, lag) for number, lag in enumerate(lags))
    return StageLag(stage, f"topic of {stage}", f"group of {stage}", partitions)


def test_the_lag_of_a_stage_is_that_of_its_partitions():
    assert behind(StageName.EMBED, 2, 0, 5).lag == 7


@pytest.mark.parametrize(
    ("lags", "room"),
    [
        ([behind(StageName.EMBED, 10, 10), behind(StageName.INDEX, 0, 0)], True),
        ([behind(StageName.EMBED, 11, 0), behind(StageName.INDEX, 0, 0)], False),
        ([behind(StageName.EMBED, 6, 0), behind(StageName.INDEX, 0, 6)], True),
        ([behind(StageName.EMBED, 6, 0), behind(StageName.INDEX, 6, 0)], False),
        ([behind(StageName.BLEND, 10_000), behind(StageName.MATCH, 10_000)], True),
        ([behind(StageName.BLEND, 0), behind(StageName.MATCH, 10_001)], False),
    ],
)
def test_there_is_room_while_every_partition_has_some(lags, room):
    assert _room(lags, 10) is room


def test_chunks_hold_every_message_once_in_order():
    assert list(_chunks(iter(range(7)), 3)) == [[0, 1, 2], [3, 4, 5], [6]]
