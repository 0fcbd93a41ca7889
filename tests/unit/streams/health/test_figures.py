"""A worker's health in numbers, and the page that tells them."""

import asyncio
from http.client import HTTPConnection

from prometheus_client import CollectorRegistry
from prometheus_client.parser import text_string_to_metric_families

from streams.brokers.processes import free_port
from streams.brokers.topics import StageName
from streams.health import Figures, health_pages
from streams.settings import Settings
from streams.telemetry.metrics import WorkerMetrics
from streams.telemetry.registry import exposed

EMBED, INDEX = StageName.EMBED, StageName.INDEX


def numbers(text):
    """By the name without what all begin with, and the stage, if it is of one."""
    families = text_string_to_metric_families(text)
    samples = [sample for family in families for sample in family.samples]
    return {
        (one.name.removeprefix("matchstream_"), *one.labels.values()): one.value
        for one in samples
        if one.name.startswith("matchstream_")
    }


def read(watch):
    registry = CollectorRegistry()
    registry.register(Figures(watch))
    return numbers(exposed(registry).decode())


def fetch(settings, method="GET"):
    connection = HTTPConnection(settings.health_host, settings.health_port, timeout=10)
    try:
        connection.request(method, "/metrics")
        response = connection.getresponse()
        return response.status, dict(response.getheaders()), response.read().decode()
    finally:
        connection.close()


def test_one_that_begins_reads_nothing_and_is_not_ready(watch):
    assert read(watch) == {
        ("worker_ready",): 0,
        ("index_answers",): 0,
        ("kafka_answers",): 0,
        **{(name, stage): 0 for name in ("stage_lag", "stage_partitions") for stage in ("embed", "index")},
        **{("stage_assignments_total", stage): 0 for stage in ("embed", "index")},
    }


async def test_one_that_reads_tells_its_partitions_and_how_far_it_is_behind(ready, world, watch):
    world.end = 25
    await world.looked_at_by(watch)
    found = read(ready)
    assert (found["stage_partitions", "embed"], found["stage_partitions", "index"]) == (2, 0)
    assert found["stage_lag", "embed"] == 30  # 15 in each of its two partitions
    assert found["stage_assignments_total", "embed"] == 1
    assert (found["worker_ready",], found["index_answers",], found["kafka_answers",]) == (1, 1, 1)


async def test_who_does_not_answer_is_told(ready, world, watch):
    world.kafka_error = ConnectionError()
    for _ in range(2):
        await world.looked_at_by(watch)
    found = read(ready)
    assert (found["worker_ready",], found["index_answers",], found["kafka_answers",]) == (0, 1, 0)


async def test_points_are_told_once_they_were_counted(ready, watch):
    class Index:
        async def count(self):
            return 184_201

    assert ("index_points",) not in read(ready)
    await watch.count_points(Index())
    assert read(ready)["index_points",] == 184_201


async def test_the_page_is_text_for_prometheus_and_is_beside_the_others(ready):
    settings, metrics = Settings(_env_file=None, health_port=free_port()), WorkerMetrics(["embed"], "g1")
    metrics.observer.retried("embed")
    async with health_pages(ready, settings, metrics.registry):
        status, headers, body = await asyncio.to_thread(fetch, settings)
        assert (await asyncio.to_thread(fetch, settings, "POST"))[0] == 405
    assert (status, headers["Content-Type"]) == (200, "text/plain; version=0.0.4; charset=utf-8")
    assert numbers(body)["retries_total", "g1", "embed"] == 1


async def test_who_counts_nothing_has_no_such_page(ready):
    settings = Settings(_env_file=None, health_port=free_port())
    async with health_pages(ready, settings):
        assert (await asyncio.to_thread(fetch, settings))[0] == 404
