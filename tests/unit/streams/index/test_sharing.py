"""Reading an index beside the process that has it open."""

import asyncio
import logging
import os
import stat
import struct
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from encoders.types import Modality
from streams.errors import IndexMissingError, IndexRefusedError, IndexRowError, IndexUnavailableError
from streams.index import Change, Query, View
from streams.index.edge import EdgeIndex
from streams.index.edge_folder import drop_collection
from streams.index.frames import Frame, read_frame, write_frame
from streams.index.opening import open_index, open_reader, sharing
from streams.index.shared import SharedIndex
from streams.index.sharing import ANSWER_BYTES, REQUEST_BYTES, shared
from streams.index.sockets import address_of, listen, socket_path
from streams.settings import Settings
from tests.fakes.memory_index import MemoryIndex
from tests.fakes.rows import axis

TEXT = Modality.TEXT
DIMENSIONS = {TEXT: 4}


def ask(row) -> Query:
    return Query(View.RAW, TEXT, row, 0.1, 10)


@pytest.fixture
async def index() -> MemoryIndex:
    index = MemoryIndex(DIMENSIONS)
    await index.write([Change(f"l{n}", rows={View.RAW: {TEXT: axis(4, n % 4)}}) for n in range(6)])
    return index


@pytest.fixture
async def reader(tmp_path: Path) -> AsyncIterator[SharedIndex]:
    reader = SharedIndex(tmp_path / "g1.sock", timeout_s=20)
    yield reader
    await reader.close()


def names(folder: Path) -> list[str]:
    return [path.name for path in folder.iterdir()]


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def given(folder: Path, **more) -> Settings:
    return Settings(_env_file=None, index_path=folder, **more)


async def test_only_its_owner_may_use_the_socket_and_nothing_is_left_of_it(index, tmp_path: Path):
    async with shared(index, tmp_path / "g1.sock"):
        assert names(tmp_path) == ["g1.sock"]
        assert mode(tmp_path / "g1.sock") == 0o600
    assert names(tmp_path) == []


async def test_a_reader_that_has_no_worker_says_so_and_goes_on_with_the_next_one(index, reader, tmp_path: Path):
    with pytest.raises(IndexUnavailableError, match=r"/g1': nobody shares it, .*start 'matchstream worker'") as caught:
        await reader.count()
    assert caught.value.retryable
    for _ in range(2):
        async with shared(index, tmp_path / "g1.sock"):
            assert await reader.count() == 6
        with pytest.raises(IndexUnavailableError, match="nobody shares it"):
            await reader.count()


async def test_a_worker_that_was_replaced_between_two_calls_is_not_noticed(index, reader, tmp_path: Path):
    for count in (6, 1):
        async with shared(index, tmp_path / "g1.sock"):
            assert await reader.count() == count
        index = MemoryIndex(DIMENSIONS)
        await index.write([Change("a")])


async def test_the_socket_of_a_process_that_was_killed_is_replaced(index, reader, tmp_path: Path):
    held = shared(MemoryIndex(DIMENSIONS), tmp_path / "g1.sock")
    await held.__aenter__()
    async with shared(index, tmp_path / "g1.sock"):
        assert await reader.count() == 6
        await held.__aexit__(None, None, None)  # what it left is not its own any more
        assert (tmp_path / "g1.sock").exists()


async def test_a_folder_with_a_long_name_has_its_socket_elsewhere(index, tmp_path: Path):
    path = tmp_path / ("long" * 40) / "g1.sock"
    path.parent.mkdir()
    reader = SharedIndex(path)
    async with shared(index, path):
        place = Path(address_of(path))
        assert await reader.count() == 6
        assert (mode(place), mode(place.parent)) == (0o600, 0o700)
    assert not place.parent.exists()
    assert names(path.parent) == []
    await reader.close()


async def test_a_place_without_sockets_costs_no_more_than_the_sharing(index, tmp_path: Path, caplog):
    with caplog.at_level(logging.WARNING):
        async with shared(index, tmp_path / "nowhere" / "g1.sock"):
            assert await index.count() == 6
    assert "the index is not shared" in caplog.text


async def test_errors_come_over_as_what_they_are(index, reader, tmp_path: Path):
    async with shared(index, tmp_path / "g1.sock"):
        with pytest.raises(IndexRowError, match="query: text row: shape") as caught:
            await reader.search([ask(axis(3, 0))])
        assert caught.value.remedy.startswith("run 'matchstream reindex")
        assert [hit.listing_id for hit in (await reader.search([ask(axis(4, 1))]))[0]] == ["l1", "l5"]


async def test_calls_at_the_same_time_get_each_their_own_answer(index, reader, tmp_path: Path):
    async with shared(index, tmp_path / "g1.sock"):
        found = await asyncio.gather(*(reader.search([ask(axis(4, n % 4))]) for n in range(40)))
        assert [hits[0][0].listing_id for hits in found] == [f"l{n % 4}" for n in range(40)]
        assert 0 < len(reader._idle) < 40


