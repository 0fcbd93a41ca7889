"""The whole flow on a real broker with real workers: the lists subscribers know are the reference's."""

import asyncio
import os
import re
import signal
import struct
import zlib
from contextlib import aclosing

import orjson
import pytest
from confluent_kafka.admin import AdminClient
from fakes.mixed_log import catalogue_records, mixed_log
from fakes.on_kafka import ids, publish, ready, told, until_drained

from streams.brokers.reader import read_records
from streams.brokers.topics import StageName, Topics, group_of
from streams.cli.batch import match_in_batch
from streams.cli.local_worker import LocalWorker
from streams.errors import LEASE_LOST
from streams.events import Message, read_listing_event
from streams.settings import Settings
from streams.stages.lease import since_boot

pytestmark = pytest.mark.slow

PRODUCTS = 120


@pytest.fixture(scope="module")
def records(tmp_path_factory):
    folder = tmp_path_factory.mktemp("catalogue")
    return folder, catalogue_records(PRODUCTS, folder)[:300]


@pytest.fixture(scope="module")
def wanted(records):
    """What the log comes to, by the reference; computed once."""
    folder, some = records
    return lists_of_reference(mixed_log(some, 0), folder)


def lists_of_reference(log, folder):
    settings = Settings(_env_file=None, image_root=folder)
    lists = match_in_batch([read_listing_event(message) for message in log], settings)
    return {one: ids(matches) for one, matches in lists.items()}


@pytest.mark.kafka
@pytest.mark.parametrize("seed", [1, 2, 3])
async def test_any_order_ends_as_the_reference_says(kafka_settings, records, wanted, tmp_path, seed):
    folder, some = records
    settings = await ready(kafka_settings, folder, tmp_path)
    await publish(mixed_log(some, seed), settings)
    async with LocalWorker(settings, tmp_path / "worker.log"):
        await until_drained(settings)
    assert await told(settings) == wanted


@pytest.mark.kafka
async def test_a_killed_worker_leaves_nothing_undone(kafka_settings, records, wanted, tmp_path, capfd):
    folder, some = records
    settings = await ready(kafka_settings, folder, tmp_path, missed_after_s=6.0)
    await publish(mixed_log(some, 4), settings)
    async with LocalWorker(settings, tmp_path / "worker.log") as worker:
        await kill_in_the_middle(worker, settings, times=3)
        await until_drained(settings)
        ended = codes_of_ends(capfd)
        assert len(ended) == worker.starts - 1
        assert ended.count(-signal.SIGKILL) == 3
        assert set(ended) <= {-signal.SIGKILL, LEASE_LOST}, "of its own accord it ends only where it was not let run"
    assert await told(settings) == wanted


def codes_of_ends(capfd):
    """How each worker ended that was started again."""
    return [int(code) for code in re.findall(r"ended with code (-?\d+)", " ".join(capfd.readouterr().err.split()))]


async def kill_in_the_middle(worker, settings, times):
    """SIGKILL it so often, each time after twenty more match events, and wait until it was started again."""
    async with aclosing(read_records(settings, Topics(settings).matches.name)) as told_so_far:
        seen = 0
        async for _ in told_so_far:
            seen += 1
            if seen % 20 == 0:
                os.kill(one := await running(worker), signal.SIGKILL)
                await running(worker, after=one)
            if seen == 20 * times:
                return


async def running(worker, after=None):
    """The id of the process that runs, once one does that is not the one before."""
    while worker.process_id in {None, after}:  # noqa: ASYNC110 - other processes have no event for us
        await asyncio.sleep(0.1)
    return worker.process_id


