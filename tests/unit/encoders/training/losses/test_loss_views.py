"""The unified loss: each term by hand, all of it beside plain loops, and views that are missing."""

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch.nn import functional

from encoders.training.losses import UnifiedSettings, View, consistency, locality, matching, unified

NAMES = ("image", "text", "both")
LABELS = torch.tensor([0, 1, 2, 1, 3, 4])
STRICT = UnifiedSettings(margin=0.3, matching=1.0, consistency=0.7, locality=2.0, tolerance=0.02, hardest=3)


def view(*rows):
    return View(torch.tensor(rows, dtype=torch.float64), torch.ones(len(rows), dtype=torch.bool))


def side(seed, missing=0.0, names=NAMES):
    """Random views of as many listings as there are labels, some of them missing."""
    dice = torch.Generator().manual_seed(seed)

    def one():
        rows = functional.normalize(torch.randn(len(LABELS), 3, generator=dice, dtype=torch.float64))
        return View(rows, torch.rand(len(LABELS), generator=dice) >= missing)

    return {name: one() for name in names}


def hinge_by_loops(anchors, targets, margin):
    """The loss of each anchor that has its target and somebody else's."""
    losses = []
    for i in range(len(LABELS)):
        others = [j for j in range(len(LABELS)) if LABELS[j] != LABELS[i] and targets.present[j]]
        if anchors.present[i] and targets.present[i] and others:
            own = anchors.rows[i] @ targets.rows[i]
            over = [max(0.0, float(anchors.rows[i] @ targets.rows[j] - own + margin)) for j in others]
            losses.append(sum(over) / len(over))
    return losses


def drift_by_loops(own, other, offer, tolerance, hardest):
    losses = []
    for i in range(len(LABELS)):
        near = sorted((-float(own.rows[i] @ offer.rows[j]), j) for j in range(len(LABELS)) if offer.present[j])[
            :hardest
        ]
        if own.present[i] and other.present[i] and near:
            apart = [float((own.rows[i] - other.rows[i]) @ offer.rows[j]) ** 2 for _, j in near]
            losses.append(sum(max(0.0, square - tolerance) for square in apart) / len(apart))
    return losses


def unified_by_loops(triggers, offers, chosen):
    """The mean of each term over all anchors of all pairs of views, weighted."""
    found = {"matching": [], "consistency": [], "locality": []}
    for one in triggers:
        for offer in offers.values():
            found["matching"] += hinge_by_loops(triggers[one], offer, chosen.margin)
        for other in set(triggers) - {one}:
            found["consistency"] += hinge_by_loops(triggers[one], triggers[other], chosen.margin)
            for offer in offers.values():
                found["locality"] += drift_by_loops(
                    triggers[one], triggers[other], offer, chosen.tolerance, chosen.hardest
                )
    return sum(getattr(chosen, term) * sum(losses) / max(len(losses), 1) for term, losses in found.items())


def test_matching_of_a_worked_example():
    """Own offers at 0.8, others' at 0.6: with margin 0.3 each misses by 0.6 - 0.8 + 0.3."""
    triggers, offers = {"image": view([1, 0], [0, 1])}, {"text": view([0.8, 0.6], [0.6, 0.8])}
    assert matching(triggers, offers, torch.tensor([0, 1]), 0.3).item() == pytest.approx(0.1)
    assert matching(triggers, offers, torch.tensor([0, 1]), 0.1).item() == 0.0


def test_matching_takes_every_view_of_triggers_to_every_view_of_offers():
    """Of four pairs of views only text to text misses: by 1 - 0 + 0.5 for both of its listings."""
    triggers = {"image": view([1, 0, 0], [0, 1, 0]), "text": view([1, 0, 0], [0, 1, 0])}
    offers = {"image": view([1, 0, 0], [0, 1, 0])}
    assert matching(triggers, offers, torch.tensor([0, 1]), 0.5).item() == 0.0
    swapped = offers | {"text": view([0, 1, 0], [1, 0, 0])}
    assert matching(triggers, swapped, torch.tensor([0, 1]), 0.5).item() == pytest.approx((0 + 0 + 1.5 + 1.5) / 4)


def test_listings_of_one_product_are_not_each_others_negatives():
    triggers, offers = {"image": view([1, 0], [0, 1])}, {"image": view([0, 1], [1, 0])}
    assert matching(triggers, offers, torch.tensor([0, 1]), 0.3).item() == pytest.approx(1.3)
    assert matching(triggers, offers, torch.tensor([5, 5]), 0.3).item() == 0.0


def test_consistency_of_a_worked_example():
    """Text finds image: 0.8 - 0.6 + 0.3 and nothing; image finds text: nothing and 0.8 - 1 + 0.3."""
    views = {"image": view([1, 0], [0, 1]), "text": view([0.6, 0.8], [0, 1])}
    assert consistency(views, torch.tensor([0, 1]), 0.3).item() == pytest.approx((0.5 + 0 + 0 + 0.1) / 4)


