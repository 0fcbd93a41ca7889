"""Training on photographs of generated goods: the loss, the batches, and a short run that can be repeated."""

from itertools import pairwise

import numpy as np
import pytest
import torch
from rich.progress import Progress
from torch import nn

from encoders.bundle import read_bundle
from encoders.training.catalogue.products import generate_products
from encoders.training.demo import IMAGE, MATCHING, Plan, make_bundle, new_backbone
from encoders.training.loop import Recipe, batches, normalised, recall_at_1, train
from encoders.training.losses import supervised_contrastive
from encoders.training.views import Views, photograph_looks

SIDE = 32
RECIPE = Recipe(steps=2, looks=4, run=2, views=2)


@pytest.fixture(scope="module")
def views():
    return photograph_looks(looks=8, views=3, side=SIDE, seed=91)


def prepare(pixels):
    return normalised(pixels, IMAGE.mean, IMAGE.std)


def test_photographs_of_looks_are_the_same_for_the_same_seed(views):
    assert views.pixels.shape == (8, 3, 3, SIDE, SIDE)
    assert views.pixels.dtype == torch.uint8
    assert torch.equal(views.pixels, photograph_looks(8, 3, SIDE, 91).pixels)


def test_each_look_done_is_told():
    told = []
    photograph_looks(3, 1, SIDE, 91, done=lambda: told.append(1))
    assert len(told) == 3


def test_loss_of_a_worked_example():
    """Anchor 0 has its positive at cosine 0.6 and a negative at 0; with temperature 0.5 the logits are 1.2 and 0."""
    rows = torch.tensor([[1.0, 0.0, 0.0], [0.6, 0.8, 0.0], [0.0, 0.0, 1.0], [0.0, 0.0, 1.0]], dtype=torch.float64)
    same, other, certain = np.exp(1.2), np.exp(0.0), np.exp(2.0)
    expected = (2 * -np.log(same / (same + 2 * other)) + 2 * -np.log(certain / (certain + 2 * other))) / 4
    loss = supervised_contrastive(rows, torch.tensor([0, 0, 1, 1]), temperature=0.5)
    assert loss.item() == pytest.approx(expected)


def test_loss_is_lower_when_photographs_of_one_look_are_near():
    near = torch.tensor([[1.0, 0.0], [1.0, 0.0], [0.0, 1.0], [0.0, 1.0]])
    far = near[[0, 2, 1, 3]]
    labels = torch.tensor([0, 0, 1, 1])
    assert supervised_contrastive(near, labels, 0.1) < supervised_contrastive(far, labels, 0.1)


def test_orders_put_what_is_hard_to_tell_apart_side_by_side():
    by_model, by_colour = photograph_looks(looks=40, views=1, side=8, seed=91).orders
    looks = list(dict.fromkeys(product.look for product in generate_products(200, 91)))[:40]
    assert sorted(by_model.tolist()) == sorted(by_colour.tolist()) == list(range(40))
    models = [looks[number].shape for number in by_model.tolist()]
    assert sum(a != b for a, b in pairwise(models)) == len(set(models)) - 1
    categories = [looks[number].category for number in by_colour.tolist()]
    assert categories == sorted(categories)


def test_batches_hold_runs_of_neighbours_with_different_photographs_of_each(views):
    for step, (pixels, labels) in enumerate(batches(views, RECIPE)):
        assert pixels.shape == (8, 3, SIDE, SIDE)
        looks = labels[::2].tolist()
        assert labels.tolist() == [look for look in looks for _ in range(2)]
        assert len(set(looks)) == 4
        places = [views.orders[step % 2].tolist().index(look) for look in looks]
        assert [(b - a) % 8 for a, b in zip(places[::2], places[1::2], strict=True)] == [1, 1]
        for look in looks:
            shots = pixels[labels == look]
            assert not torch.equal(shots[0], shots[1])
            assert all(any(torch.equal(shot, view) for view in views.pixels[look]) for shot in shots)


def test_normalised_pixels_are_what_the_image_encoder_computes():
    pixels = torch.tensor([0, 255], dtype=torch.uint8).view(2, 1, 1, 1).expand(2, 3, 4, 4)
    black, white = normalised(pixels, (0.5, 0.5, 0.5), (0.25, 0.25, 0.25))
    assert torch.all(black == -2)
    assert torch.all(white == 2)


class Means(nn.Module):
    """Embeds a photograph by its mean colour."""

    def forward(self, images):
        return images.mean((2, 3))


def test_recall_counts_photographs_whose_nearest_other_shows_the_same_look():
    colours = torch.tensor([[250, 0, 0], [250, 5, 0], [0, 250, 0], [0, 250, 9], [0, 3, 250], [250, 2, 0]])
    pixels = colours.to(torch.uint8).view(3, 2, 3, 1, 1).expand(3, 2, 3, 4, 4)
    assert recall_at_1(Means(), Views(pixels, torch.arange(3)[None]), lambda part: part.float()) == pytest.approx(2 / 6)


def _trained(views):
    network, losses = new_backbone(seed=5), []
    train(network, views, RECIPE, prepare, losses.append)
    return network.state_dict(), losses


def test_two_steps_of_training_run_and_give_the_same_again(views):
    state, losses = _trained(views)
    again, losses_again = _trained(views)
    assert len(losses) == 2
    assert np.isfinite(losses).all()
    assert losses == losses_again
    assert all(torch.equal(value, again[name]) for name, value in state.items())
    assert any(not torch.equal(value, state[name]) for name, value in new_backbone(seed=5).state_dict().items())


def test_training_teaches_to_tell_looks_apart(views):
    network, losses = new_backbone(seed=5), []
    train(network, views, Recipe(steps=25, looks=8, run=4, views=3), prepare, losses.append)
    assert np.mean(losses[-5:]) < 0.9 * np.mean(losses[:5])


def test_making_a_bundle_ends_with_one_that_can_be_read(tmp_path):
    plan = Plan(looks=4, views=2, held_out=3, titled=6, recipe=RECIPE)
    with Progress(disable=True) as progress:
        bundle, trained = make_bundle(tmp_path / "small", plan, progress)
    assert read_bundle(tmp_path / "small").digest == bundle.digest
    assert bundle.matching == MATCHING
    assert (bundle.image.backbone, bundle.image.crop) == (IMAGE.backbone, IMAGE.crop)
    assert bundle.provenance["metrics"]["image_recall_at_1"] == round(trained.recall, 4)
    assert bundle.provenance["plan"]["recipe"]["steps"] == 2
