"""The joint space while it is learned: the rows of the joint encoder that comes of it, and what listings lack."""

from dataclasses import replace

import numpy as np
import pytest
import torch
from fakes.toy_catalogue import SIZE, changed, looked_at
from hypothesis import given, settings
from hypothesis import strategies as st

from encoders.bundle import JointSpec
from encoders.errors import TrainingError
from encoders.joint import JointEncoder
from encoders.training.data import Examples
from encoders.training.losses import supervised_contrastive
from encoders.training.tasks import (
    ContrastingTask,
    ContrastiveSettings,
    Frozen,
    JointNetwork,
    UnifiedRecipeSettings,
    UnifyingTask,
)
from encoders.training.tasks.contrasting import thinned
from encoders.training.tasks.unifying import views_of
from encoders.types import Modality, Numeric

IMAGE, TEXT = Modality.IMAGE, Modality.TEXT
NUMBERS = (Numeric.LOG_PRICE, Numeric.WORDS)


def lacking(examples, seed=3):
    """Listings that lack a photo, a title or a number here and there; something to look at is left."""
    rng = np.random.default_rng(seed)

    def change(one):
        gone = rng.choice([None, IMAGE, TEXT])
        rows = {modality: row for modality, row in one.rows.items() if modality != gone}
        return replace(one, rows=rows, numbers={name: x for name, x in one.numbers.items() if rng.random() < 0.7})

    return changed(examples, change)


@pytest.mark.parametrize("hidden", [0, 7])
@pytest.mark.parametrize("numeric", [(), NUMBERS], ids=["rows", "rows and numbers"])
@pytest.mark.parametrize("sizes", [SIZE, {TEXT: SIZE[TEXT]}], ids=["both", "titles"])
def test_the_joint_encoder_gives_the_rows_of_the_network(hidden, numeric, sizes):
    torch.manual_seed(4)
    examples = changed(lacking(looked_at()), lambda one: one if sizes.keys() & one.rows.keys() else None)
    network = JointNetwork(sizes, 5, hidden, len(numeric))
    frozen = Frozen(examples, sizes, numeric)
    tensors = network.tensors()
    if numeric:
        tensors |= {"numeric.mean": frozen.scale[:, 0], "numeric.std": frozen.scale[:, 1]}
    encoder = JointEncoder(JointSpec("joint.safetensors", tuple(sizes), numeric), tensors)
    wanted = network(frozen.known, frozen.present).detach().numpy()
    rows = np.stack([encoder.row(one.rows, one.numbers) for one in examples.all])
    np.testing.assert_allclose(rows, wanted, atol=1e-5)


def test_some_listings_are_known_as_among_all():
    frozen = Frozen(lacking(looked_at()), SIZE, NUMBERS)
    known, present = frozen.at([5, 2])
    for name, rows in frozen.known.items():
        assert torch.equal(known[name], rows[[5, 2]])
        assert torch.equal(present[name], frozen.present[name][[5, 2]])


def test_numbers_are_standardised_by_what_was_learned_from():
    examples = looked_at()
    training = Frozen(examples, SIZE, NUMBERS)
    values = training.known["numeric"].double().numpy()
    assert values.mean(0) == pytest.approx([0, 0], abs=1e-6)
    assert values.std(0) == pytest.approx([1, 1], abs=1e-6)
    dearer = changed(examples, lambda one: replace(one, numbers={Numeric.LOG_PRICE: one.numbers[NUMBERS[0]] + 1}))
    held_out = Frozen(dearer, SIZE, NUMBERS, training.scale).known["numeric"].double().numpy()
    assert held_out[:, 0] - values[:, 0] == pytest.approx(1 / training.scale[0, 1], abs=1e-5)
    assert not held_out[:, 1].any()


