"""An encoder in a child process: the same rows, errors and log lines, and neither process outlives the other's end."""

import asyncio
import os
import signal
import sys
import time
from concurrent.futures.process import BrokenProcessPool
from pathlib import Path

import numpy as np
import pytest
from chaos.light import DEADLY, RAISES, light_encoder
from fakes.encoder_children import damaged_encoder, deadly_encoder, loud_encoder

from encoders.errors import BundleError, EncoderError
from encoders.types import Content, Modality
from streams.bootstrap.encoder_process import EncoderProcess

GOOD = [Content(f"a red shoe {number}", b"shoe %d" % number) for number in range(5)]

CHILD = """
import asyncio, os, sys
from chaos.light import light_encoder
from encoders.types import Content
from streams.bootstrap.encoder_process import EncoderProcess

async def main():
    async with EncoderProcess(light_encoder) as process:
        print(*process._pool._processes, flush=True)
        await asyncio.sleep(600)

if __name__ == "__main__":
    asyncio.run(main())
"""


async def test_rows_and_log_lines_are_those_of_an_encoder_in_this_process(caplog):
    async with EncoderProcess(loud_encoder) as process:
        found = [one async for one in encoded(process, GOOD[:2], GOOD[2:], [])]
    for one, wanted in zip(found, light_encoder().encode(GOOD), strict=True):
        assert one.embedding.keys() == wanted.embedding.keys()
        assert np.array_equal(one.embedding[Modality.TEXT], wanted.embedding[Modality.TEXT])
        assert np.array_equal(one.embedding[Modality.LEXICAL].values, wanted.embedding[Modality.LEXICAL].values)
    (record,) = [one for one in caplog.records if one.name == "encoders.loud"]
    assert (record.getMessage(), record.bundle) == ("loaded it", "b")


async def encoded(process, *batches):
    for answer in await asyncio.gather(*map(process.encode, batches)):
        found, seconds = answer
        assert seconds >= 0
        for one in found:
            yield one


async def test_an_error_is_told_in_words_and_the_next_batch_goes_on():
    async with EncoderProcess(light_encoder) as process:
        with pytest.raises(EncoderError, match="ZeroDivisionError: a title that nobody thought of"):
            await process.encode([Content(f"{RAISES} x")])
        found, _seconds = await process.encode(GOOD)
    assert len(found) == len(GOOD)


async def test_what_keeps_it_from_being_loaded_is_told_as_it_is():
    with pytest.raises(BundleError, match="bundle 'b': a hole, none wanted; mend it") as told:
        await EncoderProcess(damaged_encoder).__aenter__()
    assert told.value.remedy == "mend it"


@pytest.mark.slow
async def test_a_child_that_ends_while_it_loads_is_told():
    with pytest.raises(EncoderError, match=r"ended while it was loaded.*MATCHSTREAM_ENCODER_PROCESS"):
        await EncoderProcess(deadly_encoder).__aenter__()


async def test_whoever_waits_for_a_child_that_ended_ends_like_it():
    gone = []
    async with EncoderProcess(light_encoder, lambda: gone.append(1)) as process:
        with pytest.raises(BrokenProcessPool):
            await process.encode([Content(f"{DEADLY} x")])
    assert gone == [1]


@pytest.mark.slow
async def test_a_signal_to_both_is_for_the_parent():
    async with EncoderProcess(light_encoder) as process:
        (child,) = process._pool._processes
        for number in (signal.SIGINT, signal.SIGTERM):
            os.kill(child, number)
        found, _seconds = await process.encode(GOOD)
    assert len(found) == len(GOOD)
    assert not alive(child)


@pytest.mark.slow
async def test_the_child_of_a_parent_that_was_killed_ends(tmp_path):
    script = tmp_path / "parent.py"
    script.write_text(CHILD, encoding="utf-8")
    path = os.pathsep.join(sys.path)
    parent = await asyncio.create_subprocess_exec(
        sys.executable, script, stdout=asyncio.subprocess.PIPE, env={**os.environ, "PYTHONPATH": path}
    )
    child = int(await parent.stdout.readline())
    assert alive(child)
    parent.kill()
    await parent.wait()
    await asyncio.wait_for(asyncio.to_thread(ended, child), 30)


def ended(process_id):
    while alive(process_id):
        time.sleep(0.05)


def alive(process_id):
    try:
        told = Path(f"/proc/{process_id}/stat").read_text(encoding="utf-8")
    except OSError:
        return False
    return told.rpartition(")")[2].split()[0] != "Z"
