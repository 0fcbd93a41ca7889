"""Whoever is killed while it copies or drops an embedded collection leaves a whole one, or none."""

import asyncio
import subprocess
import sys
from pathlib import Path

import pytest

from streams.index.edge_backup import copy_collection
from streams.index.edge_folder import drop_collection
from tests.unit.streams.index import edge_dying
from tests.unit.streams.index.edge_copies import copied, copied_once, names, reopened

ROOT = Path(__file__).parents[4]


def died(work: str, folder: Path, before: int) -> bool:
    command = [sys.executable, "-m", edge_dying.__name__, work, str(folder), str(before)]
    return subprocess.run(command, cwd=ROOT, check=False).returncode == edge_dying.DIED


@pytest.mark.slow
@pytest.mark.parametrize("before", range(1, 9))
def test_whoever_is_killed_while_it_replaces_a_copy_leaves_a_whole_one(tmp_path: Path, before: int):
    wanted = asyncio.run(copied_once(tmp_path))
    assert died("copy", tmp_path, before)
    place = tmp_path / "backups" / "one"
    if not (place / "g1").exists():
        (place / "g1.replaced").rename(place / "g1")
    assert asyncio.run(copied(tmp_path)) == wanted
    copy_collection(tmp_path, "g1", "one")
    assert names(place) == {"g1", "g1.lock", "g1.owner"}
    assert asyncio.run(copied(tmp_path)) == wanted


@pytest.mark.slow
@pytest.mark.parametrize("before", [1, 2, 3, 4, 9, 27])
def test_whoever_is_killed_while_it_drops_a_collection_leaves_all_of_it_or_none(tmp_path: Path, before: int):
    wanted = asyncio.run(copied_once(tmp_path))
    assert died("drop", tmp_path, before)
    found = asyncio.run(reopened(tmp_path))
    assert found == (wanted if before <= 2 else {}), "the first two write down who has it open, and end its layout"
    drop_collection(tmp_path, "g1")
    assert names(tmp_path) == {"backups"}
