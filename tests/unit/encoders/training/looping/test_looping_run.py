"""A run from its first validation to its best weights, and what ends it before."""

import json
import threading
from dataclasses import replace

import pytest
import torch
from fakes.blob_task import COURSE, CPU, UPDATES, BlobTask, train, weights

from encoders.errors import TrainingError
from encoders.training.looping import Progress, RunFolder, run
from encoders.training.looping.precision import autocast, full_precision, resolved


def test_it_learns_and_tells_how_it_went(tmp_path):
    task = BlobTask()
    outcome = train(task, tmp_path)
    assert outcome.updates == UPDATES
    assert outcome.finish == "epochs"
    assert outcome.best.watched > outcome.untrained.watched + 0.5
    assert [one.update for one in outcome.validations] == [0, 3, 6, 9]
    assert [one.epoch for one in outcome.validations] == [0, 1, 2, 3]
    assert outcome.seconds >= outcome.best.seconds > 0
    assert outcome.peak.process > 1e7
    assert outcome.precision == "fp32"
    assert not task.network.training


def test_progress_is_the_share_of_the_course_that_is_done(tmp_path):
    task = BlobTask()
    train(task, tmp_path)
    assert task.said == pytest.approx([done / 15 for done in range(15)])


def test_it_is_validated_before_the_first_update(tmp_path):
    seen = []
    task = BlobTask(before_loss=lambda done: seen.append((done, task.validated)))
    train(task, tmp_path)
    assert seen[0] == (0, 1)
    assert seen[5] == (5, 2)


def test_the_best_weights_are_the_ones_it_ends_with(tmp_path):
    best, kept = BlobTask(figures=[0.1, 0.9, 0.3, 0.5]), []
    best.before_loss = lambda done: kept.append(weights(best)) if done == 5 else None
    outcome = train(best, tmp_path)
    assert outcome.best.update == 3
    assert outcome.best.figures == {"watched": 0.9, "other": 0.5}
    assert weights(best) == kept[0]


def test_it_stops_when_patience_is_at_an_end(tmp_path):
    task = BlobTask(figures=[0.1, 0.9, 0.8, 0.9, 1.0])
    outcome = train(task, tmp_path, replace(COURSE, epochs=9, patience=2))
    assert outcome.finish == "patience"
    assert outcome.updates == 9
    assert outcome.best.update == 3
    assert [one.watched for one in outcome.validations] == [0.1, 0.9, 0.8, 0.9]


def test_a_gain_renews_patience(tmp_path):
    task = BlobTask(figures=[0.5, 0.4, 0.6, 0.5, 0.4, 0.9])
    assert train(task, tmp_path, replace(COURSE, epochs=5, patience=2)).updates == 12


def test_weights_that_training_never_made_better_are_the_untrained_ones(tmp_path):
    task, warnings = BlobTask(figures=[0.9, 0.1, 0.2, 0.3]), []
    before = weights(task)
    outcome = train(task, tmp_path, progress=Progress(warn=warnings.append))
    assert outcome.best.update == 0
    assert weights(task) == before
    assert warnings == ["no validation was better than the one before training: the weights are as they were"]


def test_everything_is_told(tmp_path):
    stages, steps, notes = [], [], []

    def stage(what, total):
        stages.append((what, total))
        return steps.append

    train(BlobTask(), tmp_path, progress=Progress(stage, notes.append))
    assert stages == [("training", 15)]
    assert sum(steps) == 15
    assert notes[0].startswith("watched ")
    assert notes[-1].startswith("loss ")
    assert ", watched " in notes[-1]


def test_the_seed_decides_what_drops_out(tmp_path):
    tasks = [BlobTask(), BlobTask(), BlobTask()]
    for number, (task, seed) in enumerate(zip(tasks, (0, 0, 1), strict=True)):
        torch.manual_seed(number)
        train(task, tmp_path / str(number), replace(COURSE, seed=seed))
    assert weights(tasks[0]) == weights(tasks[1]) != weights(tasks[2])


def test_global_generators_are_left_as_they_were(tmp_path):
    before = torch.random.get_rng_state()
    train(BlobTask(), tmp_path)
    assert torch.equal(torch.random.get_rng_state(), before)


