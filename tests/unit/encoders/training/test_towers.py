"""Encoders while they are trained: the rows of the bundle that comes of them are theirs."""

from dataclasses import dataclass, replace

import numpy as np
import pytest
import torch
from fakes.tiny_models import TINY_IMAGE
from fakes.toy_catalogue import named, photographed
from torch import nn

from encoders.bundle import TextSpec
from encoders.errors import BundleError, TrainingError
from encoders.fitting import Changes, fit_bundle
from encoders.head import Head
from encoders.image.backbone import build_backbone
from encoders.loading import load_encoder
from encoders.training.data import Photos, Split, Titles
from encoders.training.looping import Progress
from encoders.training.losses import SoftmaxHead
from encoders.training.tasks import Rates, Trainee, TuningTask
from encoders.training.towers import ImageTower, Neck, TextTower, starting_weights
from encoders.types import Content, Modality

RATES = Rates(1e-3, 1e-2, 0.01)


def trained_neck(size, seed=0):
    """A neck that has seen some features."""
    generator = torch.Generator().manual_seed(seed)
    neck = Neck(size)
    with torch.no_grad():
        for one in (neck.norm.weight, neck.norm.bias, neck.norm.running_mean):
            one.copy_(torch.randn(size, generator=generator))
        neck.norm.running_var.copy_(torch.rand(size, generator=generator) + 0.1)
    return neck


def test_a_head_does_what_the_neck_does_at_inference():
    neck, features = trained_neck(5), torch.randn(7, 5)
    torch.testing.assert_close(neck.as_head()(features), neck.eval()(features))


def test_an_untrained_neck_changes_no_direction_and_one_that_is_not_wanted_nothing():
    features = torch.randn(7, 5)
    torch.testing.assert_close(nn.functional.normalize(Neck(5).eval()(features)), nn.functional.normalize(features))
    unwanted = Neck(5, wanted=False)
    assert unwanted(features) is features
    assert unwanted.as_head() is None


def task_of(tower, contents, examples, neck, seed=0):
    trainee = Trainee(tower, neck, SoftmaxHead(examples.products, tower.dimensions))
    return TuningTask(Split(examples, examples), contents, trainee, RATES, 16, seed)


def nudged(tower):
    """As if it were trained."""
    with torch.no_grad():
        for one in tower.model.parameters():
            one.add_(0.05 * torch.randn(one.shape, generator=torch.Generator().manual_seed(1)))
    return tower


def encoded(bundle, contents, modality):
    return np.stack([one.embedding[modality] for one in load_encoder(bundle, device="cpu").encode(contents)])


@dataclass
class Written:
    """A tower as a bundle, beside the rows that its task gave."""

    bundle: object
    rows: np.ndarray


@pytest.fixture
def text(tmp_path, tiny_bundle):
    tower = nudged(TextTower(TextSpec("text"), tiny_bundle.path))
    neck = trained_neck(tower.dimensions)
    rows = task_of(tower, Titles(tower), named(), neck).rows(named()).numpy()
    tower.write(tmp_path / "model")
    (tmp_path / "head").write_bytes(neck.as_head().to_bytes())
    changes = Changes(text_model=str(tmp_path / "model"), text_head=tmp_path / "head", rows="float32")
    return Written(fit_bundle(["red shoe"], tmp_path / "mine", base=tiny_bundle, changes=changes), rows)


def test_a_bundle_encodes_titles_as_its_tower_did(text):
    contents = [Content(one.title) for one in named().all]
    np.testing.assert_allclose(encoded(text.bundle, contents, Modality.TEXT), text.rows, atol=1e-5)
    assert np.linalg.norm(text.rows, axis=1) == pytest.approx(1.0, abs=1e-5)


def test_a_tower_goes_on_with_the_head_of_its_bundle(text):
    tower = TextTower(text.bundle.text, text.bundle.path)
    rows = task_of(tower, Titles(tower), named(), Neck(tower.dimensions)).rows(named()).numpy()
    np.testing.assert_allclose(rows, text.rows, atol=1e-5)
    assert not [name for name in tower.state_dict() if "fixed" in name]


def test_longer_titles_are_cut_where_the_spec_says(tiny_bundle):
    tower = TextTower(replace(tiny_bundle.text, max_tokens=4), tiny_bundle.path)
    assert tower.prepare(["red shoe with case", "a"])["input_ids"].shape == (2, 4)