def test_a_number_that_never_varies_counts_nothing():
    """The mean of equal prices is off in its last digit, and dividing by that would make noise of it."""
    examples = changed(looked_at(), lambda one: replace(one, numbers={Numeric.LOG_PRICE: np.log(19.99)}))
    frozen = Frozen(examples, SIZE, NUMBERS)
    assert frozen.scale[:, 1].tolist() == [1.0, 1.0]
    assert frozen.known["numeric"].abs().max() < 1e-6


@settings(max_examples=30)
@given(st.integers(0, 99), st.floats(0, 1), st.integers(1, 3))
def test_thinning_never_takes_the_last_source(seed, share, sources):
    rng = np.random.default_rng(seed)
    present = {str(name): torch.from_numpy(rng.random(40) < 0.7) for name in range(sources)}
    present["0"] |= ~torch.stack([*present.values()]).any(0)
    kept = thinned({**present, "numeric": torch.ones(40, dtype=torch.bool)}, share, seed)
    assert torch.stack([kept[name] for name in present]).any(0).all()
    assert kept["numeric"].all()
    assert all(bool((present[name] | ~kept[name]).all()) for name in present)


def test_thinning_takes_about_the_share_and_is_decided_by_the_seed():
    present = {"image": torch.ones(5000, dtype=torch.bool), "text": torch.ones(5000, dtype=torch.bool)}
    kept = thinned(present, 0.2, seed=1)
    assert (~kept["image"]).double().mean() == pytest.approx(0.2, abs=0.02)
    assert (~kept["text"]).double().mean() == pytest.approx(0.2 * 0.8, abs=0.02)
    assert torch.equal(kept["text"], thinned(present, 0.2, seed=1)["text"])
    assert not torch.equal(kept["text"], thinned(present, 0.2, seed=2)["text"])
    assert thinned(present, 0.0, seed=1)["text"].all()


def unifying(examples, **changes):
    frozen = Frozen(examples, SIZE)
    torch.manual_seed(0)
    return UnifyingTask(frozen, frozen, JointNetwork(SIZE, 5), UnifiedRecipeSettings(products=6, **changes), seed=1)


def test_views_are_of_what_a_listing_has():
    examples = lacking(looked_at())
    frozen = Frozen(examples, SIZE)
    network = JointNetwork(SIZE, 5)
    views = views_of(network, frozen.known, frozen.present)
    assert views.keys() == {"image", "text", "both"}
    for modality in SIZE:
        assert views[modality].present.tolist() == [modality in one.rows for one in examples.all]
    assert views["both"].present.tolist() == [len(one.rows) == 2 for one in examples.all]
    alone = next(at for at, one in enumerate(examples.all) if set(one.rows) == {TEXT})
    torch.testing.assert_close(views["both"].rows[alone], views["text"].rows[alone])


def test_batches_couple_two_listings_of_a_product_or_one_with_itself():
    task = unifying(changed(looked_at(), lambda one: None if one.listing_id in {"03-1", "03-2", "03-3"} else one))
    labels = [one.label for one in task._training.examples.all]
    alone = 0
    for batch in task.batches(0):
        couples = task.load(batch)
        assert [labels[at] for at in couples.triggers] == [labels[at] for at in couples.offers]
        assert len({labels[at] for at in couples.triggers}) == len(couples.triggers)
        same = {labels[one] for one, other in zip(couples.triggers, couples.offers, strict=True) if one == other}
        assert same <= {"product 3"}
        alone += len(same)
    assert alone >= 1


@pytest.mark.parametrize("left", [IMAGE, TEXT])
def test_batches_without_a_view_still_have_a_finite_loss(left):
    task = unifying(changed(looked_at(), lambda one: replace(one, rows={left: one.rows[left]})))
    loss = task.loss(task.load(task.batches(0)[0]), 0.0)
    loss.backward()
    assert all(one.grad is None or bool(one.grad.isfinite().all()) for one in task.network.parameters())
    assert loss.isfinite()


