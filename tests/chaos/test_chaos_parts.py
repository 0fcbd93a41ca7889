"""The parts of a run with faults do what they say: else a run that finds nothing would say nothing."""

import asyncio
import random

import pytest
from fakes.bench import POLICY
from fakes.memory_index import MemoryIndex
from fakes.rows import axis

from chaos import ground
from chaos.checks import Findings, _not_in, _revisions
from chaos.faulty_index import Control, FaultyIndex, Trouble
from chaos.light import DEADLY, RAISES
from chaos.proxy import Proxy
from chaos.recovery import Progress
from chaos.traffic import Traffic
from encoders.types import Modality
from streams.brokers.processes import free_port
from streams.brokers.topics import StageName, Topics
from streams.errors import IndexUnavailableError
from streams.events import Message
from streams.index.port import Change, View
from streams.matching import Rules, reference
from streams.settings import Settings

TOPICS = Topics(Settings(_env_file=None))


class Always(random.Random):
    """Every call meets trouble."""

    getrandbits = random.Random.getrandbits  # everything else is drawn as ever

    def random(self):
        return 0.0


def log_of(seed, events=3_000):
    traffic = Traffic(TOPICS, 200, random.Random(seed), "http://127.0.0.1:1", deadly=2)
    messages = traffic.events(events)
    return [Message(one.topic, one.key, one.value, 0, n, 1, one.headers) for n, one in enumerate(messages)]


def test_a_seed_tells_the_whole_log():
    assert log_of(1) == log_of(1)
    assert log_of(1) != log_of(2)


def test_a_log_has_everything_that_a_run_is_about():
    log = log_of(1)
    keys = [(one.key or b"").decode() for one in ground.poison(log)]
    assert sum(one.startswith(DEADLY) for one in keys) == 2
    assert any(one.startswith(RAISES) for one in keys)
    assert any(not one.startswith((DEADLY, RAISES)) for one in keys)
    truth = ground.catalogue(log)
    assert {len(one) for one in truth.raw.values()} == {2, 3}, "some have no photo"
    assert truth.verdicts
    lists = reference(truth, Rules(POLICY))
    assert 0.3 < sum(1 for one in lists.values() if one.matches) / len(lists) < 1


async def faulty(tmp_path, trouble):
    index = MemoryIndex({Modality.TEXT: 2})
    control = Control(tmp_path / "control.json")
    control.set(trouble, 60.0)
    return index, FaultyIndex(index, control, Always(7)), control


def change(listing_id):
    return Change(listing_id, {"record": 1}, {View.RAW: {Modality.TEXT: axis(2, 0)}}, {"payload": 1})


async def test_a_call_that_times_out_is_carried_out(tmp_path):
    index, faulty_index, control = await faulty(tmp_path, Trouble.TIMES_OUT)
    with pytest.raises(IndexUnavailableError):
        await faulty_index.write([change("a")])
    assert (await index.count(), control.met()) == (1, 1)


async def test_a_call_that_is_refused_is_not(tmp_path):
    index, faulty_index, _ = await faulty(tmp_path, Trouble.REFUSES)
    with pytest.raises(IndexUnavailableError):
        await faulty_index.write([change("a")])
    assert await index.count() == 0


async def test_a_batch_is_written_partly_and_in_the_order_of_the_port(tmp_path):
    index, faulty_index, _ = await faulty(tmp_path, Trouble.PARTLY)
    seen = set()
    for n in range(60):
        with pytest.raises(IndexUnavailableError):
            await faulty_index.write([change(f"{n} first"), change(f"{n} second")])
        points = await index.read([f"{n} first", f"{n} second"], [View.RAW])
        seen.add(tuple((*one.payload, *one.raw) for one in points.values()))
    torn = [("record",), ("record", Modality.TEXT), ("record", "payload", Modality.TEXT)]
    assert seen == {(one,) for one in torn} | {(torn[2], one) for one in torn}


async def test_trouble_ends(tmp_path):
    _, faulty_index, control = await faulty(tmp_path, Trouble.REFUSES)
    control.set(Trouble.REFUSES, -1.0)
    await faulty_index.write([change("a")])


async def test_a_proxy_that_is_cut_passes_nothing_on():
    async def echo(reader, writer):
        writer.write(await reader.read(10))
        writer.close()

    server = await asyncio.start_server(echo, "127.0.0.1", 0)
    async with server, Proxy(free_port()) as proxy:
        proxy.target = server.sockets[0].getsockname()[1]
        assert await asked(proxy) == b"hello"
        proxy.cut()
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.3):
                await asked(proxy)
        proxy.mend()
        assert await asked(proxy) == b"hello"


async def asked(proxy):
    reader, writer = await asyncio.open_connection("127.0.0.1", proxy.port)
    try:
        writer.write(b"hello")
        return await reader.read(10)
    finally:
        writer.close()


def test_stages_work_again_when_each_has_done_something_or_has_nothing_to_do():
    before = Progress(0.0, {StageName.EMBED: 5, StageName.INDEX: 5}, {StageName.EMBED: 2, StageName.INDEX: 0})
    stuck = Progress(1.0, {StageName.EMBED: 5, StageName.INDEX: 5}, {StageName.EMBED: 2, StageName.INDEX: 0})
    moved = Progress(1.0, {StageName.EMBED: 6, StageName.INDEX: 5}, {StageName.EMBED: 1, StageName.INDEX: 0})
    assert not stuck.works_since(before)
    assert moved.works_since(before)


def test_what_kafka_acknowledged_and_has_not_is_lost():
    here, gone = Message("t", b"a", b"1", 0, 0), Message("t", b"a", b"2", 0, 1)
    assert _not_in([here], {("t", 0, 0): here, ("t", 0, 1): gone}) == ["('t', 0, 1)"]


@pytest.mark.parametrize(
    ("told", "duplicates", "wrong"),
    [
        ([("a", 1, "x"), ("a", 2, "y")], 0, 0),
        ([("a", 1, "x"), ("a", 1, "x")], 1, 0),
        ([("a", 1, "x"), ("a", 1, "y")], 0, 1),
        ([("a", 2, "x"), ("a", 1, "x")], 0, 1),
        ([("a", 2, "x"), ("a", 0, None), ("a", 3, "y")], 0, 0),
        ([("a", 2, "x"), ("a", 0, None), ("a", 2, "x")], 0, 1),
    ],
)
def test_revisions_grow_and_say_what_they_said(told, duplicates, wrong):
    found = Findings()
    _revisions(told, found)
    assert (found.duplicates, len(found.wrong)) == (duplicates, wrong)
