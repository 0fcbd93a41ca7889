"""A process that holds an embedded index is killed: nothing acknowledged is lost, and the lock is free."""

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from encoders.types import Modality
from streams.errors import IndexLockedError
from streams.index import View
from streams.index.edge import EdgeIndex
from tests.fakes.rows import bits
from tests.unit.streams.index import edge_writer

DIMENSIONS = {Modality.TEXT: 8}
ROOT = Path(__file__).parents[4]


@pytest.fixture
def writer(tmp_path: Path) -> Iterator[subprocess.Popen]:
    command = [sys.executable, "-m", "tests.unit.streams.index.edge_writer", str(tmp_path)]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:
        yield process
        process.kill()


def acknowledged(writer: subprocess.Popen, writes: int) -> int:
    """Wait for that many writes, kill the writer, and tell the last write that it acknowledged."""
    seen = [int(writer.stdout.readline()) for _ in range(writes)]
    writer.kill()
    seen += [int(line) for line in writer.stdout if line.endswith("\n")]
    writer.wait()
    return seen[-1]


async def test_every_acknowledged_write_is_there_after_a_kill(tmp_path: Path, writer: subprocess.Popen):
    last = acknowledged(writer, 150)
    wanted = {change.listing_id: change for change in map(edge_writer.change, range(1, last + 1))}
    index = EdgeIndex.open(tmp_path, "g1", DIMENSIONS)
    points = await index.read(wanted, [View.RAW])
    assert points.keys() == wanted.keys()
    for listing_id in wanted.keys() - {edge_writer.change(last + 1).listing_id}:
        assert points[listing_id].payload == wanted[listing_id].payload
        assert bits(points[listing_id].raw) == bits(wanted[listing_id].rows[View.RAW])
    await index.close()


async def test_a_second_process_is_refused_by_name_and_gets_in_after_the_kill(tmp_path: Path, writer: subprocess.Popen):
    writer.stdout.readline()
    with pytest.raises(IndexLockedError, match=f"process {writer.pid} has it open.*; end that process") as caught:
        EdgeIndex.open(tmp_path, "g1", DIMENSIONS)
    assert caught.value.subject == f"index '{tmp_path / 'g1'}'"
    last = acknowledged(writer, 20)
    index = EdgeIndex.open(tmp_path, "g1", DIMENSIONS)
    assert last <= (await index.read([edge_writer.change(last).listing_id])).popitem()[1].payload["number"]
    await index.close()
