"""The runbook's change of a topic, on a real Kafka with Kafka's own tool; its other commands are only looked up."""

import asyncio
import re
import shlex
import subprocess
from pathlib import Path

import pytest

from streams.brokers.admin import Outcome, create_topics
from streams.brokers.topics import MESSAGE_BYTES, Topics

pytestmark = pytest.mark.kafka

ROOT = Path(__file__).parents[2]
RUNBOOK = (ROOT / "docs" / "operations.md").read_text(encoding="utf-8")
SCRIPT = "docker compose exec kafka /opt/kafka/bin/kafka-configs.sh "
"""A script that does nothing but start the class below."""


def change_of(topic):
    (line,) = re.findall(rf"^{re.escape(SCRIPT)}(.* --entity-name {re.escape(topic)} .*)$", RUNBOOK, re.MULTILINE)
    return shlex.split(line)


def change(kafka_settings, arguments):
    here = {"kafka:19092": kafka_settings.brokers, "listings.dead-letters": Topics(kafka_settings).dead_letters.name}
    java = ["java", "-cp", f"{ROOT / '.cache' / 'kafka'}/*", "kafka.admin.ConfigCommand"]
    told = [here.get(one, one) for one in arguments]
    return subprocess.run([*java, *told], capture_output=True, text=True, check=True, timeout=120).stdout


async def outcome(settings):
    name = Topics(settings).dead_letters.name
    return next(one.outcome for one in await create_topics(settings) if one.topic.name == name)


async def until(wanted, settings):
    """A broker learns a little later what the controller has taken."""
    async with asyncio.timeout(60):
        while await outcome(settings) is not wanted:  # noqa: ASYNC110 - brokers have no event for it
            await asyncio.sleep(0.2)


async def test_dead_letters_of_an_older_cluster_get_their_room(kafka_settings):
    await create_topics(kafka_settings)
    arguments = change_of("listings.dead-letters")
    change(kafka_settings, [*arguments[:-1], f"max.message.bytes={MESSAGE_BYTES}"])
    await until(Outcome.DIFFERS, kafka_settings)
    assert "Completed" in change(kafka_settings, arguments)
    await until(Outcome.PRESENT, kafka_settings)
