import pytest

from streams.brokers.lag import PartitionLag
from streams.health.progress import Progress, Standstill

LIMIT_S = 300.0


@pytest.fixture
def progress():
    return Progress(LIMIT_S)


def at(partition, committed, end=100):
    return PartitionLag(partition, end, committed, end - (committed or 0))


def test_nothing_is_known_before_the_first_look(progress):
    assert (progress.lag, progress.standstill(1e9)) == (0, None)


def test_a_stage_that_is_behind_has_its_time_to_acknowledge_something(progress):
    progress.look([at(0, 10), at(1, 100)], now=0)
    progress.look([at(0, 10), at(1, 100)], now=300)
    assert progress.lag == 90
    assert progress.standstill(300) is None
    assert progress.standstill(301) == Standstill((0,), 90, 301, whole_stage=True)


@pytest.mark.parametrize("done", [at(0, 11), at(0, 100), at(0, 100, end=150)])
def test_whoever_gets_on_does_not_stand_still_however_far_behind(progress, done):
    progress.look([at(0, None)], now=0)
    progress.look([done], now=300)
    assert progress.standstill(600) is None


def test_a_stage_without_work_may_idle_for_ever_and_has_its_time_once_there_is_some(progress):
    progress.look([at(0, 100)], now=0)
    progress.look([at(0, 100)], now=9_000)
    progress.look([at(0, 100, end=101)], now=9_010)
    assert progress.standstill(9_300) is None
    assert progress.standstill(9_311).lag == 1


def test_one_partition_that_stands_while_others_get_on_is_told_later(progress):
    progress.look([at(0, 50), at(1, 0, end=10_000)], now=0)
    for now in range(100, 3_101, 100):
        progress.look([at(0, 50), at(1, now, end=10_000)], now)
        if now <= 10 * LIMIT_S:
            assert progress.standstill(now) is None
    assert progress.standstill(3_100) == Standstill((0,), 50, 3_100, whole_stage=False)


def test_what_another_worker_reads_now_counts_no_more(progress):
    progress.look([at(0, 10), at(1, 100)], now=0)
    progress.look([at(1, 100)], now=10)
    assert (progress.lag, progress.standstill(1_000)) == (0, None)


def test_a_group_that_does_not_come_to_rest_and_does_nothing_stands_still_all_the_same(progress):
    for now in range(0, 400, 50):
        progress.look([at(now // 50 % 2, 10)], now)
    assert progress.standstill(350).whole_stage
