"""Every recipe says what it lacks, and what went wrong; it does with what there is."""

from dataclasses import replace

import numpy as np
import orjson
import pytest
from fakes.recipe_runs import CutError, cut_after
from fakes.toy_catalogue import FUSED_SIZE, SIZE, changed, looked_at, named, order

from encoders.bundle.reading import FORMAT
from encoders.errors import TrainingError
from encoders.training.data import Example, Examples
from encoders.training.looping import Progress
from encoders.training.looping.checkpoints import STATE
from encoders.training.train import train
from encoders.types import Modality, Numeric

IMAGE, TEXT, JOINT = Modality.IMAGE, Modality.TEXT, Modality.JOINT
IMAGES = Modality.JOINT_IMAGE


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


def test_fusion_needs_a_base_with_a_dual_encoder(tmp_path, base):
    told = "recipe 'fusion': bundle 'tiny' without a dual encoder, one of .* wanted; .*'matchstream fit --joint-model'"
    with pytest.raises(TrainingError, match=told):
        train(order("fusion", base("contrastive"), tmp_path / "run", 1), looked_at(), Progress())
    assert not (tmp_path / "run").exists()


def test_fusion_needs_rows_of_the_dual_encoder(trained):
    with pytest.raises(TrainingError, match="rows of image, text alone from bundle 'tiny', some of its dual encoder"):
        trained("fusion", 1, looked_at())


def test_photos_alone_in_the_shared_space_are_fused(trained):
    seen = changed(looked_at(sizes=FUSED_SIZE), lambda one: replace(one, rows={IMAGES: one.rows[IMAGES]}))
    done = trained("fusion", 12, seen)
    assert done.changes.joint.sources == (IMAGES,)
    assert done.outcomes[JOINT].best.watched > done.outcomes[JOINT].untrained.watched + 0.2


def test_what_joins_others_says_who_joins_a_dual_encoder(tmp_path, base):
    seen = changed(looked_at(sizes=FUSED_SIZE), lambda one: replace(one, rows={IMAGES: one.rows[IMAGES]}))
    with pytest.raises(TrainingError, match=r"rows of no modality from bundle 'tiny', .* or take the recipe fusion"):
        train(order("contrastive", base("fusion"), tmp_path / "run", 1), seen, Progress())


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


def test_a_run_of_another_version_is_not_gone_on_with(tmp_path, trained):
    with pytest.raises(CutError):
        trained("contrastive", 3, progress=cut_after(1))
    file = tmp_path / "run" / "joint" / "checkpoint" / STATE
    state = orjson.loads(file.read_bytes())
    assert state["plan"]["bundle_format"] == FORMAT
    file.write_bytes(orjson.dumps({**state, "plan": {**state["plan"], "matchstream": "0.0.1"}}))
    with pytest.raises(TrainingError, match=r"begun with matchstream 0\.0\.1, matchstream .* wanted; .*--restart"):
        trained("contrastive", 3)
