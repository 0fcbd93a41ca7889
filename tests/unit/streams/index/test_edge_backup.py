"""Copies of an embedded collection: whole, of one moment, and never half there."""

import asyncio
import os
from contextlib import suppress
from pathlib import Path
from threading import Event

import pytest

from encoders.types import Modality
from streams.errors import IndexRefusedError, VectorIndexError
from streams.index import Change, View
from streams.index.edge import EdgeIndex
from streams.index.edge_backup import copy_collection
from tests.fakes.full_disk import files_of_at_most
from tests.fakes.memory_index import MemoryIndex
from tests.fakes.rows import axis
from tests.unit.streams.index import edge_writer
from tests.unit.streams.index.edge_copies import DIMENSIONS, contents, copied, names, opened, written


def stored_bytes(folder: Path) -> int:
    return sum(file.stat().st_blocks * 512 for file in folder.rglob("*") if file.is_file())


async def test_a_copy_opens_with_every_point_and_with_what_lies_beside_them(tmp_path: Path):
    index = await written(tmp_path, range(1, 120))
    (tmp_path / "g1" / "bundle").write_text("digest")
    assert await index.backup("one") == str(tmp_path / "backups" / "one" / "g1")
    assert (tmp_path / "backups" / "one" / "g1" / "bundle").read_text() == "digest"
    assert await copied(tmp_path) == await contents(index)
    await index.close()


async def test_a_copy_takes_about_as_much_of_the_disk_as_the_index(tmp_path: Path):
    index = await written(tmp_path, range(1, 20))
    await index.backup("one")
    assert stored_bytes(tmp_path / "backups") < stored_bytes(tmp_path / "g1") + 8_000_000 < 20_000_000
    await index.close()


async def test_what_is_written_meanwhile_waits_and_the_copy_holds_the_first_writes(tmp_path: Path):
    index = await written(tmp_path, range(1, 1 + 40))
    done, turns, wanted, enough = 40, 0, 10_000, asyncio.Event()

    async def write_on() -> None:
        nonlocal done
        while done < wanted:
            await index.write([edge_writer.change(done + 1)])
            done += 1
        enough.set()

    async def count_turns() -> None:
        nonlocal turns
        while True:
            turns += 1
            await asyncio.sleep(0.001)

    others = [asyncio.create_task(write_on()), asyncio.create_task(count_turns())]
    await asyncio.sleep(0)
    before = done
    await index.backup("one")
    waited, after = turns, done
    wanted = after + 20
    await enough.wait()
    others[1].cancel()
    assert waited > 5
    copy = await copied(tmp_path)
    assert without_cut_off(copy) in [without_cut_off(await of_first(number)) for number in (before, before + 1)]
    assert after <= before + 1
    await index.close()


def without_cut_off(points: dict) -> dict:
    """Without the one whose write was cut off in the middle, as its record tells."""
    return {listing_id: point for listing_id, point in points.items() if "pending" not in point[0]}


async def of_first(writes: int) -> dict:
    index = MemoryIndex(DIMENSIONS)
    await index.write([edge_writer.change(number) for number in range(1, writes + 1)])
    return await contents(index)


async def test_a_later_copy_of_the_same_name_replaces_the_earlier_one(tmp_path: Path):
    index = await written(tmp_path, range(1, 10))
    await index.backup("one")
    await index.write([Change("late", rows={View.RAW: {Modality.TEXT: axis(8, 0)}})])
    await index.backup("one")
    assert await copied(tmp_path) == await contents(index)
    assert names(tmp_path / "backups" / "one") == {"g1", "g1.lock", "g1.owner"}
    await index.close()


