"""Writes to an embedded index for ever, saying each write that was acknowledged: to be killed by a test."""

import asyncio
import sys
from itertools import count
from pathlib import Path

import numpy as np

from encoders.types import Modality
from streams.index import Change, View
from streams.index.edge import EdgeIndex
from tests.fakes.rows import sparse


def change(number: int) -> Change:
    """Every fourth write goes to a listing that exists, and takes its words away."""
    row = np.eye(8, dtype=np.float32)[number % 8] * np.float32(number)
    embedding = {Modality.TEXT: row, Modality.LEXICAL: sparse({number % 5: 1.0})}
    if number % 4 == 0:
        embedding.pop(Modality.LEXICAL)
    return Change(
        f"l{number - 3 if number % 4 == 0 else number}",
        record={"pending": number},
        rows={View.RAW: embedding},
        payload={"number": number},
        forget=["pending"],
    )


async def write_for_ever(folder: Path) -> None:
    index = EdgeIndex.open(folder, "g1", {Modality.TEXT: 8})
    for number in count(1):
        await index.write([change(number)])
        print(number, flush=True)  # what the test reads


if __name__ == "__main__":
    asyncio.run(write_for_ever(Path(sys.argv[1])))
