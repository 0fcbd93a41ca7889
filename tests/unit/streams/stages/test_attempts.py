"""No message stops a stage: what fails is found by halves and laid aside, and the rest is done in order."""

import asyncio
import logging
import math
import random
from dataclasses import replace
from itertools import count
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from fakes.bench import POLICY
from fakes.chaos import Chaos
from fakes.crashing import DEADLY, GOOD, POISON, Workers, record
from fakes.flow import STAGES, Flow
from fakes.outcome import expected
from hypothesis import given, settings
from hypothesis import strategies as st

from streams.errors import (
    BrokerUnavailableError,
    IndexMismatchError,
    IndexRefusedError,
    MessageRefusedError,
    SettingsError,
    TopicMissingError,
    UnreadableEventError,
)
from streams.events import Message
from streams.stages import Channel
from streams.stages.attempts import Attempts
from streams.stages.journals import Journals

FACTS = {"got": "x", "wanted": "y", "remedy": "z"}


def told(letter, name):
    return letter.headers[f"matchstream.{name}"].decode()


def batches_of(values, sizes):
    """Messages of three partitions, cut into batches."""
    places = [0, 0, 0]
    messages = []
    for number, value in enumerate(values):
        partition = number % 3
        messages.append(record(places[partition], value, partition=partition, key=b"k%d" % (number % 5)))
        places[partition] += 1
    batches, start = [], 0
    while start < len(messages):
        size = sizes[len(batches) % len(sizes)]
        batches.append(messages[start : start + size])
        start += size
    return messages, batches


@settings(max_examples=25)
@given(
    values=st.lists(st.sampled_from([GOOD, GOOD, GOOD, POISON, DEADLY]), max_size=40),
    sizes=st.lists(st.integers(1, 16), min_size=1, max_size=4),
    limit=st.integers(1, 3),
)
async def test_everything_is_done_in_order_or_laid_aside(values, sizes, limit):
    messages, batches = batches_of(values, sizes)
    with TemporaryDirectory() as folder:
        workers = Workers(Path(folder), limit=limit)
        await workers.work(batches)

    first_done = list(dict.fromkeys((one.partition, one.offset) for one in workers.done))
    for partition in range(3):
        good = [one.offset for one in messages if one.partition == partition and one.value == GOOD]
        assert [offset for place, offset in first_done if place == partition] == good
    aside = {(int(told(one, "partition")), int(told(one, "offset"))): one for one in workers.outbox.letters}
    assert len(aside) == len(workers.outbox.letters), "no dead letter comes twice"
    assert {place: (one.key, one.value) for place, one in aside.items()} == {
        (one.partition, one.offset): (one.key, one.value) for one in messages if one.value != GOOD
    }
    most = math.ceil(math.log2(max(sizes))) + limit
    assert workers.deaths <= most * values.count(DEADLY)


async def test_a_culprit_in_a_batch_costs_few_tries(tmp_path):
    workers = Workers(tmp_path)
    await workers.work([[record(n, POISON if n == 37 else GOOD) for n in range(64)]])
    assert len(workers.tries) == 1 + 2 * 6 + 2
    assert workers.tries.count(1) == 1 + 3


async def test_a_worker_that_dies_finds_the_culprit_within_bounds(tmp_path):
    workers = Workers(tmp_path)
    await workers.work([[record(n, DEADLY if n == 37 else GOOD) for n in range(64)]])
    assert workers.deaths == 6 + 3
    [letter] = workers.outbox.letters
    assert told(letter, "offset") == "37"
    assert "ended the worker 3 times" in told(letter, "reason")
    assert "matchstream.traceback" not in letter.headers


async def test_a_fault_that_passes_lays_nothing_aside(tmp_path):
    tries = iter([KeyError(), KeyError()])
    workers = Workers(tmp_path)

    async def flaky(messages):
        for error in tries:
            raise error
        await workers.stage(messages)

    with Journals(tmp_path) as journals:
        await Attempts("index", flaky, workers.outbox, journals, journals.of("index"))([record(0)])
    assert (len(workers.done), workers.outbox.letters) == (1, [])


async def test_a_dead_letter_tells_stage_place_and_fault_beside_the_original(tmp_path, caplog):
    def fault():
        error = ValueError("can't reach https://me:hush@host/x\n" + "y" * 5_000)
        error.__cause__ = KeyError("inner")
        return error

    message = Message("g1.reblend", b"A\x1b1", POISON, 2, 7, 99, {"trace": b"\xff", "matchstream.traceback": b"old"})
    workers = Workers(tmp_path, fault)
    await workers.work([[message]])
    [letter] = workers.outbox.letters
    assert (letter.channel, letter.key, letter.value) == (Channel.DEAD_LETTERS, b"A\x1b1", POISON)
    assert letter.headers["trace"] == b"\xff"
    assert [told(letter, name) for name in ("stage", "topic", "partition", "offset", "timestamp-ms", "error")] == [
        *("index", "g1.reblend", "2", "7", "99", "ValueError")
    ]
    assert told(letter, "reason").startswith("stage 'index': listing 'A\\x1b1' (g1.reblend, partition 2, offset 7)")
    assert "failed 3 times alone: ValueError: can't reach https://host/x yyy" in told(letter, "reason")
    assert "fakes/crashing.py:" in told(letter, "traceback")
    assert told(letter, "traceback").splitlines()[-1] == "ValueError"
    assert "KeyError" in told(letter, "traceback")
    assert "hush" not in str(letter.headers)
    assert sum(map(len, letter.headers.values())) < 10_000
    [line] = [one.getMessage() for one in caplog.records if one.levelno == logging.ERROR]
    assert "'A\\x1b1'" in line
    assert "matchstream dead-letters list --stage index" in line


