"""An interrupted run goes on and ends, bit by bit, as an undisturbed one."""

import os
import signal
import subprocess
import sys
from dataclasses import replace

import pytest
from fakes.blob_task import COURSE, KEPT_OFTEN, BlobTask, PowerCutError, assert_ends_like, cut_at, train, weights

from encoders.errors import TrainingStoppedError
from encoders.training.looping import Progress


@pytest.mark.parametrize("loss", [1, 4, 5, 14])
def test_it_goes_on_from_wherever_it_was_cut(tmp_path, undisturbed, loss):
    """Within an update, between two, and at the end of an epoch."""
    with pytest.raises(PowerCutError):
        train(BlobTask(before_loss=cut_at(loss)), tmp_path, KEPT_OFTEN)
    again = assert_ends_like(undisturbed, tmp_path)
    assert len(again.said) == 15 - loss // 5 * 5 - loss % 5 // 2 * 2


def test_it_goes_on_after_many_cuts_with_seldom_checkpoints(tmp_path, undisturbed):
    for loss in (3, 7, 6):
        with pytest.raises(PowerCutError):
            train(BlobTask(before_loss=cut_at(loss)), tmp_path, COURSE)
    assert_ends_like(undisturbed, tmp_path, COURSE)


def test_the_best_so_far_and_patience_outlive_a_cut(tmp_path):
    course = replace(COURSE, epochs=9, patience=3)
    with pytest.raises(PowerCutError):
        train(BlobTask(figures=[0.1, 0.9, 0.2], before_loss=cut_at(11)), tmp_path, course)
    task = BlobTask(figures=[0.3, 0.4])
    outcome = train(task, tmp_path, course)
    assert outcome.finish == "patience"
    assert outcome.best.update == 3
    assert outcome.updates == 12


def test_a_run_that_is_over_only_gives_its_weights(tmp_path, undisturbed):
    first = train(BlobTask(), tmp_path)
    again = BlobTask(before_loss=cut_at(0))
    assert train(again, tmp_path) == first
    assert weights(again) == undisturbed[1]
    assert sorted(file.name for file in (tmp_path / "checkpoint").iterdir()) == [
        "best-00000009.safetensors",
        "state.json",
    ]


def test_files_of_a_checkpoint_that_was_never_completed_are_passed_over_and_removed(tmp_path, undisturbed):
    with pytest.raises(PowerCutError):
        train(BlobTask(before_loss=cut_at(6)), tmp_path, KEPT_OFTEN)
    folder = tmp_path / "checkpoint"
    torn = [folder / name for name in (".state.json.new", "current-00000004.safetensors", "best-00000009.safetensors")]
    for file in torn:
        file.write_bytes(b"{torn")
    assert_ends_like(undisturbed, tmp_path)
    assert len(list(folder.iterdir())) == 2


def killed(path, *way):
    command = [sys.executable, "-m", "fakes.blob_task", str(path), *map(str, way)]
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(sys.path), "OMP_NUM_THREADS": "1"}
    return -subprocess.run(command, env=environment, check=False).returncode


@pytest.mark.slow
@pytest.mark.parametrize("touch", [1, 6, 15, 16, 17, 18, 40])
def test_it_goes_on_after_being_killed_around_a_checkpoint(tmp_path, undisturbed, touch):
    """It is killed as it opens, renames or removes a checkpoint's file for that time."""
    assert killed(tmp_path, "touch", touch) == signal.SIGKILL
    assert_ends_like(undisturbed, tmp_path)


@pytest.mark.slow
def test_it_goes_on_after_being_killed_within_a_checkpoint(tmp_path, undisturbed):
    """The kernel kills it while the tensors' file, of 2,748 bytes, is being written; all others are smaller by then."""
    assert killed(tmp_path, "write", 2600) == signal.SIGXFSZ
    assert len(list((tmp_path / "checkpoint").iterdir())) == 4  # what is unfinished, and the three of a checkpoint
    assert_ends_like(undisturbed, tmp_path)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_ctrl_c_keeps_the_last_update_and_says_that_the_same_command_goes_on(tmp_path, undisturbed, number):
    def ask(done):
        if done == 6:
            signal.raise_signal(number)

    handler = signal.getsignal(number)
    with pytest.raises(TrainingStoppedError, match=r"stopped after update 4, .*the same command goes on from there"):
        train(BlobTask(before_loss=ask), tmp_path, COURSE, draws=True)
    assert signal.getsignal(number) == handler
    assert (tmp_path / "curves.png").exists()
    assert len(assert_ends_like(undisturbed, tmp_path, COURSE).said) == 15 - 7


def test_a_second_ctrl_c_does_not_wait(tmp_path):
    def ask(done):
        if done == 6:
            signal.raise_signal(signal.SIGINT)
            signal.raise_signal(signal.SIGINT)

    with pytest.raises(KeyboardInterrupt):
        train(BlobTask(before_loss=ask), tmp_path)


def test_going_on_is_told(tmp_path):
    notes, steps = [], []
    with pytest.raises(PowerCutError):
        train(BlobTask(before_loss=cut_at(7)), tmp_path, KEPT_OFTEN)
    train(BlobTask(), tmp_path, progress=Progress(lambda _what, _total: steps.append, notes.append))
    assert notes[0] == "going on after update 4"
    assert steps[0] == 7
    assert sum(steps) == 15


def test_how_often_it_is_kept_is_no_part_of_the_plan(tmp_path, undisturbed):
    with pytest.raises(PowerCutError):
        train(BlobTask(before_loss=cut_at(7)), tmp_path, KEPT_OFTEN)
    assert_ends_like(undisturbed, tmp_path, replace(COURSE, checkpoint_s=5, ahead=4))