@pytest.mark.parametrize("left", [{"g1", "g1.unfinished"}, {"g1.replaced", "g1.unfinished"}, {"g1", "g1.replaced"}])
async def test_whatever_a_copy_that_was_killed_left_the_next_one_clears_up(tmp_path: Path, left: set[str]):
    index = await written(tmp_path, range(1, 10))
    place = tmp_path / "backups" / "one"
    for name in left:
        (place / name).mkdir(parents=True)
        (place / name / "layout.json").write_text("{}")
    await index.backup("one")
    assert names(place) == {"g1"}
    assert await copied(tmp_path) == await contents(index)
    await index.close()


@pytest.mark.parametrize("left", ["g1", "g1.replaced"])
async def test_a_disk_that_is_full_leaves_the_earlier_copy_and_the_index(tmp_path: Path, left: str):
    index = await written(tmp_path, range(1, 10))
    await index.backup("one")
    place = tmp_path / "backups" / "one"
    (place / "g1").rename(place / left)
    earlier = await contents(index)
    await index.write([edge_writer.change(10)])
    with files_of_at_most(100_000), pytest.raises(VectorIndexError, match=r"backup '.*one/g1': File too large, .* MB"):
        await index.backup("one")
    assert names(place) == {"g1"}
    assert await copied(tmp_path) == earlier
    await index.write([edge_writer.change(11)])
    await index.close()


async def test_a_first_copy_that_finds_no_room_leaves_nothing(tmp_path: Path):
    index = await written(tmp_path, range(1, 10))
    with files_of_at_most(100_000), pytest.raises(VectorIndexError):
        await index.backup("one")
    assert names(tmp_path / "backups" / "one") == set()
    await index.close()


def feed_without_end(pipe: Path) -> None:
    """Whoever reads it is never done, and has to leave it."""
    with suppress(BrokenPipeError), pipe.open("wb", buffering=0) as feeding:
        while True:
            feeding.write(bytes(1 << 16))


async def test_whoever_is_cancelled_leaves_nothing_and_lets_the_others_write(tmp_path: Path):
    index = await written(tmp_path, range(1, 100))
    os.mkfifo(tmp_path / "g1" / "endless")
    feeding = asyncio.create_task(asyncio.to_thread(feed_without_end, tmp_path / "g1" / "endless"))
    copying = asyncio.create_task(index.backup("one"))
    while not (tmp_path / "backups" / "one" / "g1.unfinished" / "endless").exists():  # noqa: ASYNC110  # a thread makes it, and sets no event
        await asyncio.sleep(0)
    copying.cancel()
    with pytest.raises(asyncio.CancelledError):
        await copying
    await feeding
    assert names(tmp_path / "backups" / "one") == set()
    await index.write([edge_writer.change(100)])
    await index.close()


def test_a_copy_that_nobody_wants_any_more_ends(tmp_path: Path):
    asyncio.run(opened(tmp_path).close())
    given_up = Event()
    given_up.set()
    with pytest.raises(VectorIndexError, match="told to stop"):
        copy_collection(tmp_path, "g1", "one", given_up)


async def test_an_index_that_is_closed_waits_for_its_copy(tmp_path: Path):
    index = await written(tmp_path, range(1, 60))
    wanted = await contents(index)
    copying = asyncio.create_task(index.backup("one"))
    await asyncio.sleep(0)
    await index.close()
    assert copying.done()
    assert await copied(tmp_path) == wanted


@pytest.mark.parametrize("name", ["", "..", "../g1", "a/b", ".hidden", "x" * 101, "a b"])
async def test_a_name_that_is_none_is_refused(tmp_path: Path, name: str):
    index = opened(tmp_path)
    with pytest.raises(IndexRefusedError, match=r"backup: name .*letters, digits"):
        await index.backup(name)
    assert "backups" not in names(tmp_path)
    await index.close()


@pytest.mark.parametrize("name", ["backups", "alias"])
def test_no_collection_has_a_name_that_the_folder_needs(tmp_path: Path, name: str):
    with pytest.raises(VectorIndexError, match="a name that the folder of indexes needs itself"):
        EdgeIndex.open(tmp_path, name, DIMENSIONS)
