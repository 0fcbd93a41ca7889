"""A checkpoint that is no good says why, and a full disk leaves the one before."""

import json
import os
from dataclasses import replace

import orjson
import pytest
from fakes.blob_task import COURSE, CPU, KEPT_OFTEN, BlobTask, PowerCutError, assert_ends_like, cut_at, train
from fakes.full_disk import files_of_at_most
from filelock import FileLock

from encoders.errors import TrainingError
from encoders.training.looping import RunFolder, run


def test_a_folder_of_another_plan_is_an_error_that_names_what_differs(tmp_path):
    run(
        BlobTask(),
        replace(COURSE, epochs=1),
        RunFolder(tmp_path, {"recipe": "blobs", "data": "a" * 64}, draws=False),
        CPU,
    )
    other = RunFolder(tmp_path, {"recipe": "blobs", "data": "b" * 64}, draws=False)
    wanted = r"begun with course.epochs 1, data a{37}\.\.\., course.epochs 2, data b{37}\.\.\. wanted; .*--restart"
    with pytest.raises(TrainingError, match=wanted):
        run(BlobTask(), replace(COURSE, epochs=2), other, CPU)
    other.clear()
    assert run(BlobTask(), replace(COURSE, epochs=2), other, CPU).updates == 6


def test_clearing_leaves_what_is_not_the_run_s(tmp_path):
    train(BlobTask(), tmp_path)
    (tmp_path / "notes.txt").write_text("mine")
    RunFolder(tmp_path, {}).clear()
    assert {file.name for file in tmp_path.iterdir()} <= {"notes.txt", ".lock"}


def changed(path, **values):
    state = path / "checkpoint" / "state.json"
    state.write_bytes(orjson.dumps({**json.loads(state.read_bytes()), **values}))


@pytest.fixture
def cut_run(tmp_path):
    with pytest.raises(PowerCutError):
        train(BlobTask(before_loss=cut_at(7)), tmp_path, KEPT_OFTEN)
    return tmp_path


def test_a_checkpoint_of_a_newer_version_is_an_error(cut_run):
    changed(cut_run, format=2, novelty=1)
    with pytest.raises(
        TrainingError, match="format 2 of a newer version, format 1 or older wanted; update matchstream"
    ):
        train(BlobTask(), cut_run)


@pytest.mark.parametrize(
    "damage",
    [
        lambda folder: (folder / "state.json").write_bytes(b'{"format": 1, "sta'),
        lambda folder: (folder / "state.json").write_bytes(b"[]"),
        lambda folder: changed(folder.parent, standing={"epoch": "?"}),
        lambda folder: changed(folder.parent, current="../../other.safetensors"),
        lambda folder: changed(folder.parent, current=None),
        lambda folder: next(folder.glob("current-*")).unlink(),
        lambda folder: os.truncate(next(folder.glob("current-*")), 300),
    ],
)
def test_a_damaged_checkpoint_is_an_error_with_the_way_out(cut_run, damage):
    damage(cut_run / "checkpoint")
    with pytest.raises(
        TrainingError, match=r"checkpoint '.*': .*, what this run wrote wanted; begin anew with --restart"
    ):
        train(BlobTask(), cut_run)


def test_a_checkpoint_of_another_network_is_an_error(cut_run):
    with pytest.raises(TrainingError, match="tensors of another network"):
        train(BlobTask(plain=True), cut_run)


def test_one_process_at_a_time(tmp_path):
    with FileLock(tmp_path / ".lock"), pytest.raises(TrainingError, match="another process trains in it"):
        train(BlobTask(), tmp_path)


def test_a_full_disk_is_an_error_and_the_checkpoint_before_is_still_good(cut_run, undisturbed):
    before = {file.name: file.read_bytes() for file in (cut_run / "checkpoint").iterdir()}
    with (
        files_of_at_most(1000),
        pytest.raises(TrainingError, match=r"file '.*current-00000005.*': not written .*make room"),
    ):
        train(BlobTask(), cut_run, KEPT_OFTEN)
    assert {file.name: file.read_bytes() for file in (cut_run / "checkpoint").iterdir()} == before
    assert_ends_like(undisturbed, cut_run)


def test_a_folder_that_is_a_file_is_an_error(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(TrainingError, match=r"file '.*file': not written"):
        train(BlobTask(), tmp_path / "file")