@pytest.mark.kafka
async def test_a_worker_that_was_paused_past_its_session_writes_nothing_more(
    kafka_settings, records, wanted, tmp_path, capfd
):
    folder, some = records
    settings, log = await ready(kafka_settings, folder, tmp_path, missed_after_s=6.0), tmp_path / "worker.log"
    await publish(mixed_log(some, 5), settings)
    async with LocalWorker(settings, log) as worker:
        await until_told(settings, 20)
        zombie = await running(worker)
        said_before, stopped_s = log.stat().st_size, since_boot()
        os.kill(zombie, signal.SIGSTOP)
        await until_given_up(settings)
        while since_boot() - stopped_s < settings.session_timeout_s:  # noqa: ASYNC110 - given up earlier after a late heartbeat
            await asyncio.sleep(0.1)
        os.kill(zombie, signal.SIGCONT)
        await running(worker, after=zombie)
        said = [line for line in log.read_bytes()[said_before:].decode().splitlines() if "of a session" in line]
        await until_drained(settings)
        ended = codes_of_ends(capfd)
        assert len(ended) == worker.starts - 1
        assert set(ended) == {LEASE_LOST}
    assert said
    assert all("it stood still for" in line for line in said), said
    assert await told(settings) == wanted


async def until_told(settings, times):
    async with aclosing(read_records(settings, Topics(settings).matches.name)) as told_so_far:
        async for _ in told_so_far:
            times -= 1
            if not times:
                return


async def until_given_up(settings):
    """The broker has taken a worker's partitions away from it in all groups."""
    admin = AdminClient({"bootstrap.servers": settings.brokers})
    groups = [group_of(settings, stage) for stage in StageName]
    while any(one.result().members for one in admin.describe_consumer_groups(groups).values()):  # noqa: ASYNC110 - likewise
        await asyncio.sleep(0.1)


async def test_bad_input_goes_aside_and_the_good_is_matched(broker_settings, tmp_path):
    folder = tmp_path / "images"
    folder.mkdir()
    (folder / "text.jpg").write_bytes(b"this is no picture")
    (folder / "huge.png").write_bytes(png_header(10_000, 5_000))
    settings = await ready(broker_settings, folder, tmp_path)
    good = [listing("good-1", "red running shoe 42"), listing("good-2", "red running shoe 42")]
    without = [
        listing("text-jpg", "red running shoe 42", image="text.jpg"),
        listing("huge", "red running shoe 42", image="huge.png"),
    ]
    bad = {
        "broken JSON": Message("listings", b"bad-1", b'{"listing_id": "bad-1", '),
        "wrong key": Message("listings", b"bad-2", b'{"listing_id": "other", "title": "shoe"}'),
        "missing fields": Message("listings", b"bad-3", b'{"listing_id": "bad-3"}', headers={"trace": b"t-1"}),
    }
    if broker_settings.broker_embedded:  # Kafka itself refuses a null key on a compacted topic
        bad["null key"] = Message("listings", None, b'{"listing_id": "bad-4", "title": "shoe"}')
    await publish([good[0], *bad.values(), *without, good[1]], settings)
    async with LocalWorker(settings, tmp_path / "worker.log"):
        await until_drained(settings)
    everyone = {"good-1", "good-2", "text-jpg", "huge"}
    assert {one: set(matches) for one, matches in (await told(settings)).items()} == {
        one: everyone - {one} for one in everyone
    }
    await assert_dead_letters(settings, bad)


async def assert_dead_letters(settings, bad):
    dead = [one async for one in read_records(settings, Topics(settings).dead_letters.name, until_end=True)]
    assert {(one.key, one.value) for one in dead} == {(one.key, one.value) for one in bad.values()}
    for one in dead:
        assert one.headers["matchstream.reason"]
        assert one.headers["matchstream.topic"] == Topics(settings).listings.name.encode()
    assert {one.headers.get("trace") for one in dead if one.key == b"bad-3"} == {b"t-1"}


def listing(listing_id, title, **fields):
    return Message("listings", listing_id.encode(), orjson.dumps({"listing_id": listing_id, "title": title, **fields}))


def png_header(width, height):
    """A PNG that says it is so large, and has no pixels."""

    def chunk(kind, data):
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", b"") + chunk(b"IEND", b"")
