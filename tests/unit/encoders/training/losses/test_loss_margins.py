"""ArcFace beside pytorch-metric-learning's, at the edges of the cosine, and its margins by hand."""

from math import cos, degrees, exp, log, pi, sin

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from pytorch_metric_learning.losses import ArcFaceLoss
from torch import nn

from encoders.training.losses import additive_angular, arcface, class_margins, warmed_up

SEEDS = st.integers(0, 2**31)
MARGINS = st.floats(0.0, pi / 2)


def batch(seed, rows=12, classes=5, dimensions=4):
    """Embeddings, class weights and labels; few dimensions, so that some angles are wide."""
    dice = torch.Generator().manual_seed(seed)
    embeddings = torch.randn(rows, dimensions, generator=dice, dtype=torch.float64)
    weights = torch.randn(classes, dimensions, generator=dice, dtype=torch.float64)
    return embeddings, weights, torch.randint(classes, (rows,), generator=dice)


@pytest.mark.parametrize("margin", [0.0, 0.1, 0.5, 1.0, 2.0])
def test_arcface_and_its_gradient_are_those_of_the_reference_library(margin):
    embeddings, weights, labels = batch(seed=3, rows=64)
    reference = ArcFaceLoss(5, 4, margin=degrees(margin), scale=16.0)
    reference.W = nn.Parameter(weights.T.clone())
    ours, theirs = (embeddings.clone().requires_grad_() for _ in range(2))
    loss, expected = arcface(ours, weights, labels, margin, 16.0), reference(theirs, labels)
    assert loss.item() == pytest.approx(expected.item())
    torch.testing.assert_close(*(torch.autograd.grad(loss, ours) + torch.autograd.grad(expected, theirs)))


def test_arcface_of_a_worked_example():
    """Cosines 0.6 to the own class and 0 to the other; cos(t + m) = 0.6 cos 0.5 - 0.8 sin 0.5."""
    own, other = 2 * (0.6 * cos(0.5) - 0.8 * sin(0.5)), 0.0
    loss = arcface(torch.tensor([[6.0, 8.0]]), torch.tensor([[2.0, 0.0], [0.0, 0.0]]), torch.tensor([0]), 0.5, 2.0)
    assert loss.item() == pytest.approx(-log(exp(own) / (exp(own) + exp(other))))


def test_only_the_own_class_is_made_harder_each_by_its_own_margin():
    cosines = torch.tensor([[0.5, 0.5, 0.5], [0.5, 0.5, 0.5]], dtype=torch.float64)
    harder = additive_angular(cosines, torch.tensor([0, 2]), torch.tensor([0.1, 0.2, 0.3]).double())
    expected = [[cos(pi / 3 + 0.1), 0.5, 0.5], [0.5, 0.5, cos(pi / 3 + 0.3)]]
    torch.testing.assert_close(harder, torch.tensor(expected, dtype=torch.float64), atol=1e-7, rtol=0)


@pytest.mark.parametrize("angle", [pi - 0.5 - 1e-6, pi - 0.5 + 1e-6])
def test_beyond_pi_less_the_margin_it_goes_on_falling(angle):
    harder = additive_angular(torch.tensor([[cos(angle)]]).double(), torch.tensor([0]), 0.5)
    expected = cos(angle + 0.5) if angle < pi - 0.5 else cos(angle) - 0.5 * sin(0.5)
    assert harder.item() == pytest.approx(expected, abs=1e-6)
    assert expected < -1 + 1e-6


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
@pytest.mark.parametrize(("cosine", "expected"), [(1.0, cos(0.5)), (-1.0, -1 - 0.5 * sin(0.5))])
@pytest.mark.parametrize("rounding", [-1, 0, 1])
def test_exactly_at_the_class_and_opposite_it_all_is_finite(dtype, cosine, expected, rounding):
    own = torch.tensor([[cosine + rounding * torch.finfo(dtype).eps]], dtype=dtype, requires_grad=True)
    harder = additive_angular(own, torch.tensor([0]), 0.5)
    (gradient,) = torch.autograd.grad(64 * harder.sum(), own)
    assert harder.item() == pytest.approx(expected, abs=1e-3)
    assert gradient.isfinite().all()


@pytest.mark.parametrize("sign", [1.0, -1.0])
def test_an_embedding_that_is_its_class_or_the_opposite_has_a_finite_gradient(sign):
    weights = torch.eye(2, 3, requires_grad=True)
    embeddings = torch.tensor([[sign, 0.0, 0.0]], requires_grad=True)
    loss = arcface(embeddings, weights, torch.tensor([0]), 0.5, 64.0)
    assert all(gradient.isfinite().all() for gradient in torch.autograd.grad(loss, (embeddings, weights)))


@pytest.mark.parametrize("margin", [28.6, -0.1, float("nan"), torch.tensor([0.3, 17.2, 0.3, 0.3, 0.3])])
def test_degrees_are_no_margins(margin):
    embeddings, weights, labels = batch(seed=0)
    with pytest.raises(ValueError, match=r"^margin: .* radians in \[0, pi\] wanted; math.radians"):
        arcface(embeddings, weights, labels, margin, 16.0)


