"""What docs/operations.md says of putting back a copy of an embedded index does put it back."""

import re
import shutil
import subprocess
from pathlib import Path

from encoders.types import Modality
from streams.index import Change
from streams.index.opening import backup_index, open_index
from streams.settings import Settings

DIMENSIONS = {Modality.TEXT: 8}
RUNBOOK = (Path(__file__).parents[4] / "docs" / "operations.md").read_text(encoding="utf-8")
STEPS = re.findall(r"^(?:mv|cp) .*$", RUNBOOK, re.MULTILINE)


def take(steps: list[str], folder: Path) -> None:
    for step in steps:
        subprocess.run(step, shell=True, cwd=folder, check=True)  # noqa: S602  # as people type it


async def written(given: Settings, *listing_ids: str) -> None:
    index = await open_index(given, DIMENSIONS, "digest")
    await index.write([Change(listing_id, payload={"x": listing_id}) for listing_id in listing_ids])
    await index.close()


async def stored(given: Settings) -> set[str]:
    index = await open_index(given, DIMENSIONS, "digest")
    found = {point.listing_id async for point in index.scan()}
    await index.close()
    return found


async def test_the_steps_put_the_copy_in_the_place_of_the_index(tmp_path: Path):
    given = Settings(_env_file=None, index_path=tmp_path / Settings(_env_file=None).index_path)
    await written(given, "a", "b")
    await backup_index(given, DIMENSIONS, "before-g2")
    await written(given, "late")
    take(STEPS, tmp_path)
    assert await stored(given) == {"a", "b"}
    take(["mv .data/index/g1 .data/elsewhere", *STEPS[1:]], tmp_path)
    assert await stored(given) == {"a", "b"}, "the copy can be put back once more"


async def test_a_copy_is_put_back_where_the_whole_folder_was_lost(tmp_path: Path):
    given = Settings(_env_file=None, index_path=tmp_path / Settings(_env_file=None).index_path)
    await written(given, "a", "b")
    await backup_index(given, DIMENSIONS, "before-g2")
    shutil.move(given.index_path, tmp_path / "saved")
    (given.index_path / "backups").parent.mkdir(parents=True)
    shutil.copytree(tmp_path / "saved" / "backups", given.index_path / "backups")
    take(STEPS[1:], tmp_path)
    assert await stored(given) == {"a", "b"}
