"""Copies of an index: who makes them, and that the index itself goes on as before."""

import asyncio

import pytest

from encoders.types import Modality
from streams.errors import IndexRefusedError
from streams.index import Change, Index, View
from tests.fakes.index_backends import WITHOUT_BACKUPS
from tests.fakes.rows import axis


@pytest.fixture
def copied_index(index: Index, request: pytest.FixtureRequest) -> Index:
    if request.node.callspec.params["open_index"] in WITHOUT_BACKUPS:
        pytest.skip("makes no copies, and says so")
    return index


@pytest.fixture
def uncopied_index(index: Index, request: pytest.FixtureRequest) -> Index:
    if request.node.callspec.params["open_index"] not in WITHOUT_BACKUPS:
        pytest.skip("makes copies")
    return index


def change(number: int) -> Change:
    return Change(f"l{number}", rows={View.RAW: {Modality.TEXT: axis(6, number % 6)}}, payload={"number": number})


async def test_a_copy_is_told_in_words_and_made_again_under_its_name(copied_index: Index):
    await copied_index.write([change(1)])
    for _ in range(2):
        assert len(await copied_index.backup("before-g2")) > 5


async def test_who_makes_none_says_so_with_a_remedy(uncopied_index: Index):
    with pytest.raises(IndexRefusedError, match=r"no snapshot, .* wanted; snapshots are made by a Qdrant server"):
        await uncopied_index.backup("before-g2")
    await uncopied_index.write([change(1)])
    assert await uncopied_index.count() == 1


async def test_it_is_written_and_read_while_it_is_copied(copied_index: Index):
    for number in range(20):
        await copied_index.write([change(number)])
    copying = asyncio.create_task(copied_index.backup("one"))
    for number in range(20, 40):
        await copied_index.write([change(number)])
        assert (await copied_index.read([f"l{number}"]))[f"l{number}"].payload == {"number": number}
    await copying
    assert await copied_index.count() == 40
