import os
import socket

import pytest
from end_to_end.commands import write_lines

from streams.brokers.embedded import ensure_topics
from streams.brokers.topics import Topics

NEEDS_A_BROKER = ["topics create", "topics show", "publish FILE", "withdraw a-1", "tail matches", "worker"]


@pytest.fixture
def nobody():
    """An address where nobody listens."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        yield f"127.0.0.1:{probe.getsockname()[1]}"


def arguments(text, file):
    return [str(file) if word == "FILE" else word for word in text.split()]


@pytest.mark.parametrize("typed", [*NEEDS_A_BROKER, "match FILE --configured"])
def test_a_missing_broker_is_one_line_that_says_how_to_start_one(command, listings_file, nobody, typed):
    result = command.with_(brokers=nobody).run(*arguments(typed, listings_file))
    assert (result.code, result.out) == (1, "")
    assert result.err.startswith(f"error: broker {nobody}: ")
    assert "make kafka" in result.err
    assert result.err.count("\n") == 1
    assert result.took_s < 20  # a second or two; but machines are busy


async def test_a_worker_without_its_index_server_says_how_to_start_one(command, embedded_settings, nobody):
    await ensure_topics(embedded_settings.brokers, [topic.name for topic in Topics(embedded_settings)])
    host, port = nobody.split(":")
    told = command.on(embedded_settings).with_(
        index="server", qdrant_url=f"http://{host}:{port}", qdrant_grpc_port=port, qdrant_api_key="hush"
    )
    result = told.run("worker")
    lines = result.err.splitlines()
    assert (result.code, len(lines)) == (1, 1)
    assert lines[0].startswith(f"error: Qdrant at 'http://{host}:{port}'")
    assert "docker compose up -d qdrant" in lines[0]
    assert "hush" not in result.err


@pytest.mark.parametrize("typed", ["topics show", "publish FILE", "worker"])
def test_a_topic_that_was_never_created_is_one_line(command, embedded_settings, listings_file, typed):
    result = command.on(embedded_settings).run(*arguments(typed, listings_file))
    assert result.code == 1
    assert result.err.splitlines()[-1].startswith(f"error: topic '{embedded_settings.topic_prefix}")
    assert result.err.splitlines()[-1].endswith("run 'matchstream topics create'")


@pytest.mark.parametrize(
    ("typed", "wanted"),
    [
        ("match missing.jsonl", "file 'missing.jsonl': No such file or directory"),
        ("match .", "file '.': Is a directory"),
        ("publish missing.jsonl", "file 'missing.jsonl': No such file or directory"),
        ("match FILE --images missing", "--images 'missing': no folder"),
        ("match FILE -o missing/out.jsonl", "--output 'missing/out.jsonl': no folder 'missing'"),
        ("match FILE -o .", "--output '.': a folder"),
        ("match empty.jsonl", "file 'empty.jsonl': no line"),
        ("worker --check", "settings MATCHSTREAM_HEALTH_PORT and MATCHSTREAM_HEARTBEAT_FILE: neither"),
    ],
)
def test_what_can_not_be_used_is_one_line(command, listings_file, typed, wanted):
    write_lines(command.folder / "empty.jsonl", [])
    result = command.run(*arguments(typed, listings_file))
    assert (result.code, result.out) == (1, "")
    assert result.err.startswith(f"error: {wanted}")
    assert result.err.count("\n") == 1


@pytest.mark.parametrize("typed", ["match FILE", "match FILE --reference", "match FILE --configured"])
def test_a_bundle_that_is_missing_is_said_before_anything_is_started(command, listings_file, typed):
    result = command.with_(bundle="missing").run(*arguments(typed, listings_file))
    assert result.code == 1
    assert result.err.startswith("error: bundle 'missing': ")
    assert result.err.count("\n") == 1


@pytest.mark.parametrize(
    "typed",
    ["", "nonsense", "match FILE --reference --configured", "worker --stages embed,nonsense", "withdraw"],
)
def test_wrong_usage_has_exit_code_two(command, listings_file, typed):
    result = command.run(*arguments(typed, listings_file))
    assert result.code == 2
    assert "Usage: matchstream" in result.out + result.err
    assert "Traceback" not in result.err


@pytest.mark.parametrize("typed", ["--debug match missing.jsonl", "match missing.jsonl --debug"])
def test_the_traceback_is_behind_debug_before_and_after_the_command(command, typed):
    result = command.run(*typed.split())
    assert result.code == 1
    assert "Traceback (most recent call last)" in result.err
    assert result.err.rstrip().splitlines()[-1].startswith("streams.errors.SettingsError: file 'missing.jsonl'")


def test_debug_after_two_dashes_is_an_argument(command, nobody):
    result = command.with_(brokers=nobody).run("withdraw", "--", "--debug")
    assert "Traceback" not in result.err
    assert result.err.startswith("error: broker")


def test_a_closed_pipe_is_silent(command):
    reading, writing = os.pipe()
    os.close(reading)
    with os.fdopen(writing, "w") as closed:
        assert command.run("settings", stdout=closed).err == ""