async def test_a_traceback_of_a_thousand_frames_is_cut(tmp_path):
    def deep():
        return deep()

    def fault():
        try:
            deep()
        except RecursionError as error:
            return error

    workers = Workers(tmp_path, fault)
    await workers.work([[record(0, POISON)]])
    assert len(told(workers.outbox.letters[0], "traceback")) <= 8_000


@pytest.mark.parametrize("kind", [BrokerUnavailableError, IndexMismatchError, TopicMissingError, SettingsError])
async def test_what_the_world_is_to_blame_for_ends_the_worker_as_ever(tmp_path, kind):
    workers = Workers(tmp_path, lambda: kind("it", **FACTS))
    with Journals(tmp_path) as journals:
        with pytest.raises(kind):
            await workers.attempts(journals)([record(0), record(1, POISON), record(2)])
        assert workers.tries == [3]
        assert not list(tmp_path.glob("*.json")), "nobody died"
    assert workers.outbox.letters == []


@pytest.mark.parametrize("kind", [UnreadableEventError, IndexRefusedError, MessageRefusedError])
async def test_what_one_message_can_bring_about_is_laid_aside(tmp_path, kind):
    workers = Workers(tmp_path, lambda: kind("it", **FACTS))
    await workers.work([[record(0), record(1, POISON), record(2)]])
    assert [told(one, "error") for one in workers.outbox.letters] == [kind.__name__]
    assert {one.offset for one in workers.done} == {0, 2}


async def test_a_dead_letter_that_can_not_be_sent_is_not_forgotten(tmp_path):
    workers = Workers(tmp_path)
    workers.outbox.fails_with = BrokerUnavailableError("broker", **FACTS)
    with Journals(tmp_path) as journals, pytest.raises(BrokerUnavailableError):
        await workers.attempts(journals)([record(0, POISON)])


async def test_a_fault_that_every_message_has_ends_the_worker_now_and_then(tmp_path):
    """A broken machine would lay aside the whole topic; a fresh process looks at the next."""
    workers = Workers(tmp_path)
    with Journals(tmp_path) as journals, pytest.raises(KeyError):
        await workers.attempts(journals)([record(n, POISON) for n in range(64)])
    assert len(workers.outbox.letters) == 8


async def test_suspects_of_two_stages_take_turns(tmp_path):
    """Whatever ends the process next is to blame on one of them, and not on what the other had in hand."""
    at_once, most = 0, 0

    async def stage(_messages):
        nonlocal at_once, most
        at_once += 1
        most = max(at_once, most)
        await asyncio.sleep(0)
        at_once -= 1

    async def both(batch):
        with Journals(tmp_path) as journals:
            stages = [
                Attempts(one, stage, Workers(tmp_path).outbox, journals, journals.of(one)) for one in ("one", "other")
            ]
            await asyncio.gather(*(one(batch) for one in stages))

    batch = [record(0), record(1)]
    await both(batch)
    assert most == 2
    for name in ("one", "other"):
        (tmp_path / f"{name}.0.json").write_bytes(b"[[0, 0, 1000], [0, 1, 1001]]")
    most = 0
    await both(batch)
    assert most == 1


async def test_a_mark_that_crashes_blend_goes_aside_and_the_others_are_matched(tmp_path):
    journals = Journals(tmp_path)

    async def blend(messages, dependencies):
        if any(one.key == b"odd" for one in messages):
            raise ZeroDivisionError
        await STAGES[Channel.REBLEND](messages, dependencies)

    async def attempted(messages, dependencies):
        async def process(some):
            await blend(some, dependencies)

        placed = [replace(one, offset=next(offsets)) for one in messages]  # as a broker gives each its own
        await Attempts("blend", process, dependencies.outbox, journals, journal)(placed)

    journal, offsets = journals.of("blend"), count()
    flow = Flow(POLICY, Chaos(random.Random(0)), stages={**STAGES, Channel.REBLEND: attempted})
    log = [
        flow.publish(one, {"listing_id": one, "title": title})
        for one, title in {"a": "red mug", "odd": "12 kV transformer", "b": "red mug"}.items()
    ]
    await flow.drain()
    letters = flow.sent[Channel.DEAD_LETTERS]
    assert {(one.key, told(one, "topic"), told(one, "error")) for one in letters} == {
        (b"odd", Channel.REBLEND, "ZeroDivisionError")
    }
    wanted = expected(log, POLICY)
    assert {one: matches for one, matches in flow.lists().items() if one != "odd"} == {
        one: matches for one, matches in wanted.items() if one != "odd"
    }
    assert wanted["a"]
