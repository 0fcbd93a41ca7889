"""Messages that crash a stage or end its worker, on real brokers: the rest goes on, and they can be tried again."""

import asyncio
import os
import signal
import sys

import pytest
from typer.testing import CliRunner

from streams.brokers.admin import create_topics
from streams.brokers.dead_letters import letters_by_id, publish_again, read_dead_letters, superseded
from streams.brokers.lag import LagReader
from streams.brokers.producer import Publisher
from streams.brokers.reader import read_records
from streams.brokers.topics import MESSAGE_BYTES, StageName, Topics
from streams.cli.local_worker import LocalWorker
from streams.cli.main import app
from streams.errors import MessageRefusedError
from streams.events import Message
from streams.events.records import dead_letter_headers
from streams.settings import environment_of

STARTS_AT_MOST = 8


@pytest.fixture
async def settings(broker_settings, tmp_path):
    await create_topics(broker_settings)
    return broker_settings.model_copy(
        update={"attempts_path": tmp_path, "batch_size": 4, "attempts": 2, "session_timeout_s": 6.0}
        | ({"session_timeout_s": 3.0} if broker_settings.broker_embedded else {})
    )


async def start(settings):
    return await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "fakes.dying_worker",
        cwd="tests",
        env={**os.environ, **environment_of(settings), "PYTHONPATH": ".."},
        stderr=asyncio.subprocess.DEVNULL,
    )


async def publish(settings, values):
    """Under one key each, so that they are in one partition in this order."""
    topic = Topics(settings).listings.name
    async with Publisher(settings) as publisher:
        await publisher.publish_all(Message(topic, b"one key", value) for value in values)


async def until_drained(settings, starts):
    """Start a worker whenever there is none until its stage has done everything; how often one died."""
    died = []
    async with LagReader(settings) as reader:
        process = await start(settings)
        while any(one.lag for one in await reader.lags() if one.stage == StageName.EMBED):
            if process.returncode is not None:
                died.append(process.returncode)
                assert len(died) < starts, "dies again and again"
                process = await start(settings)
            await asyncio.sleep(0.1)
    process.send_signal(signal.SIGTERM)
    assert await process.wait() == 0
    return died


async def passed_on(settings):
    return [one.value async for one in read_records(settings, Topics(settings).embeddings.name, until_end=True)]


async def dead(settings):
    return [letter async for letter in read_dead_letters(settings)]


async def test_a_worker_that_is_killed_by_a_message_lays_it_aside_after_some_starts(settings):
    await publish(settings, [b"1", b"2", b"deadly", b"3", b"4", b"poison", b"5"])
    died = await until_drained(settings, STARTS_AT_MOST)
    assert set(died) == {139}
    assert 2 <= len(died) <= 2 + 3  # more when the first batches are not whole
    assert list(dict.fromkeys(await passed_on(settings))) == [b"1", b"2", b"3", b"4", b"5"]
    first, second = await dead(settings)
    assert (first.record.value, first.error, first.stage) == (b"deadly", "WorkerDied", "embed")
    assert (second.record.value, second.error, second.stage) == (b"poison", "ZeroDivisionError", "embed")
    assert "in stage" in second.told("traceback")


@pytest.mark.kafka
async def test_a_command_s_own_worker_is_started_as_often_as_one_message_asks_for(
    kafka_settings, tmp_path, monkeypatch
):
    """More often than one is that does not get on: the message is found over several starts."""
    monkeypatch.setenv("PYTHONPATH", "tests")
    settings = kafka_settings.model_copy(
        update={"attempts_path": tmp_path, "batch_size": 8, "session_timeout_s": 6.0, "heartbeat_file": None}
    )
    await create_topics(settings)
    await publish(settings, [b"deadly" if number == 5 else b"%d" % number for number in range(8)])
    command = [sys.executable, "-m", "fakes.dying_worker"]
    async with LocalWorker(settings, tmp_path / "log", command) as worker, LagReader(settings) as reader:
        while any(one.lag for one in await reader.lags() if one.stage == StageName.EMBED):
            assert worker.starts <= STARTS_AT_MOST
            await asyncio.sleep(0.1)
        assert worker.starts == 1 + 3 + settings.attempts
    assert [(letter.record.value, letter.error) for letter in await dead(settings)] == [(b"deadly", "WorkerDied")]


async def test_who_gives_up_on_a_worker_in_the_middle_of_a_batch_lays_nothing_aside(settings):
    """A second signal ends a worker at once; so often that a death each time would have been too many."""
    await publish(settings, [b"endless"])
    for _ in range(settings.attempts + 1):
        process = await start(settings)
        await until_noted(settings.attempts_path, process, noted=True)
        process.send_signal(signal.SIGTERM)
        await until_noted(settings.attempts_path, process, noted=False)
        process.send_signal(signal.SIGTERM)
        assert await process.wait() == 1
    assert await dead(settings) == []


async def until_noted(folder, process, *, noted):
    """Wait until something is in hand, or nothing."""
    async with asyncio.timeout(60):
        while bool(list(folder.glob("*.json"))) is not noted:
            assert process.returncode is None
            await asyncio.sleep(0.05)