def test_how_many_threads_load_decides_nothing(tmp_path):
    one, many = BlobTask(), BlobTask()
    train(one, tmp_path / "one", replace(COURSE, ahead=1))
    train(many, tmp_path / "many", replace(COURSE, ahead=5))
    assert weights(one) == weights(many)


def poisoned(task, at):
    def poison(done):
        if done == at:
            with torch.no_grad():
                task.network[0].weight.fill_(float("inf"))

    task.before_loss = poison
    return task


def test_a_loss_that_is_not_finite_stops_it_and_the_checkpoint_before_is_kept(tmp_path):
    with pytest.raises(TrainingError, match=r"update 5: loss nan, .*lower the learning rate or compute in fp32"):
        train(poisoned(BlobTask(), at=8), tmp_path)
    state = json.loads((tmp_path / "checkpoint" / "state.json").read_text())
    assert state["standing"]["updates"] == 3
    healed, undisturbed = BlobTask(), BlobTask()
    train(healed, tmp_path)
    train(undisturbed, tmp_path / "other")
    assert weights(healed) == weights(undisturbed)


def test_a_gradient_that_is_not_finite_stops_it_before_anything_is_kept(tmp_path):
    class Steep(BlobTask):
        def loss(self, loaded, progress):
            loss = super().loss(loaded, progress)
            loss.register_hook(lambda gradient: gradient * float("inf"))
            return loss

    with pytest.raises(TrainingError, match=r"update 1: loss \d\.\d+, gradient norm (nan|inf), finite numbers wanted"):
        train(Steep(), tmp_path)


@pytest.mark.parametrize("figure", [float("nan"), float("inf")])
def test_a_figure_that_is_not_finite_is_an_error(tmp_path, figure):
    with pytest.raises(TrainingError, match=r"validation after update 3: watched (nan|inf)"):
        train(BlobTask(figures=[0.1, figure]), tmp_path)


def test_without_figures_nothing_can_be_watched(tmp_path):
    task = BlobTask()
    task.validate = dict
    with pytest.raises(TrainingError, match="validation after update 0: no figures"):
        train(task, tmp_path)


def test_without_batches_nothing_is_begun(tmp_path):
    task = BlobTask()
    task.batches = lambda _epoch: []
    with pytest.raises(TrainingError, match="epoch 1: no batches"):
        train(task, tmp_path)
    assert not (tmp_path / "checkpoint").exists()


def test_an_error_of_loading_is_the_task_s_own(tmp_path):
    task = BlobTask()
    task.load = lambda _batch: (_ for _ in ()).throw(KeyError("photo"))
    with pytest.raises(KeyError, match="photo"):
        train(task, tmp_path)
    assert not [thread for thread in threading.enumerate() if thread.name.startswith("load")]


def test_it_runs_outside_the_main_thread(tmp_path):
    outcomes = []
    thread = threading.Thread(target=lambda: outcomes.append(train(BlobTask(), tmp_path)))
    thread.start()
    thread.join(60)
    assert outcomes[0].updates == UPDATES


def test_bf16_is_for_the_loss_and_not_for_validation(tmp_path):
    seen = []

    class Watching(BlobTask):
        def loss(self, loaded, progress):
            seen.append(self.network(loaded[0]).dtype)
            with full_precision(CPU):
                seen.append(self.network(loaded[0]).dtype)
            return super().loss(loaded, progress)

        def validate(self):
            seen.append(self.network(self.points).dtype)
            return super().validate()

    outcome = run(Watching(), replace(COURSE, precision="bf16", epochs=1), RunFolder(tmp_path, {}, draws=False), CPU)
    assert outcome.precision == "bf16"
    assert seen[:3] == [torch.float32, torch.bfloat16, torch.float32]
    assert seen[-1] == torch.float32


def test_auto_is_one_of_the_two_and_what_is_asked_for_is_given():
    assert resolved("auto", CPU) in {"bf16", "fp32"}
    assert resolved("fp32", CPU) == "fp32"
    assert resolved("auto", torch.device("meta")) == "fp32"
    with autocast("fp32", CPU):
        assert torch.nn.Linear(1, 1)(torch.ones(1, 1)).dtype == torch.float32
