"""What is counted, as Prometheus reads it."""

import asyncio

import pytest
from fakes.clock import Clock
from prometheus_client import CollectorRegistry, Histogram
from prometheus_client.parser import text_string_to_metric_families

from streams.stages.observer import Why
from streams.telemetry.metrics import WorkerMetrics
from streams.telemetry.registry import Sizes, exposed
from streams.telemetry.stages import Batches

BOUNDS = (0, 1, 2, 3, 5, 8)


def read(registry):
    """Every sample: its name and labels, in the order of their names, to its value."""
    return {
        (sample.name, *(sample.labels[name] for name in sorted(sample.labels))): sample.value
        for family in text_string_to_metric_families(exposed(registry).decode())
        for sample in family.samples
    }


@pytest.fixture
def registry():
    return CollectorRegistry()


def test_many_sizes_at_once_count_like_each_by_itself(registry):
    theirs = CollectorRegistry()
    one_by_one = Histogram("sizes", "of something", buckets=BOUNDS, registry=theirs)
    ours = Sizes("sizes", "of something", BOUNDS, registry)
    for sizes in ([0, 0, 1, 2, 3, 8, 9], [], [5, 4, 1000]):
        ours.add(sizes)
        for size in sizes:
            one_by_one.observe(size)
    wanted = {(name, *(str(float(one)) for one in labels)): v for (name, *labels), v in read(theirs).items()}
    found = {(name, *(str(float(one)) for one in labels)): v for (name, *labels), v in read(registry).items()}
    wanted.pop(("sizes_created",), None)
    assert found == wanted


async def test_a_batch_is_seen_while_it_is_in_hand_and_counted_when_it_is_done(registry):
    clock = Clock()
    batches = Batches(registry, ["embed", "index"], clock)
    go_on = asyncio.Event()

    async def work(_messages):
        await go_on.wait()

    process = batches.counted("embed", work)
    both = [asyncio.create_task(process([None] * size)) for size in (3, 5)]
    await asyncio.sleep(0)
    clock.pass_s(7)
    meanwhile = read(registry)
    assert meanwhile["matchstream_stage_batch_in_hand_seconds", "embed"] == 7
    assert meanwhile["matchstream_stage_batch_in_hand_seconds", "index"] == 0
    assert meanwhile["matchstream_stage_last_batch_timestamp_seconds", "embed"] == 0
    go_on.set()
    await asyncio.gather(*both)
    found = read(registry)
    assert found["matchstream_stage_events_total", "embed"] == 8
    assert found["matchstream_stage_batch_size_count", "embed"] == 2
    assert found["matchstream_stage_batch_size_bucket", "4.0", "embed"] == 1
    assert found["matchstream_stage_batch_seconds_count", "embed"] == 2
    assert found["matchstream_stage_last_batch_timestamp_seconds", "embed"] == clock()
    assert found["matchstream_stage_batch_in_hand_seconds", "embed"] == 0
    assert found["matchstream_stage_events_total", "index"] == 0


async def test_a_batch_that_fails_is_not_in_hand_any_more_and_counts_for_nothing(registry):
    batches = Batches(registry, ["embed"])

    async def fail(_messages):
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await batches.counted("embed", fail)([None])
    found = read(registry)
    assert found["matchstream_stage_batch_in_hand_seconds", "embed"] == 0
    assert found["matchstream_stage_events_total", "embed"] == found["matchstream_stage_batch_size_count", "embed"] == 0


def test_what_may_fail_is_there_from_the_beginning():
    """An alarm on growth does not see a series that begins with its first failure."""
    found = read(WorkerMetrics(["embed", "group"], "g1").registry)
    for stage in ("embed", "group"):
        assert found["matchstream_retries_total", "g1", stage] == 0
        for why in Why:
            assert found["matchstream_dead_letters_total", "g1", why.value, stage] == 0
    assert found["process_start_time_seconds",] > 0


def test_two_workers_of_a_process_have_nothing_in_common():
    one, other = WorkerMetrics(["embed"], "g1"), WorkerMetrics(["embed"], "g2")
    one.observer.retried("embed")
    one.observer.laid_aside("embed", Why.DIED, 2)
    assert read(one.registry)["matchstream_retries_total", "g1", "embed"] == 1
    assert read(other.registry)["matchstream_retries_total", "g2", "embed"] == 0
