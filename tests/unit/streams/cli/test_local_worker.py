"""The supervisor, with a worker whose bundle is missing: it ends before it comes to work."""

import asyncio

import pytest

from streams.cli.local_worker import LocalWorker, WorkerEndedError
from streams.settings import Settings


@pytest.fixture
def settings(tmp_path):
    heartbeat = tmp_path / "heartbeat"
    heartbeat.touch()  # of a worker before
    return Settings(_env_file=None, bundle=str(tmp_path / "missing"), heartbeat_file=heartbeat)


@pytest.mark.slow
async def test_a_worker_that_never_came_to_work_is_not_started_again(settings, tmp_path):
    async with LocalWorker(settings, tmp_path / "worker.log") as worker:
        with pytest.raises(WorkerEndedError, match="missing': no folder") as caught:
            await worker.given_up()
    assert worker.starts == 1
    assert worker.process_id is None
    assert str(tmp_path / "worker.log") in caught.value.remedy


@pytest.mark.slow
async def test_work_beside_a_worker_ends_with_it(settings, tmp_path):
    cut_short = []

    async def work():
        try:
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            cut_short.append(True)
            raise

    async with LocalWorker(settings, tmp_path / "worker.log") as worker:
        with pytest.raises(WorkerEndedError):
            await worker.while_it_runs(work())
    assert cut_short == [True]


@pytest.mark.slow
async def test_work_beside_a_worker_may_end_before_it(settings, tmp_path):
    done = []

    async def work():
        done.append(True)

    async with LocalWorker(settings, tmp_path / "worker.log") as worker:
        await worker.while_it_runs(work())
    assert done == [True]