async def lay_aside(settings, topic, value, *, key=b"a", offset=0):
    message = Message(topic, key, value, offset=offset, headers={"trace": b"t"})
    async with Publisher(settings) as publisher:
        name = Topics(settings).dead_letters.name
        await (await publisher.send(name, key, value, dead_letter_headers(message, "because", {"stage": "match"})))


async def test_a_dead_letter_comes_again_as_it_came_and_is_noted(settings):
    topic = Topics(settings).rematch.name
    await lay_aside(settings, topic, b"\xff")
    [letter] = await dead(settings)
    assert (letter.retried_at, letter.topic, letter.stage) == (None, topic, "match")
    await publish_again(settings, [letter])
    [again] = [one async for one in read_records(settings, topic, until_end=True)]
    assert (again.key, again.value, again.headers) == (b"a", b"\xff", {"trace": b"t"})
    assert (await letters_by_id(settings, [letter.id]))[letter.id].retried_at


async def test_what_is_older_than_what_its_key_says_now_is_known(settings):
    topics = Topics(settings)
    async with Publisher(settings) as publisher:
        first = await (await publisher.send(topics.listings.name, b"a", b"old"))
        await (await publisher.send(topics.listings.name, b"other", b"new"))
    message = Message(topics.listings.name, b"a", b"old", first.partition, first.offset)
    async with Publisher(settings) as publisher:
        await publisher.send(topics.dead_letters.name, b"a", b"old", dead_letter_headers(message, "because"))
    letters = await dead(settings)
    assert await superseded(settings, letters) == set()
    async with Publisher(settings) as publisher:
        await publisher.send(topics.listings.name, b"a", b"new")
    assert await superseded(settings, letters) == {letters[0].id}


async def test_one_that_does_not_say_where_it_lay_is_taken_for_old_and_stops_nobody(settings):
    """Anybody may write dead letters: places that are none, partitions and offsets that are not there."""
    listings, dead_letters = Topics(settings).listings.name, Topics(settings).dead_letters.name
    forged = [{"offset": b"soon"}, {"partition": b"-1"}, {"partition": b"999999999"}, {"offset": b"9" * 18}, {}]
    async with Publisher(settings) as publisher:
        for number, fields in enumerate(forged):
            told = dead_letter_headers(Message(listings, b"%d" % number, b"old", offset=0), "because")
            headers = dict(told) | {f"matchstream.{name}": value for name, value in fields.items()}
            await publisher.send(dead_letters, b"%d" % number, b"old", headers)
    letters = sorted(await dead(settings), key=lambda letter: letter.record.key)
    async with asyncio.timeout(30):
        assert await superseded(settings, letters) == {letters[0].id, letters[1].id}
    await publish_again(settings, letters)
    assert all(letter.retried_at for letter in await dead(settings))


async def test_the_largest_message_fits_into_a_dead_letter(settings):
    value = b"x" * (MESSAGE_BYTES - 200)
    await lay_aside(settings, Topics(settings).listings.name, value)
    assert [len(letter.record.value) for letter in await dead(settings)] == [len(value)]


@pytest.mark.kafka
async def test_a_message_that_the_broker_never_takes_is_told_once(kafka_settings):
    """Whoever lays it aside goes on; the publisher does not fail for it at its end."""
    await create_topics(kafka_settings)
    async with Publisher(kafka_settings) as publisher:
        name = Topics(kafka_settings).listings.name
        # In a batch of one partition, what is refused would take the other one with it.
        sent = [await publisher.send(name, key, b"x", partition=number) for number, key in enumerate((b"a", None))]
        with pytest.raises(MessageRefusedError):
            await publisher.confirmed(sent)
        assert sent[0].result().offset == 0


async def test_the_commands_list_show_and_retry(settings):
    topics = Topics(settings)
    await lay_aside(settings, topics.rematch.name, b"\x1b[2Jvalue", key=b"A")
    await lay_aside(settings, topics.regroup.name, None, key=b"B")
    environment = environment_of(settings)

    async def run(*arguments):
        result = await asyncio.to_thread(CliRunner().invoke, app, ["dead-letters", *arguments], env=environment)
        return result.exit_code, result.output

    code, listed = await run("list", "--stage", "match", "--topic", topics.rematch.name, "--since", "1h")
    assert (code, listed.splitlines()[-1].split(",")[0]) == (0, "1 dead letter")
    letter_id = listed.splitlines()[1].split()[0]
    code, shown = await run("show", letter_id)
    assert code == 0
    assert "value: \ufffd[2Jvalue" in shown
    assert "because" in shown
    code, told = await run("retry", letter_id)
    assert code == 0
    assert told.startswith(f"published 1 dead letter again, 1 to '{topics.rematch.name}'; see what becomes of it: ")
    code, rest = await run("list", "--open", "--json")
    assert rest.count('"id"') == 1
    assert '"key":"B"' in rest
    assert (await run("retry", "--all"))[0] == 0
    assert "0 dead letters" in (await run("list", "--open"))[1]
    assert "2 dead letters, 2 of them published again" in (await run("list"))[1]
