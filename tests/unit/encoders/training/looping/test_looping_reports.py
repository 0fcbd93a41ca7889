"""What a run leaves to be looked at: TensorBoard's events, metrics.json and the curves."""

import io
import json
from dataclasses import replace

import pytest
import torch
from fakes.blob_task import COURSE, UPDATES, BlobTask, train
from PIL import Image
from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

from encoders.errors import TrainingError
from encoders.training.looping import Progress, Reading, Validation
from encoders.training.looping.curves import curves
from encoders.training.looping.logs import Logs, open_logs, tensorboard_writer
from encoders.training.looping.metering import Meter, updates_apart
from encoders.training.looping.standing import Standing


def events(folder):
    found = EventAccumulator(str(folder)).Reload()
    return {tag: [(event.step, event.value) for event in found.Scalars(tag)] for tag in found.Tags()["scalars"]}


def test_tensorboard_shows_losses_rates_gradients_and_figures(tmp_path):
    outcome = train(BlobTask(), tmp_path)
    drawn = events(tmp_path / "tensorboard")
    tags = ["train/loss", "train/gradient_norm", "rate/body", "rate/head", "validation/watched", "validation/other"]
    assert sorted(drawn) == sorted(tags)
    assert [step for step, _ in drawn["train/loss"]] == list(range(1, UPDATES + 1))
    assert drawn["validation/watched"] == [(one.update, pytest.approx(one.watched)) for one in outcome.validations]


def test_an_interrupted_run_draws_nothing_twice(tmp_path):
    def cut(done):
        if done == 8:
            raise InterruptedError

    with pytest.raises(InterruptedError):
        train(BlobTask(before_loss=cut), tmp_path)
    train(BlobTask(), tmp_path)
    drawn = events(tmp_path / "tensorboard")
    assert [step for step, _ in drawn["train/loss"]] == list(range(1, UPDATES + 1))
    assert [step for step, _ in drawn["validation/watched"]] == [0, 3, 6, 9]


def test_without_tensorboard_there_is_a_warning_and_no_log(tmp_path):
    def missing(_folder, _purge_step):
        raise ImportError("tensorboard")

    warnings = []
    logs = open_logs(tmp_path, 0, Progress(warn=warnings.append), missing)
    logs.read(Reading(1, 1.0, 1.0, 1.0, {"all": 0.1}))
    logs.flush()
    logs.close()
    assert warnings == ["no TensorBoard logs: install matchstream[train] to have them"]


def test_logs_that_cannot_be_written_are_an_error(tmp_path):
    class Full:
        def flush(self):
            raise OSError(28, "No space left on device")

    with pytest.raises(TrainingError, match=r"not written .*No space left"):
        Logs(tmp_path, Full()).flush()


def test_metrics_say_what_was_reached_by_what(tmp_path):
    outcome = train(BlobTask(), tmp_path)
    found = json.loads((tmp_path / "metrics.json").read_bytes())
    assert found["finish"] == "epochs"
    assert found["best"]["figures"] == outcome.best.figures
    assert found["untrained"]["update"] == 0
    assert len(found["validations"]) == 4
    assert [one["update"] for one in found["training"]] == list(range(1, UPDATES + 1))
    assert found["training"][0]["loss"] > found["training"][-1]["loss"]
    assert found["plan"]["recipe"] == "blobs"
    assert found["plan"]["course.epochs"] == 3
    assert torch.__version__.startswith(found["versions"]["torch"].partition("+")[0])
    assert found["device"].startswith("cpu, ")
    assert found["peak_memory_bytes"]["process"] == outcome.peak.process
    assert found["seconds"] > 0


def test_readings_and_seconds_add_up_over_interruptions(tmp_path):
    def cut(done):
        if done == 8:
            raise InterruptedError

    whole = train(BlobTask(), tmp_path / "whole")
    with pytest.raises(InterruptedError):
        train(BlobTask(before_loss=cut), tmp_path / "cut")
    resumed = train(BlobTask(), tmp_path / "cut")
    readings = [json.loads((tmp_path / name / "metrics.json").read_bytes())["training"] for name in ("whole", "cut")]
    assert readings[0] == readings[1]
    assert resumed.seconds > 0
    assert whole.updates == resumed.updates


def test_a_reading_is_the_mean_of_its_updates():
    standing = Standing()
    meter = Meter(standing, every=2)
    for losses, norm in (((1.0, 3.0), 1.0), ((4.0,), 2.0)):
        for loss in losses:
            meter.add(torch.tensor(loss))
        standing.updates += 1
        meter.close(torch.tensor(norm))
    assert meter.is_full
    assert meter.reading(0.5, {"all": 0.1}) == Reading(2, 0.5, 3.0, 1.5, {"all": 0.1})
    assert not standing.recent


def test_what_no_reading_covers_yet_is_kept():
    standing = Standing(updates=1)
    meter = Meter(standing, every=2)
    meter.add(torch.tensor(1.0))
    meter.close(torch.tensor(5.0))
    meter.settle()
    meter.settle()
    assert standing.recent == [(1.0, 5.0)]


@pytest.mark.parametrize(("epochs", "size", "accumulate", "apart"), [(1, 5, 1, 1), (10, 100, 1, 2), (90, 9999, 2, 50)])
def test_there_are_some_hundred_readings_in_a_run(epochs, size, accumulate, apart):
    assert updates_apart(replace(COURSE, epochs=epochs, accumulate=accumulate), size) == apart


def test_curves_are_a_picture(tmp_path):
    train(BlobTask(), tmp_path, draws=True)
    with Image.open(tmp_path / "curves.png") as picture:
        assert picture.format == "PNG"
        assert picture.width > 600
        assert len(picture.convert("RGB").getcolors(1 << 20)) > 20


def test_curves_of_a_run_that_has_only_begun():
    validation = Validation(0, 0.0, {"recall@1": 0.5}, 1.0)
    with Image.open(io.BytesIO(curves(Standing(validations=[validation], best=validation)))) as picture:
        assert picture.height > 600


def test_the_writer_makes_its_folder(tmp_path):
    writer = tensorboard_writer(tmp_path / "logs", 1)
    writer.add_scalar("loss", 1.0, 1)
    writer.close()
    assert events(tmp_path / "logs") == {"loss": [(1, 1.0)]}
