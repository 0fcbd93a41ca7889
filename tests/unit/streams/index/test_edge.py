"""The embedded index: opening, reopening, refusing."""

import asyncio
from pathlib import Path

import orjson
import pytest

from encoders.types import Modality
from streams.errors import IndexLockedError, IndexMismatchError, VectorIndexError
from streams.index import Change, Query, View
from streams.index.edge import EdgeIndex
from streams.index.edge_folder import move_alias, read_alias
from tests.fakes.rows import axis, bits, sparse

DIMENSIONS = {Modality.TEXT: 8}


async def test_a_closed_index_opens_again_with_everything_in_it(tmp_path: Path):
    embedding = {Modality.TEXT: axis(8, 1), Modality.LEXICAL: sparse({2: 1.0})}
    index = EdgeIndex.open(tmp_path, "g1", DIMENSIONS)
    await index.write([Change("a", rows={View.RAW: embedding}, payload={"x": 1})])
    await index.close()
    index = EdgeIndex.open(tmp_path, "g1", DIMENSIONS)
    point = (await index.read(["a"], [View.RAW]))["a"]
    assert (bits(point.raw), point.payload) == (bits(embedding), {"x": 1})
    await index.close()


async def test_an_open_index_can_not_be_opened_again_in_the_same_process(tmp_path: Path):
    index = EdgeIndex.open(tmp_path, "g1", DIMENSIONS)
    with pytest.raises(IndexLockedError, match="this process has it open already"):
        EdgeIndex.open(tmp_path, "g1", DIMENSIONS)
    await index.write([Change("a")])
    assert await index.count() == 1
    await index.close()


async def test_two_generations_are_open_side_by_side(tmp_path: Path):
    one, two = EdgeIndex.open(tmp_path, "g1", DIMENSIONS), EdgeIndex.open(tmp_path, "g2", {Modality.TEXT: 4})
    await one.write([Change("a")])
    assert (await one.count(), await two.count()) == (1, 0)
    await one.close()
    await two.close()


async def test_other_dimensions_are_refused_and_the_lock_is_given_back(tmp_path: Path):
    await EdgeIndex.open(tmp_path, "g1", DIMENSIONS).close()
    wanted = (
        r"collection 'g1': text_blended 8, text_raw 8, text_blended 16, text_raw 16 wanted; run 'matchstream reindex"
    )
    for _ in range(2):
        with pytest.raises(IndexMismatchError, match=wanted):
            EdgeIndex.open(tmp_path, "g1", {Modality.TEXT: 16})
    await EdgeIndex.open(tmp_path, "g1", DIMENSIONS).close()


async def test_a_creation_that_was_cut_short_is_begun_anew(tmp_path: Path):
    await EdgeIndex.open(tmp_path, "g1", DIMENSIONS).close()
    (tmp_path / "g1" / "layout.json").unlink()
    index = EdgeIndex.open(tmp_path, "g1", {Modality.TEXT: 16})
    assert await index.count() == 0
    await index.close()


async def test_a_damaged_index_is_told_with_its_folder(tmp_path: Path):
    await EdgeIndex.open(tmp_path, "g1", DIMENSIONS).close()
    (tmp_path / "g1" / "shard").rename(tmp_path / "g1" / "elsewhere")
    with pytest.raises(VectorIndexError, match=r"g1.*from the engine.*; if it is damaged, delete that folder"):
        EdgeIndex.open(tmp_path, "g1", DIMENSIONS)


def test_a_folder_that_can_not_be_written_is_told(tmp_path: Path):
    (tmp_path / "file").write_text("")
    with pytest.raises(
        VectorIndexError, match=r"file.*a folder that can be written wanted; set MATCHSTREAM_INDEX_PATH"
    ):
        EdgeIndex.open(tmp_path / "file", "g1", DIMENSIONS)


def full_journal_files(folder: Path) -> set[str]:
    return {file.name for file in (folder / "g1" / "shard" / "wal").iterdir() if file.name.startswith("closed")}


async def test_full_journal_files_are_dropped_in_time(tmp_path: Path):
    index = EdgeIndex.open(tmp_path, "g1", DIMENSIONS)
    seen: set[str] = set()
    for _ in range(105):
        await index.write([Change("a", payload={"x": "x" * 1_000_000})])
        seen |= full_journal_files(tmp_path)
    assert seen - full_journal_files(tmp_path)
    await index.close()


