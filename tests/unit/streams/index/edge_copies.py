"""An embedded collection and its copies, as their tests write and read them."""

from pathlib import Path

from encoders.types import Modality
from streams.index import View
from streams.index.edge import EdgeIndex
from tests.fakes.rows import bits
from tests.unit.streams.index import edge_writer

DIMENSIONS = {Modality.TEXT: 8}


def opened(folder: Path) -> EdgeIndex:
    return EdgeIndex.open(folder, "g1", DIMENSIONS)


async def written(folder: Path, numbers: range) -> EdgeIndex:
    index = opened(folder)
    for number in numbers:
        await index.write([edge_writer.change(number)])
    return index


async def contents(index) -> dict:
    return {point.listing_id: (point.payload, bits(point.raw)) async for point in index.scan([View.RAW])}


async def copied(folder: Path, name: str = "one") -> dict:
    """What a copy holds, opened where it lies."""
    return await reopened(folder / "backups" / name)


def names(folder: Path) -> set[str]:
    return {path.name for path in folder.iterdir()}


async def copied_once(folder: Path) -> dict:
    index = await written(folder, range(1, 20))
    await index.backup("one")
    await index.close()
    return await copied(folder)


async def reopened(folder: Path) -> dict:
    index = opened(folder)
    try:
        return await contents(index)
    finally:
        await index.close()
