"""Every recipe learns what there is to be learned, and ends the same however often it begins."""

from dataclasses import replace

import numpy as np
import pytest
import torch
from fakes.recipe_runs import JOINED, TUNED, CutError, cut_after
from fakes.toy_catalogue import changed, content, looked_at, looked_at_by_both, named, order, photographed

from encoders.fitting import fit_bundle
from encoders.loading import load_encoder, load_joint
from encoders.training.looping import Progress
from encoders.training.recipes import RecipeName
from encoders.training.retrieval import figures
from encoders.training.train import train
from encoders.types import Content, Modality

IMAGE, TEXT, JOINT = Modality.IMAGE, Modality.TEXT, Modality.JOINT


def slow(*values):
    return pytest.param(*values, marks=pytest.mark.slow)


def bundle_of(trained, base, path):
    return fit_bundle(["red shoe"], path, base=base, changes=trained.changes)


def measured_again(bundle, examples, modality):
    """The figures of a bundle's own rows."""
    contents = [Content(one.title or None, one.image.read_bytes() if one.image else None) for one in examples.all]
    rows = [one.embedding[modality] for one in load_encoder(bundle, device="cpu").encode(contents)]
    return figures(torch.from_numpy(np.stack(rows)), examples.codes)


def nearly(wanted):
    """The same figures, but for near ties of a few rows: kernels of another machine or batch break those otherwise."""
    return pytest.approx(wanted, abs=0.1)


@pytest.mark.parametrize("recipe", ["arcface", slow("softmax")])
def test_an_encoder_learns_to_tell_products_apart(tmp_path, base, trained, recipe):
    done = trained(recipe, 20)
    outcome = done.outcomes[TEXT]
    assert outcome.best.watched > outcome.untrained.watched + 0.2
    assert done.split.held_out.several >= 2
    bundle = bundle_of(done, base(recipe), tmp_path / "mine")
    assert measured_again(bundle, done.split.held_out, TEXT) == nearly(outcome.best.figures)
    assert bundle.image == base(recipe).image


def test_a_projection_finds_what_frozen_encoders_do_not(trained):
    outcome = trained("contrastive", 12).outcomes[JOINT]
    assert outcome.best.figures["mean_f1"] == outcome.best.watched > outcome.untrained.watched + 0.3


def test_a_projection_learns_from_a_dual_encoder_beside_the_others(trained):
    done = trained("fusion", 12)
    outcome = done.outcomes[JOINT]
    assert outcome.best.watched > outcome.untrained.watched + 0.1
    assert done.changes.joint.sources == (IMAGE, TEXT, Modality.JOINT_IMAGE, Modality.JOINT_TEXT)
    assert not done.changes.joint.cross_modal


@pytest.mark.parametrize("recipe", ["contrastive", "unified"])
def test_other_projections_leave_a_dual_encoder_alone(base, tmp_path, recipe):
    asked = order(recipe, base("fusion"), tmp_path / "run", 1, **JOINED)
    assert train(asked, looked_at_by_both(), Progress()).changes.joint.sources == (IMAGE, TEXT)


def test_photos_find_words_and_words_photos(trained):
    outcome = trained("unified", 12).outcomes[JOINT]
    found = outcome.best.figures
    assert found["cross_modal_recall"] == outcome.best.watched > outcome.untrained.watched + 0.25
    assert found["text_finds_photo_recall_at_10"] > 0.9
    assert found["photo_finds_text_recall_at_10"] > 0.9


@pytest.mark.slow
def test_an_image_encoder_learns_to_look_past_backgrounds(tmp_path, base):
    examples = photographed(tmp_path)
    settings = {**TUNED, "rate": 3e-3, "head_rate": 3e-2}
    asked = order("arcface", base("arcface"), tmp_path / "run", 10, **settings)
    done = train(replace(asked, modalities=(IMAGE,)), examples, Progress())
    outcome = done.outcomes[IMAGE]
    assert outcome.best.watched > outcome.untrained.watched + 0.2
    # Cosines of these photos are all above 0.9998, and the nearest differ by less than float16 tells apart
    exact = replace(done, changes=replace(done.changes, rows="float32"))
    bundle, wanted = bundle_of(exact, base("arcface"), tmp_path / "mine"), nearly(outcome.best.figures)
    assert measured_again(bundle, done.split.held_out, IMAGE) == wanted
    asked = replace(order("arcface", bundle, tmp_path / "again", 1, **settings), modalities=(IMAGE,))
    assert train(asked, examples, Progress()).outcomes[IMAGE].untrained.figures == wanted