@pytest.mark.parametrize("margin", [0.0, 0.7, torch.tensor([0.1, 0.2, 0.3, 0.4, 1.5]).double()])
def test_gradient_of_arcface(margin):
    embeddings, weights, labels = batch(seed=7, rows=8)
    inputs = embeddings.requires_grad_(), weights.requires_grad_()
    assert torch.autograd.gradcheck(lambda rows, classes: arcface(rows, classes, labels, margin, 8.0), inputs)


@settings(max_examples=25, deadline=None)
@given(seed=SEEDS, margins=st.tuples(MARGINS, MARGINS).map(sorted))
def test_more_margin_is_more_loss_and_none_is_the_softmax_of_cosines(seed, margins):
    embeddings, weights, labels = batch(seed)
    unit, classes = nn.functional.normalize(embeddings), nn.functional.normalize(weights)
    softmax = nn.functional.cross_entropy(16.0 * unit @ classes.T, labels).item()
    small, large = (arcface(embeddings, weights, labels, margin, 16.0).item() for margin in margins)
    assert arcface(embeddings, weights, labels, 0.0, 16.0).item() == pytest.approx(softmax)
    assert softmax <= small + 1e-9
    assert small <= large + 1e-9


@settings(max_examples=25, deadline=None)
@given(seed=SEEDS)
def test_order_of_rows_and_of_classes_and_lengths_do_not_matter(seed):
    embeddings, weights, labels = batch(seed)
    dice = torch.Generator().manual_seed(seed)
    rows, classes = torch.randperm(len(labels), generator=dice), torch.randperm(len(weights), generator=dice)
    loss = arcface(embeddings, weights, labels, 0.4, 16.0)
    shuffled = arcface(3 * embeddings[rows], 0.5 * weights[classes], classes.argsort()[labels[rows]], 0.4, 16.0)
    torch.testing.assert_close(shuffled, loss)


def test_half_precision_and_autocast_compute_in_float32():
    embeddings, weights, labels = batch(seed=1)
    embeddings, weights = embeddings.bfloat16(), weights.bfloat16()
    expected = arcface(embeddings.float(), weights.float(), labels, 0.3, 16.0)
    with torch.autocast("cpu", dtype=torch.bfloat16):
        loss = arcface(embeddings, weights.float(), labels, 0.3, 16.0)
    assert loss.dtype == torch.float32
    assert torch.equal(loss, expected)


def test_margins_by_class_size():
    """16 listings are 2 to the 4th as many as 1: with power 0.25 half the margin."""
    margins = class_margins(torch.tensor([16, 1, 256]), largest=0.8, power=0.25)
    torch.testing.assert_close(margins, torch.tensor([0.4, 0.8, 0.2]))


def test_the_smallest_class_has_the_largest_margin_however_large_it_is():
    torch.testing.assert_close(class_margins(torch.tensor([32, 2]), 0.8, 0.25), torch.tensor([0.4, 0.8]))


def test_without_power_all_classes_have_the_same_margin():
    assert class_margins(torch.tensor([1, 7, 300]), 0.5, 0.0).tolist() == [0.5, 0.5, 0.5]


@given(counts=st.lists(st.integers(1, 10_000), min_size=2, max_size=8), power=st.floats(0.01, 1.0))
@settings(max_examples=25, deadline=None)
def test_margins_fall_with_the_size_of_the_class(counts, power):
    margins = class_margins(torch.tensor(sorted(counts)), 1.0, power)
    assert (margins.diff() <= 0).all()
    assert margins[0] == 1.0
    assert (margins > 0).all()


@pytest.mark.parametrize(
    ("counts", "largest", "power", "said"),
    [
        ([3, 0], 0.5, 0.1, "class 1: 0 listings, 1 or more wanted"),
        ([3, 1], 0.5, -0.1, "class-size power: -0.1, 0 or more wanted"),
        ([3, 1], 28.6, 0.1, r"margin: .* to 28.6, radians"),
    ],
)
def test_sizes_that_give_no_margins_are_refused(counts, largest, power, said):
    with pytest.raises(ValueError, match=said):
        class_margins(torch.tensor(counts), largest, power)


@pytest.mark.parametrize(
    ("progress", "share", "expected"),
    [(0.0, 0.3, 0.0), (0.15, 0.3, 0.2), (0.3, 0.3, 0.4), (1.0, 0.3, 0.4), (0.0, 0.0, 0.4), (0.5, 1.0, 0.2)],
)
def test_margin_warms_up_in_a_line(progress, share, expected):
    assert warmed_up(0.4, progress, share) == pytest.approx(expected)
    torch.testing.assert_close(warmed_up(torch.tensor([0.4, 0.8]), progress, share)[1].item(), 2 * expected)
