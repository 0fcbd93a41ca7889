"""Heads: what they compute, how they warm up, and where they start."""

import pytest
import torch
from torch import nn

from encoders.training.losses import ArcFaceHead, ArcFaceSettings, SoftmaxHead, arcface

LABELS = torch.tensor([0, 1, 2, 2])
PROTOTYPES = torch.tensor([[3.0, 0.0], [0.0, 0.1], [-1.0, -1.0]])


@pytest.fixture(autouse=True)
def _seeded():
    with torch.random.fork_rng():
        torch.manual_seed(11)
        yield


def arcface_head(**changes):
    return ArcFaceHead(3, 2, ArcFaceSettings(**changes))


@pytest.mark.parametrize(("progress", "margin"), [(0.0, 0.0), (0.1, 0.2), (0.2, 0.4), (1.0, 0.4)])
def test_arcface_head_has_the_margin_that_progress_allows(progress, margin):
    head, embeddings = arcface_head(margin_radians=0.4, scale=8.0, warm_up=0.2), torch.randn(4, 2)
    expected = arcface(embeddings, head.class_weights, LABELS, margin, 8.0)
    torch.testing.assert_close(head(embeddings, LABELS, progress), expected)


def test_arcface_head_gives_small_classes_the_large_margins():
    settings = ArcFaceSettings(margin_radians=0.8, scale=8.0, class_size_power=0.5)
    head, embeddings = ArcFaceHead(3, 2, settings, counts=torch.tensor([1, 4, 16])), torch.randn(4, 2)
    expected = arcface(embeddings, head.class_weights, LABELS, torch.tensor([0.8, 0.4, 0.2]), 8.0)
    torch.testing.assert_close(head(embeddings, LABELS), expected)


def test_margins_by_class_size_need_sizes():
    with pytest.raises(ValueError, match=r"class sizes: none, 3 wanted for class_size_power 0\.1; give counts"):
        arcface_head(class_size_power=0.1)


def test_sizes_of_other_classes_are_refused():
    with pytest.raises(ValueError, match=r"class sizes: shape \(2,\), \(3,\) wanted"):
        ArcFaceHead(3, 2, ArcFaceSettings(), counts=torch.tensor([1, 2]))


def test_softmax_head_is_a_linear_classifier():
    head, linear, embeddings = SoftmaxHead(3, 2), nn.Linear(2, 3), torch.randn(4, 2)
    linear.load_state_dict({"weight": head.class_weights.detach(), "bias": head.bias.detach()})
    expected = nn.functional.cross_entropy(linear(embeddings), LABELS)
    torch.testing.assert_close(head(embeddings, LABELS, 0.5), expected)


@pytest.mark.parametrize("head", [arcface_head, lambda: SoftmaxHead(3, 2)])
def test_gradient_of_heads(head):
    head = head().double()
    inputs = (torch.randn(4, 2, dtype=torch.float64, requires_grad=True), head.class_weights)
    assert torch.autograd.gradcheck(lambda rows, _weights: head(rows, LABELS, 0.7), inputs)


@pytest.mark.parametrize("head", [arcface_head, lambda: SoftmaxHead(3, 2)])
def test_under_autocast_heads_compute_in_float32(head):
    head, embeddings = head(), torch.randn(4, 2).bfloat16()
    expected = head(embeddings.float(), LABELS)
    with torch.autocast("cpu", dtype=torch.bfloat16):
        assert torch.equal(head(embeddings, LABELS), expected)


def test_class_weights_begin_with_length_1():
    for head in (ArcFaceHead(5, 64, ArcFaceSettings()), SoftmaxHead(5, 64)):
        torch.testing.assert_close(head.class_weights.norm(dim=1), torch.ones(5))


def test_arcface_head_starts_from_directions_of_prototypes():
    head = arcface_head()
    head.start_from(PROTOTYPES)
    half = 0.5**0.5
    torch.testing.assert_close(head.class_weights.data, torch.tensor([[1.0, 0.0], [0.0, 1.0], [-half, -half]]))


def test_softmax_head_starts_as_the_classifier_by_the_nearest_prototype():
    """(0.8, 0) is nearest to (0, 0.1), though its inner product with (3, 0) is larger."""
    head = SoftmaxHead(3, 2)
    head.start_from(PROTOTYPES)
    losses = [head(torch.tensor([[0.8, 0.0]]), torch.tensor([label])).item() for label in range(3)]
    distances = torch.tensor([2.2**2, 0.8**2 + 0.1**2, 1.8**2 + 1]) / 2
    torch.testing.assert_close(torch.tensor(losses), -(-distances).log_softmax(0))


def test_a_prototype_of_zeros_leaves_its_class_where_it_was():
    for head in (arcface_head(), SoftmaxHead(3, 2)):
        before = head.class_weights[1].tolist()
        head.start_from(PROTOTYPES * torch.tensor([[1.0], [0.0], [1.0]]))
        assert head.class_weights[1].tolist() == pytest.approx(before)
        assert head.class_weights[0, 1] == 0.0


@pytest.mark.parametrize(
    ("prototypes", "said"),
    [
        (torch.ones(2, 2), r"prototypes: shape \(2, 2\), \(3, 2\) wanted"),
        (torch.ones(3), r"prototypes: shape \(3,\), \(3, 2\) wanted"),
        (PROTOTYPES / torch.tensor([[1.0], [0.0], [1.0]]), "prototype of class 1: not a number"),
    ],
)
def test_prototypes_that_fit_no_class_are_refused(prototypes, said):
    for head in (arcface_head(), SoftmaxHead(3, 2)):
        before = head.class_weights.tolist()
        with pytest.raises(ValueError, match=said):
            head.start_from(prototypes)
        assert head.class_weights.tolist() == before


def test_a_head_started_from_prototypes_goes_on_learning():
    embeddings, head = torch.randn(4, 2), arcface_head()
    head.start_from(PROTOTYPES)
    optimiser = torch.optim.SGD(head.parameters(), lr=0.02)
    before = head(embeddings, LABELS)
    torch.autograd.backward(before)
    optimiser.step()
    assert head(embeddings, LABELS) < before


def test_on_disk_is_only_what_was_learnt():
    assert set(arcface_head().state_dict()) == {"class_weights"}
    assert set(SoftmaxHead(3, 2).state_dict()) == {"class_weights", "bias"}
