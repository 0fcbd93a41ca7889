"""Every recipe learns what there is to be learned, ends the same however often it begins, and says what it lacks."""

from dataclasses import replace

import numpy as np
import pytest
import torch
from fakes.toy_catalogue import SIZE, changed, content, looked_at, named, order, photographed

from encoders.errors import TrainingError
from encoders.fitting import fit_bundle
from encoders.loading import load_encoder, load_joint
from encoders.training.data import Example, Examples
from encoders.training.looping import Progress
from encoders.training.recipes import RecipeName
from encoders.training.retrieval import figures
from encoders.training.train import train
from encoders.types import Content, Modality, Numeric

IMAGE, TEXT, JOINT = Modality.IMAGE, Modality.TEXT, Modality.JOINT
TUNED = {"rate": 1e-2, "head_rate": 1e-1, "batch": 16, "augment": 0}
JOINED = {"dimensions": 6, "products": 8, "rate": 5e-2}
SETTINGS = {"arcface": TUNED, "softmax": TUNED, "contrastive": JOINED, "unified": JOINED}
CATALOGUES = {"arcface": named, "softmax": named, "contrastive": looked_at, "unified": looked_at}


def slow(*values):
    return pytest.param(*values, marks=pytest.mark.slow)


class CutError(Exception):
    """What ends a run from inside."""


def cut_after(batches):
    """Ends a run after so many batches."""
    left = [batches]

    def advance(done):
        left[0] -= done
        if left[0] < 0:
            raise CutError

    return Progress(stage=lambda what, _total: advance if what.startswith("training") else lambda _done: None)


@pytest.fixture
def base(tiny_bundle):
    """The tiny bundle; for recipes over frozen encoders, as if its encoders had made the toy's rows."""

    def of(recipe):
        return tiny_bundle if RecipeName(recipe).tunes else replace(tiny_bundle, dimensions=SIZE)

    return of


@pytest.fixture
def trained(tmp_path, base):
    """Trains by a recipe, in a folder of the test."""

    def train_by(recipe, epochs, examples=None, folder="run", progress=None, **settings):
        asked = order(recipe, base(recipe), tmp_path / folder, epochs, **{**SETTINGS[recipe], **settings})
        return train(asked, CATALOGUES[recipe]() if examples is None else examples, progress or Progress())

    return train_by


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
    bundle, wanted = bundle_of(done, base("arcface"), tmp_path / "mine"), nearly(outcome.best.figures)
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


def test_an_encoder_whose_norms_explode_is_an_error_and_leaves_no_file(tmp_path, trained):
    with pytest.raises(TrainingError, match="lower"):
        trained("arcface", 3, rate=1e30, head_rate=1e30, scale=1e30)
    assert not list(tmp_path.rglob("head.safetensors"))
    assert not (tmp_path / "run" / "text" / "model").exists()


@pytest.mark.parametrize("recipe", ["contrastive", "unified"])
def test_rows_that_are_no_numbers_are_an_error_and_leave_no_file(tmp_path, trained, recipe):
    broken = changed(looked_at(), lambda one: replace(one, rows={m: row * np.nan for m, row in one.rows.items()}))
    with pytest.raises(TrainingError, match="that is no number"):
        trained(recipe, 3, broken)
    assert not list(tmp_path.rglob("joint.safetensors"))


ONE_PRODUCT = Examples.of(Example(str(number), "shoe", "red shoe") for number in range(9))
ONE_EACH = Examples.of(Example(str(number), str(number), "red shoe") for number in range(9))


@pytest.mark.parametrize("examples", [Examples(()), ONE_PRODUCT, ONE_EACH], ids=["none", "one product", "one each"])
@pytest.mark.parametrize("recipe", ["arcface", "contrastive"])
def test_too_few_products_are_told(trained, recipe, examples):
    rows = {m: np.ones(size, np.float32) for m, size in SIZE.items()}
    with_rows = changed(examples, lambda one: replace(one, rows=rows))
    told = "training data: .* (wanted; give more labelled listings|photos or titles wanted)"
    with pytest.raises(TrainingError, match=told):
        trained(recipe, 1, with_rows)


def test_every_encoder_s_data_are_looked_at_before_the_first_is_trained(tmp_path, base):
    asked = replace(order("arcface", base("arcface"), tmp_path / "run", 1), modalities=(TEXT, IMAGE))
    told = "training data, image: 0 products with more than one photo to learn from, at least 2 wanted; .*--modality"
    with pytest.raises(TrainingError, match=told):
        train(asked, named(), Progress())
    assert not (tmp_path / "run").exists()


def test_a_base_without_the_encoder_is_told(tmp_path, base):
    textless = replace(base("arcface"), text=None)
    told = "bundle 'tiny': no text encoder, one to start from wanted; .*'matchstream fit --text-model'"
    with pytest.raises(TrainingError, match=told):
        train(order("arcface", textless, tmp_path / "run", 1), named(), Progress())


def test_a_crop_larger_than_the_photo_is_told(tmp_path, base):
    asked = replace(order("arcface", base("arcface"), tmp_path / "run", 1, crop=64), modalities=(IMAGE,))
    with pytest.raises(TrainingError, match="photos of 40 pixels cropped to 64"):
        train(asked, named(), Progress())


def test_a_unified_space_needs_photos_and_words(trained):
    blind = changed(looked_at(), lambda one: replace(one, rows={TEXT: one.rows[TEXT]}))
    with pytest.raises(TrainingError, match="rows of text from bundle 'tiny', photos and titles wanted"):
        trained("unified", 1, blind)


def test_a_unified_space_needs_photos_that_words_can_find(trained):
    """Photos of one kind of product, words of another."""

    def change(one):
        kept = IMAGE if int(one.listing_id[:2]) % 2 else TEXT
        return replace(one, rows={kept: one.rows[kept]})

    with pytest.raises(TrainingError, match="no held-out product with a title, and a photo in another listing"):
        trained("unified", 1, changed(looked_at(), change))


def test_rows_of_one_modality_can_be_contrasted(trained):
    blind = changed(looked_at(), lambda one: replace(one, rows={TEXT: one.rows[TEXT]}))
    done = trained("contrastive", 12, blind)
    assert done.changes.joint.sources == (TEXT,)
    assert done.outcomes[JOINT].best.watched > done.outcomes[JOINT].untrained.watched + 0.2


def test_listings_without_rows_and_numbers_that_never_vary_are_left_out(trained):
    def change(one):
        rows = {} if one.listing_id.endswith("-0") else one.rows
        return replace(one, rows=rows, numbers={Numeric.ATTRIBUTES: 0.0, Numeric.WORDS: one.numbers[Numeric.WORDS]})

    done = trained("contrastive", 1, changed(looked_at(), change))
    assert len(done.examples) == 72
    assert done.changes.joint.numeric == (Numeric.WORDS,)
    assert not done.changes.joint.cross_modal


def test_a_run_of_other_data_is_not_gone_on_with(trained):
    with pytest.raises(CutError):
        trained("contrastive", 3, progress=cut_after(1))
    other = changed(looked_at(), lambda one: replace(one, rows={m: -row for m, row in one.rows.items()}))
    with pytest.raises(TrainingError, match=r"begun with rows .* --restart"):
        trained("contrastive", 3, other)
