"""A real worker and a real page as they are watched: one run, its metrics, its log, its traces."""

import asyncio
import os
import re
import shutil
import signal
import sys
from contextlib import asynccontextmanager
from itertools import pairwise
from types import SimpleNamespace

import httpx
import orjson
import pytest
import yaml
from fakes.collector import attribute, collector
from fakes.monitoring import ALERTS, FOLDER, SCRAPES, faults, panel_queries, samples_of
from fakes.on_kafka import ready, until_drained

from streams.brokers.processes import free_port
from streams.brokers.producer import Publisher
from streams.brokers.topics import Topics
from streams.events import Message
from streams.events.headers import Headers
from streams.settings import environment_of
from streams.web.serving import serving

pytestmark = [pytest.mark.kafka, pytest.mark.slow]

THROUGH = ["embed", "index", "blend", "match", "group"]
TRACE = "c" * 32
PARENT = f"00-{TRACE}-{'d' * 16}-01".encode()
NOT_HERE = {
    "matchstream_similarity_drift",
    "matchstream_similarity_drift_listings",
    "matchstream_precision",
    "matchstream_index_points",
}
"""What a bundle without a calibration and a page without an audit do not tell, and what is counted once a minute."""
PROMETHEUS = shutil.which("prometheus")


@pytest.fixture
async def settings(kafka_settings, tmp_path):
    here = await ready(kafka_settings, tmp_path, tmp_path)
    watched = {"health_port": free_port(), "log_format": "json", "traces": "otlp"}
    page = {"web_port": 0, "web_path": tmp_path / "web.sqlite"}
    return here.model_copy(update={**watched, **page})


@asynccontextmanager
async def worker(settings, log, **environment):
    """A process of its own, told to stop at the end."""
    with log.open("wb") as file:
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-P", "-m", "streams.cli.main", "worker"),
            env={**os.environ, **environment_of(settings), **environment},
            stderr=file,
        )
        try:
            yield process
        finally:
            process.send_signal(signal.SIGTERM)
            assert await asyncio.wait_for(process.wait(), 60) == 0


async def publish(settings):
    topic, context = Topics(settings).listings.name, Headers([("traceparent", PARENT)])
    titles = ["red mug 300 ml", "red mug, 300 ml", "blue lamp for a desk", "lamp, blue, for desks"]
    values = [{"listing_id": f"s-{n}", "title": title} for n, title in enumerate(titles)]
    messages = [
        Message(topic, one["listing_id"].encode(), orjson.dumps(one), headers=context if n == 0 else Headers())
        for n, one in enumerate(values)
    ]
    async with Publisher(settings) as publisher:
        await publisher.publish_all(messages)


@asynccontextmanager
async def watched(settings, tmp_path):
    """The flow drained, with everything that watches it."""
    with collector() as traces:
        collecting = {"OTEL_EXPORTER_OTLP_ENDPOINT": traces.address, "OTEL_BSP_SCHEDULE_DELAY": "200"}
        await publish(settings)
        log = tmp_path / "worker.log"
        async with worker(settings, log, **collecting), serving(settings) as page:
            await until_drained(settings)
            targets = {"worker": f"127.0.0.1:{settings.health_port}", "page": page.address.removeprefix("http://")}
            yield SimpleNamespace(targets=targets, traces=traces, log=log)


async def until(what):
    """Ask until there is an answer."""
    async with asyncio.timeout(90):
        while not (answer := await what()):  # noqa: ASYNC110 - other processes have no event for us
            await asyncio.sleep(0.2)
    return answer


async def test_a_listing_can_be_followed_by_all_that_watches_a_worker(settings, tmp_path):
    async with watched(settings, tmp_path) as flow, httpx.AsyncClient(timeout=30) as client:
        await metrics_are_what_is_asked_for(client, flow.targets)
        if PROMETHEUS:
            await prometheus_answers_every_panel(client, flow.targets, tmp_path)
    the_log_follows_a_listing(flow.log.read_text().splitlines())
    the_trace_goes_through_all_stages(flow.traces)


