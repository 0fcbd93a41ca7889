"""`matchstream bench broker` on a real broker, and what it leaves there."""

import asyncio

import orjson
import pytest
from aiokafka.admin import AIOKafkaAdminClient
from typer.testing import CliRunner

from streams.cli.bench import app

pytestmark = [pytest.mark.kafka, pytest.mark.slow]


async def topics(address):
    admin = AIOKafkaAdminClient(bootstrap_servers=address)
    await admin.start()
    try:
        return {name for name in await admin.list_topics() if name.startswith("bench-")}
    finally:
        await admin.close()


def test_both_loops_are_measured_and_nothing_is_left(kafka, monkeypatch, tmp_path):
    monkeypatch.setenv("MATCHSTREAM_BROKERS", kafka.address)
    file = tmp_path / "broker.json"

    outcome = CliRunner().invoke(app, ["broker", "--messages", "1000", "--rounds", "2", "--json", str(file)])

    assert outcome.exit_code == 0, outcome.output
    found = orjson.loads(file.read_bytes())["measured"]
    assert {len(values) for values in found["processor_us"].values()} == {2}
    assert all(value > 0 for values in found["messages_per_s"].values() for value in values)
    assert asyncio.run(topics(kafka.address)) == set()
