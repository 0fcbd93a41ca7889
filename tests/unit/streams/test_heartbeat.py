import asyncio
import os
import time

import pytest

from streams.heartbeat import beat, is_alive


def test_a_missing_file_is_no_sign_of_life(tmp_path):
    assert not is_alive(tmp_path / "heartbeat")


@pytest.mark.parametrize(("age_s", "alive"), [(0, True), (20, True), (40, False)])
def test_a_sign_of_life_holds_for_half_a_minute(tmp_path, age_s, alive):
    file = tmp_path / "heartbeat"
    file.touch()
    os.utime(file, (time.time() - age_s,) * 2)
    assert is_alive(file) is alive


async def test_a_beat_makes_an_old_file_young_in_a_folder_that_it_makes(tmp_path):
    file = tmp_path / "not" / "yet" / "heartbeat"
    task = asyncio.create_task(beat(file))
    try:
        async with asyncio.timeout(10):
            while not file.exists():  # noqa: ASYNC110 - a file has no event
                await asyncio.sleep(0)
    finally:
        task.cancel()
    assert is_alive(file)


async def test_without_a_file_there_is_nothing_to_do():
    await asyncio.wait_for(beat(None), 1)