@pytest.mark.parametrize("do", ["search", "read"])
async def test_the_event_loop_gets_turns_within_a_large_batch(tmp_path: Path, do: str):
    index = EdgeIndex.open(tmp_path, "g1", DIMENSIONS)
    turns = 0

    async def count_turns() -> None:
        nonlocal turns
        while True:
            turns += 1
            await asyncio.sleep(0)

    counting = asyncio.create_task(count_turns())
    queries = [Query(View.RAW, Modality.TEXT, axis(8, 0), 0.1, 5)] * 640
    await (index.search(queries) if do == "search" else index.read([f"l{n}" for n in range(2560)]))
    counting.cancel()
    assert turns >= 10, "64 queries or 256 points at most are one step"
    await index.close()


async def hits_of(index: EdgeIndex, fields: tuple[str, ...]) -> dict[str, dict]:
    (hits,) = await index.search([Query(View.RAW, Modality.TEXT, axis(8, 0), 0.1, 9)], fields)
    return {hit.listing_id: dict(hit.payload) for hit in hits}


async def test_hits_say_what_is_stored_also_of_fields_that_are_remembered(tmp_path: Path):
    index, rows = EdgeIndex.open(tmp_path, "g1", DIMENSIONS), {View.RAW: {Modality.TEXT: axis(8, 0)}}
    fields = ("modalities_raw", "modalities_blended")
    await index.write([Change("a", {"modalities_raw": ["text"]}, rows), Change("b", rows=rows, payload={"x": 1})])
    assert await hits_of(index, fields) == {"a": {"modalities_raw": ["text"]}, "b": {}}
    await index.write([Change("b", payload={"modalities_raw": []}), Change("a", forget=["modalities_raw"])])
    assert await hits_of(index, fields) == {"a": {}, "b": {"modalities_raw": []}}
    assert await hits_of(index, (*fields, "x")) == {"a": {}, "b": {"modalities_raw": [], "x": 1}}
    await index.close()
    index = EdgeIndex.open(tmp_path, "g1", DIMENSIONS)
    assert await hits_of(index, fields) == {"a": {}, "b": {"modalities_raw": []}}
    await index.write([Change("a", {"modalities_blended": ["text"]}), Change("c", {"modalities_raw": ["text"]}, rows)])
    assert (await hits_of(index, fields))["a"] == {"modalities_blended": ["text"]}
    await index.close()


async def test_two_writers_of_one_new_listing_lose_neither_of_their_records(tmp_path: Path):
    index = EdgeIndex.open(tmp_path, "g1", DIMENSIONS)
    await asyncio.gather(*(index.write([Change("a", {f"r{n}": n}, payload={f"p{n}": n})]) for n in range(4)))
    point = (await index.read(["a"]))["a"]
    assert point.payload == {f"{kind}{n}": n for kind in "rp" for n in range(4)}
    await index.close()


def test_an_alias_that_was_never_moved_stands_for_nothing(tmp_path: Path):
    assert read_alias(tmp_path, "live") is None


def test_an_alias_moves_and_leaves_the_others(tmp_path: Path):
    for collection in ("g1", "g2"):
        asyncio.run(EdgeIndex.open(tmp_path, collection, DIMENSIONS).close())
    move_alias(tmp_path, "live", "g1")
    move_alias(tmp_path, "other", "g1")
    move_alias(tmp_path, "live", "g2")
    assert (read_alias(tmp_path, "live"), read_alias(tmp_path, "other")) == ("g2", "g1")
    assert orjson.loads((tmp_path / "alias.json").read_bytes()) == {"live": "g2", "other": "g1"}
    assert {path.name for path in tmp_path.iterdir() if "alias" in path.name} <= {"alias.json", "alias.lock"}


def test_an_alias_can_not_stand_for_a_collection_that_does_not_exist(tmp_path: Path):
    with pytest.raises(VectorIndexError, match="alias 'live': 'g9', which is not in"):
        move_alias(tmp_path, "live", "g9")


async def test_an_index_that_has_more_than_it_serves_well_says_so_once(tmp_path: Path, caplog):
    index = EdgeIndex.open(tmp_path, "g1", DIMENSIONS, serves=150)
    for n in range(301):
        await index.write([Change(f"l{n}")])
    (warning,) = caplog.messages
    assert warning.startswith(f"index '{tmp_path / 'g1'}': 200 listings, and an embedded index serves about 150 well")
    assert "set MATCHSTREAM_INDEX=server" in warning
    await index.close()
    await EdgeIndex.open(tmp_path, "g1", DIMENSIONS, serves=150).close()
    assert "301 listings" in caplog.messages[-1]
