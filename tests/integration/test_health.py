"""The health pages of a real worker on a real Kafka, in front of an index that answers, or not."""

import asyncio
import os
import sys
from contextlib import asynccontextmanager

import grpc
import orjson
import pytest
from aiohttp import ClientConnectionError, ClientSession
from fakes.qdrant_server import qdrant_server

from streams.brokers.admin import create_topics
from streams.brokers.processes import free_port
from streams.brokers.producer import Publisher
from streams.brokers.topics import StageName, Topics
from streams.cli.local_worker import LocalWorker, WorkerEndedError
from streams.settings import environment_of

pytestmark = pytest.mark.kafka

SILENT = "the index does not answer (IndexUnavailableError)"


@pytest.fixture
async def qdrant():
    async with qdrant_server() as server:
        yield server


@pytest.fixture
async def settings(kafka_settings, qdrant, tmp_path):
    await create_topics(kafka_settings)
    index = {"index": "server", "qdrant_url": "http://127.0.0.1:1", "qdrant_grpc_port": qdrant.port}
    here = {"attempts_path": tmp_path / "attempts", "heartbeat_file": tmp_path / "heartbeat"}
    return kafka_settings.model_copy(update={**index, **here, "health_port": free_port()})


@pytest.fixture
async def session():
    async with ClientSession() as session:
        yield session


async def told(session, settings, page="readyz"):
    """Status and body; None while nobody listens yet."""
    try:
        async with session.get(f"http://127.0.0.1:{settings.health_port}/{page}") as response:
            return response.status, orjson.loads(await response.read())
    except ClientConnectionError:
        return None, {"reasons": []}


async def until(session, settings, condition):
    """Ask until it is so; what was told meanwhile, and the last answer."""
    reasons = set()
    async with asyncio.timeout(90):
        while not condition(*(answer := await told(session, settings))):
            reasons.update(answer[1]["reasons"])
            await asyncio.sleep(0.1)
    return reasons, answer[1]


async def test_a_worker_gets_ready_and_says_what_keeps_it_from_it(settings, qdrant, session, tmp_path):
    async with Publisher(settings) as publisher:
        await publisher.send(Topics(settings).listings.name, b"a", b'{"listing_id": "a", "title": "red mug"}')
    async with LocalWorker(settings, tmp_path / "worker.log"):
        reasons, _ = await until(session, settings, lambda status, _: status == 200)
        assert "stage 'embed' waits for its partitions" in reasons

        _, body = await until(
            session, settings, lambda _, body: body["stages"]["group"]["last_batch_age_s"] is not None
        )
        assert {stage: one["partitions"] for stage, one in body["stages"].items()} == {
            stage: [0] if stage == StageName.GROUP else [0, 1, 2, 3] for stage in StageName
        }

        qdrant.failing = grpc.StatusCode.UNAVAILABLE
        _, body = await until(session, settings, lambda status, _: status == 503)
        assert body["reasons"] == [SILENT]
        assert (await told(session, settings, "healthz"))[0] == 200, "a restart would not help"

        qdrant.failing = None
        await until(session, settings, lambda status, _: status == 200)


@asynccontextmanager
async def group_worker(settings):
    """A process that runs the stage of one partition; it needs no models."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "streams.cli.main", "worker", "--stages", "group"),
        env={**os.environ, **environment_of(settings)},
        stderr=asyncio.subprocess.DEVNULL,
    )
    try:
        yield
    finally:
        process.terminate()
        assert await process.wait() == 0


async def test_who_has_no_partition_because_another_worker_has_it_is_ready(settings, session):
    one, other = settings, settings.model_copy(update={"health_port": free_port()})
    async with group_worker(one):
        await until(session, one, lambda status, _: status == 200)
        await shared(session, one, other)


async def shared(session, one, other):
    async with group_worker(other):
        await until(session, one, lambda status, body: status == 200 and body["stages"]["group"]["assignments"] > 1)
        await until(session, other, lambda status, _: status == 200)
        read = [(await told(session, each))[1]["stages"]["group"]["partitions"] for each in (one, other)]
        assert sorted(read) == [[], [0]]


async def test_a_port_that_somebody_has_ends_a_worker_before_it_begins(settings, tmp_path):
    wanted = r"MATCHSTREAM_HEALTH_PORT.* give each worker of a machine one of its own"
    async with (
        await asyncio.start_server(lambda *_: None, "127.0.0.1", settings.health_port),
        LocalWorker(settings, tmp_path / "worker.log") as worker,
    ):
        with pytest.raises(WorkerEndedError, match=wanted):
            await worker.given_up()
        assert worker.starts == 1