async def metrics_are_what_is_asked_for(client, targets):
    async def scraped():
        texts = {job: (await client.get(f"http://{target}/metrics")).text for job, target in targets.items()}
        samples = [one for job, text in texts.items() for one in samples_of(text, job)]
        grouped = [one for one in samples if one.name == "matchstream_stage_events_total"]
        return samples if len(grouped) == 6 else []

    await client.get(f"http://{targets['page']}/")
    samples = await until(scraped)
    queries = [query for _, query, _ in panel_queries()] + [rule["expr"] for rule in ALERTS]
    found = [fault for query in queries for fault in faults(query, samples)]
    assert [one for one in found if not asks_for_what_is_not_here(one)] == []


def asks_for_what_is_not_here(text):
    return bool(NOT_HERE & set(re.findall(r"\w+", text)))


async def prometheus_answers_every_panel(client, targets, tmp_path):
    port = free_port()
    async with prometheus(targets, tmp_path, port):
        for _, query, _ in panel_queries():
            if not asks_for_what_is_not_here(query):
                await until(lambda query=query: answer(client, port, query.replace("[5m]", "[10s]")))
        rules = (await client.get(f"http://127.0.0.1:{port}/api/v1/rules")).json()["data"]["groups"]
        assert {one["name"] for group in rules for one in group["rules"]} == {rule["alert"] for rule in ALERTS}


@asynccontextmanager
async def prometheus(targets, tmp_path, port):
    """Prometheus with the project's own configuration, but for where targets are."""
    configuration = yaml.safe_load((FOLDER / "prometheus.yml").read_text())
    configuration["global"] = {"scrape_interval": "1s", "evaluation_interval": "1s"}
    jobs = {job: {"job_name": job, "static_configs": [{"targets": [target]}]} for job, target in targets.items()}
    assert jobs.keys() == SCRAPES.keys()
    for job, service in (("worker", "matching"), ("page", "web")):
        jobs[job]["static_configs"][0]["labels"] = {"service": service}
    configuration["scrape_configs"] = list(jobs.values())
    configuration["rule_files"] = [str(FOLDER / "alerts.yml")]
    file = tmp_path / "prometheus.yml"
    file.write_text(yaml.safe_dump(configuration))
    options = [f"--storage.tsdb.path={tmp_path / 'tsdb'}", f"--web.listen-address=127.0.0.1:{port}"]
    process = await asyncio.create_subprocess_exec(
        PROMETHEUS, f"--config.file={file}", *options, stderr=asyncio.subprocess.DEVNULL
    )
    try:
        yield
    finally:
        process.terminate()
        await process.wait()


async def answer(client, port, query):
    try:
        told = await client.get(f"http://127.0.0.1:{port}/api/v1/query", params={"query": query})
    except httpx.TransportError:
        return None  # it starts
    if told.status_code == 503:
        return None
    assert told.json()["status"] == "success", told.text
    return told.json()["data"]["result"]


def the_log_follows_a_listing(lines):
    records = [orjson.loads(line) for line in lines]
    assert {"time", "level", "logger", "message"} <= set.intersection(*(set(one) for one in records))
    batches = [one for one in records if "s-0" in one.get("listings", ())]
    assert list(dict.fromkeys(one["stage"] for one in batches))[:2] == THROUGH[:2]
    assert {one["stage"] for one in batches} == set(THROUGH)
    assert all(one["offsets"] and one["seconds"] > 0 for one in batches)


def the_trace_goes_through_all_stages(traces):
    assert traces.services == {"matchstream"}
    spans = [one for one in traces.spans if one.trace_id.hex() == TRACE]
    own = {one.name: one for one in spans if attribute(one, "matchstream.listing_id") == "s-0"}
    assert own.keys() == set(THROUGH)
    assert own["embed"].parent_span_id.hex() == "d" * 16
    by_id = {one.span_id: one for one in spans}
    for before, after in pairwise(THROUGH[:3]):
        assert by_id[own[after].parent_span_id].name == before