def test_augmented_photos_at_another_size_make_a_bundle_of_that_size(tmp_path, base):
    examples = photographed(tmp_path, products=5, listings=3)
    asked = order("softmax", base("softmax"), tmp_path / "run", 1, resize=32, crop=24, prototypes=True)
    done = train(replace(asked, modalities=(IMAGE,)), examples, Progress())
    bundle = bundle_of(done, base("softmax"), tmp_path / "mine")
    assert (bundle.image.resize, bundle.image.crop) == (32, 24)
    wanted = nearly(done.outcomes[IMAGE].best.figures)
    assert measured_again(bundle, done.split.held_out, IMAGE) == wanted


@pytest.mark.parametrize("recipe", ["contrastive", "unified"])
def test_a_joint_space_in_a_bundle_is_the_one_that_was_measured(tmp_path, tiny_bundle, recipe):
    """Over rows as long as the tiny encoders' own, so that a bundle of them and the joint space can be written."""
    wide = {IMAGE: 1024, TEXT: 16}
    examples = changed(looked_at(), lambda one: replace(one, rows={m: padded(one.rows[m], n) for m, n in wide.items()}))
    done = train(order(recipe, tiny_bundle, tmp_path / "run", 2, **JOINED), examples, Progress())
    bundle = bundle_of(done, tiny_bundle, tmp_path / "mine")
    assert bundle.joint.cross_modal == (recipe == "unified")
    joint, held_out = load_joint(bundle), done.split.held_out
    rows = np.stack([joint.row(one.rows, one.numbers) for one in held_out.all])
    best = done.outcomes[JOINT].best.figures
    found = figures(torch.from_numpy(rows), held_out.codes)
    assert found == nearly({name: best[name] for name in found})


def padded(row, size):
    return np.pad(row, (0, size - len(row)))


def test_going_on_from_a_trained_bundle_begins_where_it_ended(tmp_path, base, trained):
    first = trained("arcface", 2)
    bundle = bundle_of(first, base("arcface"), tmp_path / "first")
    for neck in (True, False):
        asked = order("arcface", bundle, tmp_path / f"again {neck}", 1, **TUNED, neck=neck)
        again = train(asked, named(), Progress())
        wanted = first.outcomes[TEXT].best.figures
        assert again.outcomes[TEXT].untrained.figures == nearly(wanted)
        second = bundle_of(again, bundle, tmp_path / "second")
        found = measured_again(second, again.split.held_out, TEXT)
        assert found == nearly(again.outcomes[TEXT].best.figures)


def test_titles_are_cut_in_the_bundle_where_they_were_in_training(tmp_path, base):
    short = replace(base("softmax"), text=replace(base("softmax").text, max_tokens=6))
    done = train(order("softmax", short, tmp_path / "run", 1, **TUNED), named(), Progress())
    bundle = bundle_of(done, short, tmp_path / "mine")
    assert bundle.text.max_tokens == 6
    found = measured_again(bundle, done.split.held_out, TEXT)
    assert found == nearly(done.outcomes[TEXT].best.figures)


@pytest.mark.parametrize("recipe", ["arcface", "contrastive", slow("softmax"), slow("unified")])
def test_a_run_that_was_interrupted_ends_with_the_same_bundle(tmp_path, base, trained, recipe):
    settings = {"prototypes": True, "augment": 0.5} if RecipeName(recipe).tunes else {}
    undisturbed = bundle_of(trained(recipe, 3, **settings), base(recipe), tmp_path / "one")
    # as if it had been killed before its first checkpoint was whole
    (tmp_path / "cut" / (TEXT if RecipeName(recipe).tunes else JOINT) / "checkpoint").mkdir(parents=True)
    for batches in (0, 5):
        with pytest.raises(CutError):
            trained(recipe, 3, folder="cut", progress=cut_after(batches), **settings)
    again = bundle_of(trained(recipe, 3, folder="cut", **settings), base(recipe), tmp_path / "two")
    assert content(again.path) == content(undisturbed.path)


def test_another_seed_makes_other_weights(tmp_path, base):
    def joint(seed):
        asked = order("contrastive", base("contrastive"), tmp_path / str(seed), 1, **JOINED)
        asked = replace(asked, course=replace(asked.course, seed=seed))
        return train(asked, looked_at(), Progress()).changes.joint_weights.read_bytes()

    assert joint(0) != joint(1)
