"""The supervised contrastive loss beside pytorch-metric-learning's, and with anchors that have no positive."""

from math import exp, log

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from pytorch_metric_learning.losses import SupConLoss
from torch.nn import functional

from encoders.training.losses import supervised_contrastive

SOME_ALONE = torch.tensor([0, 1, 0, 2, 1, 0, 3, 4])
COUNT = len(SOME_ALONE)


def rows(seed, count=COUNT, dimensions=5):
    dice = torch.Generator().manual_seed(seed)
    return functional.normalize(torch.randn(count, dimensions, generator=dice, dtype=torch.float64))


@pytest.mark.parametrize("labels", [SOME_ALONE, SOME_ALONE // 2, SOME_ALONE % 2])
def test_loss_and_gradient_are_those_of_the_reference_library(labels):
    ours, theirs = (rows(seed=5).requires_grad_() for _ in range(2))
    loss, expected = (
        supervised_contrastive(ours, labels, 0.1),
        SupConLoss(temperature=0.1)(functional.normalize(theirs), labels),
    )
    assert loss.item() == pytest.approx(expected.item())
    gradient, other = torch.autograd.grad(loss, ours)[0], torch.autograd.grad(expected, theirs)[0]
    along = (gradient * ours).sum(1, keepdim=True) * ours  # theirs normalises, so that lengths have no gradient
    torch.testing.assert_close((gradient - along).detach(), other)


def test_an_anchor_without_positive_repels_and_is_left_out():
    """Rows 0 and 1 at cosine 0.6; row 2, alone, at 0 and 0.8 from them; temperature 0.5."""
    embeddings = torch.tensor([[1.0, 0.0], [0.6, 0.8], [0.0, 1.0]], dtype=torch.float64)
    first, second = -log(exp(1.2) / (exp(1.2) + exp(0.0))), -log(exp(1.2) / (exp(1.2) + exp(1.6)))
    loss = supervised_contrastive(embeddings, torch.tensor([7, 7, 3]), temperature=0.5)
    assert loss.item() == pytest.approx((first + second) / 2)


@pytest.mark.parametrize("count", [1, 2, 4])
def test_where_all_are_alone_loss_and_gradient_are_zero(count):
    embeddings = rows(seed=2, count=count).requires_grad_()
    loss = supervised_contrastive(embeddings, torch.arange(count), 0.1)
    (gradient,) = torch.autograd.grad(loss, embeddings)
    assert loss.item() == 0.0
    assert (gradient == 0).all()


def test_gradient_with_and_without_positives():
    def loss(embeddings):
        return supervised_contrastive(functional.normalize(embeddings), SOME_ALONE, 0.5)

    assert torch.autograd.gradcheck(loss, rows(seed=4).requires_grad_())


@settings(max_examples=20, deadline=None)
@given(seed=st.integers(0, 2**31), order=st.permutations(range(COUNT)))
def test_order_of_rows_does_not_matter(seed, order):
    embeddings = rows(seed)
    shuffled = supervised_contrastive(embeddings[order], SOME_ALONE[order], 0.1)
    torch.testing.assert_close(shuffled, supervised_contrastive(embeddings, SOME_ALONE, 0.1))


def test_half_precision_and_autocast_compute_in_float32():
    embeddings = rows(seed=6).bfloat16()
    expected = supervised_contrastive(embeddings.float(), SOME_ALONE, 0.1)
    with torch.autocast("cpu", dtype=torch.bfloat16):
        assert torch.equal(supervised_contrastive(embeddings, SOME_ALONE, 0.1), expected)
    assert expected.dtype == torch.float32