def test_a_bundle_encodes_photos_as_its_tower_did(tmp_path, tiny_bundle):
    examples = photographed(tmp_path, products=4)
    tower = nudged(ImageTower(TINY_IMAGE, starting_weights(tiny_bundle, TINY_IMAGE)))
    neck = trained_neck(tower.dimensions)
    rows = task_of(tower, Photos(tower, TINY_IMAGE), examples, neck).rows(examples).numpy()
    tower.write(tmp_path / "model.safetensors")
    (tmp_path / "head").write_bytes(neck.as_head().to_bytes())
    changes = Changes(image_weights=tmp_path / "model.safetensors", image_head=tmp_path / "head", rows="float32")
    bundle = fit_bundle(["red shoe"], tmp_path / "mine", base=tiny_bundle, changes=changes)
    contents = [Content(image=one.image.read_bytes()) for one in examples.all]
    np.testing.assert_allclose(encoded(bundle, contents, Modality.IMAGE), rows, atol=1e-5)
    again = ImageTower(bundle.image, starting_weights(bundle, bundle.image), bundle.file(bundle.image.head))
    rows_again = task_of(again, Photos(again, TINY_IMAGE), examples, Neck(again.dimensions)).rows(examples).numpy()
    np.testing.assert_allclose(rows_again, rows, atol=1e-5)


@pytest.mark.parametrize("frozen", [True, False])
def test_norms_of_a_backbone_keep_what_they_know_if_they_shall(tiny_weights, frozen):
    tower = ImageTower(TINY_IMAGE, tiny_weights, frozen_norms=frozen)
    before = {name: value.clone() for name, value in tower.model.state_dict().items() if "running" in name}
    tower.train()
    tower(tower.prepare([np.full((3, 32, 32), shade, np.uint8) for shade in (3, 200)]))
    kept = [torch.equal(tower.model.state_dict()[name], value) for name, value in before.items()]
    assert all(kept) if frozen else not any(kept)
    assert all(one.requires_grad for one in tower.parameters())


def test_a_size_that_a_backbone_does_not_take_is_told():
    spec = replace(TINY_IMAGE, backbone="squeezenet1_1", crop=1)
    told = r"photos of 1 pixels: .* a size that squeezenet1_1 takes wanted; change the crop"
    with pytest.raises(TrainingError, match=told):
        ImageTower(spec, build_backbone(spec)[0].state_dict())


def test_weights_of_another_backbone_are_refused(tiny_weights):
    with pytest.raises(BundleError, match="those of resnet18 wanted"):
        ImageTower(replace(TINY_IMAGE, backbone="resnet18"), tiny_weights)


def test_the_head_of_another_model_is_refused(tmp_path, tiny_weights):
    path = tmp_path / "head.safetensors"
    path.write_bytes(Head(torch.ones(3), torch.ones(3)).to_bytes())
    with pytest.raises(BundleError, match="one for 1024 features"):
        ImageTower(TINY_IMAGE, tiny_weights, path)


def test_matrices_of_the_encoder_decay_and_nothing_else_does(tiny_bundle):
    tower = TextTower(TextSpec("text"), tiny_bundle.path)
    task = task_of(tower, Titles(tower), named(), Neck(tower.dimensions))
    groups = {group.name: group for group in task.groups()}
    assert {name: (group.rate, group.weight_decay) for name, group in groups.items()} == {
        "encoder": (1e-3, 0.01),
        "norms": (1e-3, 0.0),
        "head": (1e-2, 0.0),
    }
    assert sum(len(group.parameters) for group in groups.values()) == len([*task.network.parameters()])
    assert {one.dim() for one in groups["norms"].parameters} == {1}


def test_every_epoch_has_an_order_of_its_own(tiny_bundle):
    tower = TextTower(TextSpec("text"), tiny_bundle.path)
    task = task_of(tower, Titles(tower), named(), Neck(tower.dimensions))
    assert task.batches(0) == task.batches(0)
    assert task.batches(0) != task.batches(1)
    assert task.batches(0) != task_of(tower, Titles(tower), named(), Neck(tower.dimensions), seed=1).batches(0)


def test_class_weights_can_begin_at_the_mean_of_their_listings(tiny_bundle):
    tower = TextTower(TextSpec("text"), tiny_bundle.path)
    examples = named()
    task = task_of(tower, Titles(tower), examples, Neck(tower.dimensions, wanted=False))
    told = []
    task.start_from_prototypes(Progress(stage=lambda what, total: told.append((what, total)) or told.append))
    features = tower.eval()(tower.prepare([one.title for one in examples.all])).detach()
    means = torch.stack([features[examples.codes == code].mean(0) for code in range(examples.products)])
    torch.testing.assert_close(task.network["head"].class_weights.detach(), means, atol=1e-5, rtol=1e-4)
    assert told == [("features", 64), 64]
