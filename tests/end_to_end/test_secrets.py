"""Secrets planted wherever one can come from: no command, log, report, dead letter or process shows one."""

import asyncio
import subprocess
from contextlib import aclosing

import orjson
import pytest
from end_to_end.commands import until, write_lines
from fakes.qdrant_server import qdrant_server
from fixtures.secured_kafka import PASSWORD

from streams.brokers.admin import create_topics
from streams.brokers.dead_letters import read_dead_letters
from streams.brokers.lag import LagReader
from streams.brokers.producer import Publisher
from streams.brokers.topics import Topics
from streams.events import Message
from streams.settings import Settings, environment_of, is_secret

PLANTED = {name: f"pl4nted in {name}" for name in Settings.model_fields if is_secret(name)}
QDRANT = "http://me:pl4nted-url@127.0.0.1:1"
IMAGE = "http://me:pl4nted-image@127.0.0.1:1/a.jpg?token=pl4nted-query"
WITHIN_S = 40
TRIED = ["topics show", "topics create", "publish FILE", "worker", "match FILE --configured", "dead-letters list"]


@pytest.fixture
def planted(command):
    return command.with_(**PLANTED, qdrant_url=QDRANT)


def secured(command, settings):
    """The same command, told all about a broker but with the secrets that are in the settings."""
    return command.with_(
        **{
            name.removeprefix("MATCHSTREAM_").lower(): value
            for name, value in environment_of(settings).items()
            if "KAFKA" in name or name.endswith(("_BROKERS", "_TOPIC_PREFIX", "_GENERATION", "_PARTITIONS"))
        }
    )


@pytest.mark.parametrize("arguments", ["settings", "settings --debug"])
@pytest.mark.parametrize("where", ["environment", ".env"])
def test_settings_show_none(command, planted, arguments, where):
    shown = planted
    if where == ".env":
        lines = [f"MATCHSTREAM_{name.upper()}={secret}\n" for name, secret in PLANTED.items()]
        (command.folder / ".env").write_text("".join([*lines, f"MATCHSTREAM_QDRANT_URL={QDRANT}\n"]))
        shown = command
    result = shown.run(*arguments.split())
    assert result.code == 0
    assert result.out.count("********") == len(PLANTED)
    assert "pl4nted" not in result.out + result.err


@pytest.mark.parametrize("debug", [True, False])
@pytest.mark.parametrize("typed", ["settings", "topics show"])
def test_a_setting_that_can_not_be_used_shows_none(planted, typed, debug):
    told = planted.with_(qdrant_grpc_port="http://me:pl4nted-there@host")
    result = told.run(*typed.split(), *["--debug"] * debug)
    assert result.code == 1
    assert "MATCHSTREAM_QDRANT_GRPC_PORT" in result.err
    assert "pl4nted" not in result.out + result.err


@pytest.mark.kafka
@pytest.mark.parametrize("debug", [True, False])
@pytest.mark.parametrize("typed", TRIED)
def test_a_login_that_is_refused_ends_a_command_in_time_and_shows_none(
    planted, secured_kafka, listings_file, typed, debug
):
    settings = secured_kafka.settings("BOTH", "SASL_SSL", kafka_password=PLANTED["kafka_password"])
    words = [str(listings_file) if word == "FILE" else word for word in typed.split()]
    result = secured(planted, settings).run(*words, *["--debug"] * debug)
    assert (result.code, result.out) == (1, "")
    assert result.err.splitlines()[-1].count(f"broker {settings.brokers}: user 'shop' or the password refused") == 1
    assert ("Traceback" in result.err) is debug
    assert debug or result.err.count("\n") == 1
    assert "pl4nted" not in result.err
    assert result.took_s < WITHIN_S


def test_reports_and_bundles_hold_none(planted, listings_file):
    rows = [orjson.loads(line) for line in listings_file.read_bytes().splitlines()]
    labelled = write_lines(
        planted.folder / "labelled.jsonl", [{**row, "product": row["listing_id"][2:], "image": IMAGE} for row in rows]
    )
    for typed in (f"evaluate {labelled} --label product -o report", f"fit {labelled} -o made"):
        result = planted.run(*typed.split(), "--debug")
        assert result.code == 0, result.err
        assert "pl4nted" not in result.out + result.err
    made = [file for file in planted.folder.rglob("*") if file.is_file() and file != labelled]
    assert {"metrics.json", "manifest.json"} <= {file.name for file in made}
    assert ".html" in {file.suffix for file in made}
    assert [file for file in made if b"pl4nted" in file.read_bytes()] == []


@pytest.mark.kafka
async def test_a_worker_that_logs_everything_logs_none_and_leaves_none_behind(command, secured_kafka, tmp_path):
    settings = secured_kafka.settings("BOTH", "SASL_SSL")
    log, heartbeat, attempts = tmp_path / "worker.log", tmp_path / "heartbeat", tmp_path / "attempts"
    await create_topics(settings)
    async with qdrant_server() as server:
        told = secured(command, settings).with_(
            index="server",
            qdrant_url=QDRANT,
            qdrant_grpc_port=server.port,
            qdrant_api_key=PLANTED["qdrant_api_key"],
            heartbeat_file=heartbeat,
            attempts_path=attempts,
            log_level="DEBUG",
        )
        with log.open("w") as out:
            process = told.start("worker", "--debug", stdout=out, stderr=out)
        try:
            await publish(settings)
            await asyncio.to_thread(until, lambda: heartbeat.exists() or process.poll() is not None)
            await until_drained(settings, process)
            shown = command_lines()
        finally:
            process.terminate()
            await asyncio.to_thread(process.wait, 60)
    logged = log.read_text()
    assert process.returncode == 0, logged[-2000:]
    for logger in ("aiokafka.conn", "faust", "asyncio", "streams.worker"):
        assert logger in logged
    for text in (logged, shown, *(file.read_text() for file in attempts.rglob("*") if file.is_file())):
        assert "pl4nted" not in text
        assert PASSWORD not in text
    assert "--debug" in shown
    await assert_dead_letters(settings)


async def publish(settings):
    """A listing whose image has a login and a token, and one that can't be read."""
    topic = Topics(settings).listings.name
    good = orjson.dumps({"listing_id": "a", "title": "espresso grinder conical", "image": IMAGE, "version": 1})
    bad = orjson.dumps({"listing_id": "b", "title": "espresso grinder", "image": IMAGE, "price": [IMAGE]})
    async with Publisher(settings) as publisher:
        await publisher.publish_all([Message(topic, b"a", good), Message(topic, b"b", bad)])


async def until_drained(settings, process):
    async with asyncio.timeout(150), LagReader(settings) as reader:
        while not await reader.drained():
            assert process.poll() is None
            await asyncio.sleep(0.2)


def command_lines():
    return subprocess.run(["ps", "-A", "-ww", "-o", "args="], capture_output=True, text=True, check=True).stdout


async def assert_dead_letters(settings):
    async with aclosing(read_dead_letters(settings)) as letters:
        found = [letter async for letter in letters]
    [letter] = found
    assert b"pl4nted-image" in letter.record.value
    headers = b"".join(value or b"" for name, value in letter.record.headers.items())
    assert b"pl4nted-image" not in headers
    assert PASSWORD.encode() not in headers
