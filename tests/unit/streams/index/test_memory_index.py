"""What the fake offers to the tests of others, beyond the port."""

import asyncio

import pytest

from encoders.types import Modality
from streams.index import Change, View
from tests.fakes.memory_index import MemoryIndex
from tests.fakes.rows import axis

DIMENSIONS = {Modality.TEXT: 2}
CHANGE = Change("a", {"r": 1}, {View.RAW: {Modality.TEXT: axis(2, 0)}}, {"p": 1}, ["r"])


class CrashError(Exception):
    pass


async def test_every_step_is_announced_before_it_happens():
    steps = []

    async def before(step: str, changes) -> None:
        steps.append((step, [change.listing_id for change in changes]))

    index = MemoryIndex(DIMENSIONS, before)
    await index.write([CHANGE, Change("b", payload={"p": 2})])
    await index.read(["a"])
    await index.count()
    assert steps == [
        ("write", ["a", "b"]),
        *[(phase, ["a"]) for phase in ("record", "rows", "payload", "forget")],
        ("payload", ["b"]), ("read", []), ("count", []),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("phase", "payload", "has_row"),
    [("rows", {"r": 1}, False), ("payload", {"r": 1}, True), ("forget", {"r": 1, "p": 1}, True)],
)
async def test_a_crash_between_phases_leaves_those_before_it(phase: str, payload: dict, has_row: bool):  # noqa: FBT001  # a parametrised value
    async def crash(step: str, _changes) -> None:
        if step == phase:
            raise CrashError

    index = MemoryIndex(DIMENSIONS, crash)
    with pytest.raises(CrashError):
        await index.write([CHANGE])
    point = (await index.read(["a"], [View.RAW]))["a"]
    assert (point.payload, bool(point.raw)) == (payload, has_row)


async def test_a_new_point_comes_with_its_record():
    async def crash(step: str, _changes) -> None:
        if step == "record":
            raise CrashError

    index = MemoryIndex(DIMENSIONS, crash)
    with pytest.raises(CrashError):
        await index.write([CHANGE])
    assert await index.count() == 0


async def test_other_tasks_run_between_phases():
    index, seen = MemoryIndex(DIMENSIONS), set()

    async def look() -> None:
        while True:
            points = await index.read(["a"], [View.RAW])
            seen.update((tuple(sorted(point.payload)), bool(point.raw)) for point in points.values())

    looking = asyncio.create_task(look())
    await asyncio.sleep(0)
    await index.write([CHANGE])
    looking.cancel()
    assert (("r",), False) in seen
    assert (("r",), True) in seen
