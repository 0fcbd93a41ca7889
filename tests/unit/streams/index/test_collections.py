"""What becomes of collections: which is live, copies, and deleting one."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from encoders.types import Modality
from streams.errors import (
    IndexLockedError,
    IndexMissingError,
    VectorIndexError,
)
from streams.index import Change
from streams.index.opening import (
    backup_index,
    drop_index,
    live_collection,
    move_live_alias,
    open_index,
)
from streams.settings import Settings
from tests.fakes.qdrant_server import qdrant_server

DIMENSIONS = {Modality.TEXT: 8}


def settings(**given) -> Settings:
    return Settings(_env_file=None, **given)


def names(folder: Path) -> set[str]:
    return {path.name for path in folder.iterdir()}


@pytest.fixture(params=["embedded", "server"])
async def place(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[dict]:
    """Settings of either engine."""
    if request.param == "embedded":
        yield {"index": "embedded", "index_path": tmp_path}
        return
    async with qdrant_server() as server:
        yield {"index": "server", "qdrant_grpc_port": server.port}


async def begun(place: dict, *generations: str) -> list[Settings]:
    """Settings of generations with a collection each, which nobody has open."""
    given = [settings(generation=generation, **place) for generation in generations]
    for one in given:
        index = await open_index(one, DIMENSIONS)
        await index.write([Change("a", payload={"generation": one.generation})])
        await index.close()
    return given


async def test_nothing_is_live_before_anything_was_opened(place: dict):
    assert await live_collection(settings(**place)) is None


async def test_the_alias_moves_as_often_as_it_is_told(place: dict):
    one, two = await begun(place, "g1", "g2")
    assert await live_collection(two) == "g1"
    for given in (two, two, one):
        await move_live_alias(given)
        assert await live_collection(one) == given.generation


async def test_the_alias_stays_where_the_generation_has_no_collection(place: dict):
    (one,) = await begun(place, "g1")
    with pytest.raises(IndexMissingError, match="generation 'g9': no collection 'g9'"):
        await move_live_alias(settings(generation="g9", **place))
    assert await live_collection(one) == "g1"


async def test_a_generation_is_dropped_and_begins_anew_empty(place: dict):
    one, two = await begun(place, "g1", "g2")
    for _ in range(2):
        await drop_index(two)
    index = await open_index(two, DIMENSIONS, "another bundle")
    assert await index.count() == 0
    await index.close()
    assert await live_collection(one) == "g1"


async def test_the_live_generation_is_not_dropped_unless_that_is_said(place: dict):
    one, two = await begun(place, "g1", "g2")
    with pytest.raises(VectorIndexError, match="collection 'g1': alias 'listings', which stands for it,"):
        await drop_index(one)
    await drop_index(one, live=True)
    assert await live_collection(one) is None
    await (await open_index(two, DIMENSIONS)).close()
    assert await live_collection(one) == "g2"


async def test_a_generation_that_was_never_begun_is_dropped_without_a_word(place: dict):
    await drop_index(settings(generation="g9", **place))
    assert await live_collection(settings(**place)) is None


async def test_dropping_an_embedded_generation_leaves_nothing_but_copies(tmp_path: Path):
    _, two = await begun({"index_path": tmp_path}, "g1", "g2")
    await backup_index(two, DIMENSIONS, "one")
    await drop_index(two)
    assert names(tmp_path) == {"alias.json", "alias.lock", "backups", "g1", "g1.lock", "g1.owner"}
    assert (tmp_path / "backups" / "one" / "g2" / "layout.json").exists()


async def test_an_embedded_generation_that_is_open_is_not_dropped(tmp_path: Path):
    _, two = await begun({"index_path": tmp_path}, "g1", "g2")
    index = await open_index(two, DIMENSIONS)
    with pytest.raises(IndexLockedError):
        await drop_index(two)
    assert await index.count() == 1
    await index.close()


async def test_a_drop_that_was_killed_leaves_no_collection(tmp_path: Path):
    _, two = await begun({"index_path": tmp_path}, "g1", "g2")
    (tmp_path / "g2" / "layout.json").unlink()
    with pytest.raises(IndexMissingError):
        await backup_index(two, DIMENSIONS, "one")
    await drop_index(two)
    assert not (tmp_path / "g2").exists()


async def test_a_generation_without_a_collection_has_no_copy(place: dict):
    with pytest.raises(IndexMissingError, match="no collection 'g9'"):
        await backup_index(settings(generation="g9", **place), DIMENSIONS, "one")


async def test_an_embedded_generation_is_copied_unless_somebody_has_it_open(tmp_path: Path):
    (given,) = await begun({"index_path": tmp_path}, "g1")
    index = await open_index(given, DIMENSIONS)
    assert await backup_index(given, DIMENSIONS, "one") is None
    await index.close()
    assert await backup_index(given, DIMENSIONS, "one") == str(tmp_path / "backups" / "one" / "g1")
    index = await open_index(settings(index_path=tmp_path / "backups" / "one"), DIMENSIONS)
    assert await index.count() == 1
    await index.close()


async def test_a_generation_on_a_server_becomes_a_snapshot_however_long_it_takes():
    async with qdrant_server() as server:
        (given,) = await begun({"index": "server", "qdrant_grpc_port": server.port}, "g1")
        words = await backup_index(given, DIMENSIONS, "one")
        assert words.startswith("snapshot 'g1-1.snapshot' of collection 'g1' on Qdrant at 'http://127.0.0.1:6333'")
        assert server.snapshots.waited_s[0] > 3600 > given.qdrant_timeout_s