@pytest.mark.parametrize(("hardest", "expected"), [(1, (0.03 + 0.03) / 4), (2, (0.19 + 0.19) / 4), (10, 0.38 / 4)])
def test_locality_of_a_worked_example(hardest, expected):
    """Cosines of listing 0 with the offers: 1 and 0 by image, 0.8 and 0.6 by text; of listing 1 the same by both.

    Squares 0.04 and 0.36, each less 0.01; both views find offer 0 nearest.
    """
    triggers = {"image": view([1, 0], [0, 1]), "text": view([0.8, 0.6], [0, 1])}
    offers = {"image": view([1, 0], [0, 1])}
    assert locality(triggers, offers, 0.01, hardest).item() == pytest.approx(expected)


def test_one_view_alone_has_nothing_to_agree_with():
    triggers, offers = side(1, names=["image"]), side(2)
    assert consistency(triggers, LABELS, 0.3).item() == 0.0
    assert locality(triggers, offers, 0.0, 10).item() == 0.0
    expected = STRICT.matching * matching(triggers, offers, LABELS, STRICT.margin)
    torch.testing.assert_close(unified(triggers, offers, LABELS, STRICT), expected)


@settings(max_examples=10, deadline=None)
@given(seed=st.integers(0, 2**31), missing=st.sampled_from([0.0, 0.3, 0.8]))
def test_unified_is_what_plain_loops_find(seed, missing):
    triggers, offers = side(seed, missing), side(seed + 1, missing, names=["text", "image"])
    expected = unified_by_loops(triggers, offers, STRICT)
    assert unified(triggers, offers, LABELS, STRICT).item() == pytest.approx(expected)


@settings(max_examples=10, deadline=None)
@given(seed=st.integers(0, 2**31), order=st.permutations(range(len(LABELS))))
def test_order_of_rows_does_not_matter(seed, order):
    def reordered(views):
        return {name: View(one.rows[order], one.present[order]) for name, one in views.items()}

    triggers, offers = side(seed, missing=0.3), side(seed + 1, missing=0.3)
    shuffled = unified(reordered(triggers), reordered(offers), LABELS[order], STRICT)
    torch.testing.assert_close(shuffled, unified(triggers, offers, LABELS, STRICT))


def test_a_listing_of_which_every_view_is_missing_is_as_if_it_were_not_there():
    def first(views, count):
        return {name: View(one.rows[:count], one.present[:count]) for name, one in views.items()}

    def without_last(views):
        return {name: View(one.rows, torch.arange(6) < 5) for name, one in views.items()}

    triggers, offers = side(3), side(4)
    expected = unified(first(triggers, 5), first(offers, 5), LABELS[:5], STRICT)
    torch.testing.assert_close(unified(without_last(triggers), without_last(offers), LABELS, STRICT), expected)


def test_a_view_that_nobody_has_is_as_if_it_were_not_there():
    def nobody(one):
        return View(one.rows, torch.zeros_like(one.present))

    triggers, offers = side(3), side(4)
    expected = unified(side(3, names=NAMES[:2]), side(4, names=NAMES[:2]), LABELS, STRICT)
    triggers["both"], offers["both"] = nobody(triggers["both"]), nobody(offers["both"])
    torch.testing.assert_close(unified(triggers, offers, LABELS, STRICT), expected)


@pytest.mark.parametrize("kept", [0, 1, 4])
def test_what_stands_in_missing_rows_is_never_read(kept):
    def damaged(one):
        rows = one.rows.clone()
        rows[kept:] = torch.nan
        return View(rows.requires_grad_(), torch.arange(6) < kept)

    triggers, offers = ({name: damaged(one) for name, one in side(seed).items()} for seed in (3, 4))
    loss = unified(triggers, offers, LABELS, STRICT)
    rows = [one.rows for views in (triggers, offers) for one in views.values()]
    gradients = torch.stack(torch.autograd.grad(loss, rows))
    assert loss.isfinite()
    assert gradients.isfinite().all()
    assert (gradients[:, kept:] == 0).all()
    assert bool((gradients[:, :kept] != 0).any()) == (kept > 0)


@pytest.mark.parametrize("term", ["matching", "consistency", "locality"])
def test_gradient_of_each_term(term):
    weights = {name: float(name == term) for name in ("matching", "consistency", "locality")}
    chosen = UnifiedSettings(**weights, tolerance=0.0, hardest=6)
    present = [one.present for one in side(6, missing=0.3).values()] * 2

    def loss(*rows):
        views = [View(functional.normalize(some), there) for some, there in zip(rows, present, strict=True)]
        triggers, offers = (dict(zip(NAMES, half, strict=True)) for half in (views[:3], views[3:]))
        return unified(triggers, offers, LABELS, chosen)

    inputs = tuple(one.rows.requires_grad_() for seed in (7, 8) for one in side(seed).values())
    assert torch.autograd.gradcheck(loss, inputs)


def test_half_precision_and_autocast_compute_in_float32():
    def as_type(views, dtype):
        return {name: View(one.rows.bfloat16().to(dtype), one.present) for name, one in views.items()}

    halves, whole = ([as_type(side(seed), dtype) for seed in (1, 2)] for dtype in (torch.bfloat16, torch.float32))
    expected = unified(*whole, LABELS, STRICT)
    with torch.autocast("cpu", dtype=torch.bfloat16):
        assert torch.equal(unified(*halves, LABELS, STRICT), expected)
    assert expected.dtype == torch.float32
