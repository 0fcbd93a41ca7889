"""What went wrong in an index is found by `verify` and mended by `verify --repair`, or in time by a worker's sweep."""

import asyncio
import random

import orjson
import pytest
from fakes.decay import decay
from typer.testing import CliRunner

from encoders.bundle import read_bundle
from streams.brokers.admin import create_topics
from streams.brokers.lag import LagReader
from streams.brokers.producer import Publisher
from streams.brokers.topics import Topics
from streams.cli.local_worker import LocalWorker
from streams.cli.main import app
from streams.events import Message
from streams.index.opening import open_existing_index
from streams.settings import environment_of

pytestmark = pytest.mark.kafka

WORDS = ("red mug", "red mug 0.3 l", "blue lamp", "running shoe 42", "running shoe 43")
SWEPT = "sweep: every listing was marked in this round"


@pytest.fixture
async def settings(kafka_settings, tmp_path):
    await create_topics(kafka_settings)
    changes = {"index_path": tmp_path / "index", "heartbeat_file": tmp_path / "heartbeat", "sweep_period_s": 0.0}
    return kafka_settings.model_copy(update={**changes, "attempts_path": tmp_path / "attempts"})


async def publish(settings, listings):
    topic = Topics(settings).listings.name
    ids = [f"l{n}" for n in range(listings)]
    values = [{"listing_id": one, "title": WORDS[n % len(WORDS)]} for n, one in enumerate(ids)]
    async with Publisher(settings) as publisher:
        await publisher.publish_all(
            Message(topic, one.encode(), orjson.dumps(value)) for one, value in zip(ids, values, strict=True)
        )


async def worked_off(settings, log):
    async with LocalWorker(settings, log), LagReader(settings) as reader:
        while not await reader.drained():  # noqa: ASYNC110 - other processes have no event for us
            await asyncio.sleep(0.2)


async def spoil(settings, seed):
    index = await open_existing_index(settings, read_bundle(settings.bundle).dimensions)
    try:
        assert await decay(index, random.Random(seed))
    finally:
        await index.close()


async def verify(settings, *arguments):
    """The exit code of the command and all it said."""
    run = CliRunner().invoke
    result = await asyncio.to_thread(run, app, ["verify", *arguments], env=environment_of(settings))
    return result.exit_code, " ".join(result.output.split())


async def test_what_decayed_is_mended_by_repair_and_by_the_sweep(settings, tmp_path):
    log = tmp_path / "worker.log"
    await publish(settings, 40)
    await worked_off(settings, log)
    code, said = await verify(settings, "--repair")
    assert (code, said.endswith("nothing to repair")) == (0, True)

    await spoil(settings, 1)
    code, said = await verify(settings, "--repair")
    assert (code, "marked again" in said, "verify once more" in said) == (1, True, True)
    await worked_off(settings, log)
    assert (await verify(settings))[0] == 0

    await spoil(settings, 2)
    assert (await verify(settings))[0] == 1
    async with LocalWorker(settings.model_copy(update={"sweep_period_s": 1.0}), log):
        while SWEPT not in log.read_text():  # noqa: ASYNC110 - likewise
            await asyncio.sleep(0.2)
    await worked_off(settings, log)
    assert (await verify(settings))[0] == 0