def test_weights_of_the_terms_are_the_settings():
    def loss(**weights):
        task = unifying(looked_at(), **{"matching": 0, "consistency": 0, "locality": 0, **weights})
        return task.loss(task.load(task.batches(0)[0]), 0.0).item()

    alone = [loss(matching=1), loss(consistency=1), loss(locality=1)]
    assert min(alone) > 0
    assert loss(matching=2, consistency=3, locality=4) == pytest.approx(np.dot([2, 3, 4], alone), rel=1e-5)


def test_the_contrastive_loss_is_that_of_a_batch_s_rows():
    frozen = Frozen(looked_at(), SIZE, NUMBERS)
    settings_ = ContrastiveSettings(products=6, drop_source=0, temperature=0.2)
    task = ContrastingTask(frozen, frozen, JointNetwork(SIZE, 5, 0, 2), settings_, seed=1)
    batch = task.load(task.batches(0)[0])
    rows = task.network(*frozen.at(batch.places))
    wanted = supervised_contrastive(rows, frozen.codes[list(batch.places)], 0.2)
    assert task.loss(batch, 0.0).item() == pytest.approx(wanted.item())
    assert {task.loss(batch, 0.0).item() for _ in range(3)} == {task.loss(batch, 0.9).item()}


def test_views_are_where_the_network_is():
    frozen = Frozen(lacking(looked_at()), SIZE)
    views = views_of(JointNetwork(SIZE, 5).to("meta"), frozen.known, frozen.present)
    assert {one.device.type for view in views.values() for one in (view.rows, view.present)} == {"meta"}


def test_principal_components_keep_what_all_sources_say():
    """As many of them as there are directions only turn what stands side by side."""
    examples = lacking(looked_at())
    frozen = Frozen(examples, SIZE, NUMBERS)
    network = JointNetwork(SIZE, sum(SIZE.values()), 0, 2)
    network.start_from_principal(frozen.known, frozen.present)
    beside = []
    for modality in SIZE:
        there = frozen.present[modality]
        center = frozen.known[modality][there].mean(0)
        beside.append(torch.where(there[:, None], frozen.known[modality] - center, 0.0))
    wanted = torch.nn.functional.normalize(torch.cat(beside, dim=1))
    rows = network(frozen.known, frozen.present).detach()
    torch.testing.assert_close(rows @ rows.T, wanted @ wanted.T, atol=1e-5, rtol=1e-4)


def test_principal_components_of_few_dimensions_are_the_strongest_and_more_are_empty():
    frozen = Frozen(changed(looked_at(), lambda one: replace(one, rows={TEXT: one.rows[TEXT]})), SIZE)
    centered = frozen.known["text"] - frozen.known["text"].mean(0)
    strongest = torch.linalg.svd(centered, full_matrices=False).Vh[:3]
    network = JointNetwork(SIZE, 3)
    network.start_from_principal(frozen.known, frozen.present)
    weight = network.get_submodule("parts.text.0").weight.detach()
    torch.testing.assert_close((weight @ strongest.T).abs(), torch.eye(3), atol=1e-4, rtol=0)
    wide = JointNetwork(SIZE, 30)
    wide.start_from_principal(frozen.known, frozen.present)
    assert not wide.get_submodule("parts.text.0").weight[22:].any()


def test_a_row_that_is_no_number_is_told():
    broken = replace(looked_at().all[5], rows={TEXT: np.full(SIZE[TEXT], np.nan, np.float32)})
    with pytest.raises(TrainingError, match="listing '01-1': a row of text that is no number, finite ones wanted"):
        Frozen(Examples.of([*looked_at().all[:5], broken]), SIZE)


def test_batches_of_an_epoch_are_its_own():
    task = unifying(looked_at())
    assert task.batches(0) == unifying(looked_at()).batches(0)
    assert task.batches(0) != task.batches(1)


def test_nobody_is_known_of_no_listings():
    frozen = Frozen(Examples(()), SIZE)
    assert [tuple(rows.shape) for rows in frozen.known.values()] == [(0, 12), (0, 10)]
