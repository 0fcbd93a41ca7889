"""The commands one after another on real Kafka, as somebody uses them who runs matchstream for good."""

import asyncio
import re

import orjson
import pytest
from end_to_end.commands import finished, interrupt, read_lists

from streams.brokers.lag import LagReader

pytestmark = [pytest.mark.kafka, pytest.mark.slow]


async def until_drained(settings):
    async with LagReader(settings) as reader:
        while not await reader.drained():  # noqa: ASYNC110 - a broker has no event for it
            await asyncio.sleep(0.2)


def told(command):
    """The newest match event of each listing, as `tail` prints them."""
    result = command.run("tail", "matches", "--until-end", "--json")
    assert (result.code, result.err) == (0, "")
    return {event["listing_id"]: event for event in map(orjson.loads, result.out.splitlines())}


def lists_of(events):
    return {one: event["matches"] for one, event in events.items() if event["matches"]}


@pytest.fixture
def wanted(reference):
    """The match list of each listing that has one, by the plain batch computation."""
    return {one: matches for one, matches in read_lists(reference.out).items() if matches}


async def test_from_topics_to_withdrawal(command, kafka_settings, listings_file, worker, wanted):
    here = command.on(kafka_settings)
    first, again = here.run("topics", "create"), here.run("topics", "create")
    assert (first.code, again.code) == (0, 0)
    assert (first.out.count("created"), first.out.count("was there")) == (15, 0)
    assert (again.out.count("created"), again.out.count("was there")) == (0, 15)

    published = here.run("publish", str(listings_file))
    assert published.code == 0
    assert published.out.startswith(f"published 34 listings to '{kafka_settings.topic_prefix}listings'; ")
    row = next(line.split() for line in here.run("topics", "show").out.splitlines() if " embed " in line)
    assert row[-2:] == ["34", "34"]

    process = worker(here)
    await until_drained(kafka_settings)
    shown = here.run("topics", "show").out.splitlines()
    assert [line.split()[1:2] + line.split()[-2:-1] for line in shown[1:]] == [
        [stage, "0"] for stage in ("embed", "index", "blend", "match", "judge", "group", "refetch")
    ]
    assert lists_of(told(here)) == wanted

    withdrawn = here.run("withdraw", "a-0", "never-published")
    assert (withdrawn.code, withdrawn.out.split(" in ")[0]) == (0, "withdrew 2 listings")
    await until_drained(kafka_settings)
    events = told(here)
    assert events["a-0"] == {"listing_id": "a-0", "matches": None}
    assert events["b-0"]["removed"] == ["a-0"]
    assert "a-0 is gone" in here.run("tail", "matches", "--until-end").out.splitlines()

    watching = here.start("tail", "matches", "--from-beginning")
    assert watching.stdout.readline().endswith("published\n")
    interrupt(watching)
    watched = finished(watching)
    assert (watched.code, watched.err) == (130, "")

    interrupt(process)
    ended = finished(process)
    assert (ended.code, ended.out) == (0, "")
    log = ended.err.splitlines()
    assert all(re.match(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d,\d{3} (INFO|ERROR) ", line) for line in log)
    assert f"generation '{kafka_settings.generation}', bundle 'lexical' (" in log[0]
    assert "runs embed, index, blend, match, judge, group" in ended.err
    reads = dict(re.findall(r"'(\S+)' reads partitions: (.+)$", ended.err, re.MULTILINE))  # of each group, the last
    assert sorted(reads.values()) == ["0", *["0, 1, 2, 3"] * 5], "one worker owns all products"
    assert log[-1].endswith("worker stopped; the batches in hand were finished")


async def test_two_workers_with_stages_of_their_own_end_with_the_same_lists(
    command, kafka_settings, listings_file, worker, wanted
):
    here = command.on(kafka_settings)
    assert here.run("topics", "create").code == 0
    workers = [worker(here.with_(index_path=command.folder / "embed"), "--stages", "embed")]
    workers += [worker(here.with_(index_path=command.folder / "rest"), "--stages", "index,blend,match,judge,group")]
    assert here.run("publish", str(listings_file)).code == 0
    await until_drained(kafka_settings)
    assert lists_of(told(here)) == wanted
    for process in workers:
        process.terminate()
        assert finished(process).code == 0