async def test_many_listings_are_read_in_parts_that_let_the_worker_go_on(index, reader, tmp_path: Path):
    ids = [f"m{n}" for n in range(600)]
    await index.write([Change(one, rows={View.RAW: {TEXT: axis(4, 0)}}) for one in ids])
    before = index.round_trips
    async with shared(index, tmp_path / "g1.sock"):
        assert (await reader.read(ids)).keys() == set(ids)
    assert (index.round_trips - before, reader.round_trips) == (3, 1)


async def test_a_call_that_takes_too_long_is_given_up_and_the_next_one_is_not_mixed_up_with_it(index, tmp_path: Path):
    late = asyncio.Event()

    async def before(step, _changes):
        if step == "read":
            await late.wait()

    index.before = before
    reader = SharedIndex(tmp_path / "g1.sock", timeout_s=0.2)
    async with shared(index, tmp_path / "g1.sock"):
        with pytest.raises(IndexUnavailableError, match=r"no answer within 0\.2 s"):
            await reader.read(["l1"])
        late.set()
        reader._timeout_s = 20  # what comes now has all the time that it needs
        assert await reader.count() == 6
    await reader.close()


@pytest.mark.parametrize(
    "head",
    [
        {"version": 1, "call": "write"},
        {"version": 2, "call": "count"},
        {},
        {"version": 1, "call": "search", "fields": [], "queries": [{"view": "raw", "row": {"text": 9}}]},
        {"version": 1, "call": "read", "ids": 7, "fields": []},
    ],
)
async def test_a_request_that_is_none_is_answered_and_the_worker_goes_on(index, tmp_path: Path, head):
    async with shared(index, tmp_path / "g1.sock"):
        connection = await asyncio.open_unix_connection(tmp_path / "g1.sock")
        for sent, key in ((Frame(head, b"1234"), "error"), (Frame({"version": 1, "call": "count"}), "count")):
            await write_frame(connection[1], sent)
            assert key in (await read_frame(connection[0], ANSWER_BYTES)).head
        connection[1].close()


@pytest.mark.parametrize(
    "sent", [struct.pack(">II", REQUEST_BYTES, 1), struct.pack(">II", 2, 0) + b"[]", struct.pack(">II", 1, 0) + b"{"]
)
async def test_what_is_no_frame_or_too_large_is_hung_up_on(index, reader, tmp_path: Path, sent: bytes):
    async with shared(index, tmp_path / "g1.sock"):
        got, writer = await asyncio.open_unix_connection(tmp_path / "g1.sock")
        writer.write(sent)
        assert await got.read() == b""
        writer.close()
        assert await reader.count() == 6


async def test_more_listings_than_fit_into_an_answer_are_refused(monkeypatch, index, reader, tmp_path: Path):
    monkeypatch.setattr("streams.index.sharing.ANSWER_BYTES", 64)
    async with shared(index, tmp_path / "g1.sock"):
        with pytest.raises(IndexRefusedError, match="6 listings at once, fewer wanted; ask in parts"):
            await reader.read([f"l{n}" for n in range(6)], [View.RAW])


async def test_the_index_of_a_running_worker_is_read_beside_it(tmp_path: Path):
    index = await open_index(given(tmp_path), DIMENSIONS)
    async with sharing(given(tmp_path), index):
        await index.write([Change("a", rows={View.RAW: {TEXT: axis(4, 0)}})])
        for folder_too in (True, False):
            beside = await open_reader(given(tmp_path), DIMENSIONS, folder_too=folder_too)
            assert isinstance(beside, SharedIndex)
            assert [*await beside.read(["a", "b"])] == ["a"]
            await beside.close()
    await index.close()


async def test_without_a_worker_the_folder_is_opened_only_by_who_may(tmp_path: Path):
    with pytest.raises(IndexMissingError):
        await open_reader(given(tmp_path), DIMENSIONS, folder_too=True)
    await (await open_index(given(tmp_path), DIMENSIONS)).close()
    opened = await open_reader(given(tmp_path), DIMENSIONS, folder_too=True)
    assert isinstance(opened, EdgeIndex)
    await opened.close()
    waiting = await open_reader(given(tmp_path), DIMENSIONS)
    with pytest.raises(IndexUnavailableError):
        await waiting.count()


async def test_a_collection_that_is_dropped_takes_its_socket_along(tmp_path: Path):
    index = await open_index(given(tmp_path), DIMENSIONS)
    await index.close()
    listen(socket_path(tmp_path, "g1")).socket.close()
    assert "g1.sock" in names(tmp_path)
    drop_collection(tmp_path, "g1")
    assert not [name for name in names(tmp_path) if name.startswith("g1")]


@pytest.mark.skipif(os.geteuid() != 0, reason="only root may give a file to somebody else")
async def test_a_socket_of_somebody_else_is_not_asked(index, reader, tmp_path: Path):
    async with shared(index, tmp_path / "g1.sock"):
        os.chown(tmp_path / "g1.sock", 65534, 65534)
        with pytest.raises(IndexUnavailableError, match="the socket is of another user, 65534"):
            await reader.count()
        os.chown(tmp_path, 65534, 65534)  # whose the folder is, may share what lies in it
        assert await reader.count() == 6
