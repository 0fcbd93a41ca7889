"""Updates of the weights: AdamW by hand, clipping, accumulation, and what is kept of them."""

import copy

import pytest
import torch
from fakes.blob_task import COURSE, BlobTask, train
from torch import nn

from encoders.training.looping import Course, Group
from encoders.training.looping.updating import Updates, stored


def one_weight(course, value=1.0, decay=None):
    network = nn.Linear(1, 1, bias=False)
    nn.init.constant_(network.weight, value)
    return network, Updates(network, [Group("all", list(network.parameters()), 0.1, decay)], course)


def test_the_first_update_of_a_weight_by_hand():
    """Without decay, AdamW's first step is the rate, whatever the gradient's size."""
    network, updates = one_weight(Course(warm_up=0, weight_decay=0))
    torch.autograd.backward(network(torch.tensor([[3.0]])).sum())
    assert updates.update(0.0).item() == pytest.approx(3.0)
    assert network.weight.item() == pytest.approx(0.9)
    assert updates.rates == {"all": pytest.approx(0.1)}
    assert network.weight.grad is None


@pytest.mark.parametrize(("decay", "weight"), [(None, 1 - 0.1 * 0.5 - 0.1), (0.0, 0.9)])
def test_a_group_decays_as_it_says_or_as_the_course_does(decay, weight):
    network, updates = one_weight(Course(warm_up=0, weight_decay=0.5), decay=decay)
    torch.autograd.backward(network(torch.tensor([[3.0]])).sum())
    updates.update(0.0)
    assert network.weight.item() == pytest.approx(weight)


def test_rates_rise_and_fall():
    network, updates = one_weight(Course(warm_up=0.5))
    for progress, rate in ((0.125, 0.025), (0.5, 0.1), (0.75, 0.05)):
        torch.autograd.backward(network(torch.ones(1, 1)).sum())
        updates.update(progress)
        assert updates.rates["all"] == pytest.approx(rate)


@pytest.mark.parametrize(("clip", "ratio"), [(None, 100.0), (1.0, 1.0)])
def test_a_gradient_above_the_limit_is_scaled_to_it(clip, ratio):
    """AdamW's second moment is a thousandth of the squared gradient after one step."""
    network, updates = one_weight(Course(clip=clip))
    torch.autograd.backward(network(torch.tensor([[100.0]])).sum())
    assert updates.update(0.0).item() == pytest.approx(100.0)
    assert updates.tensors()["adamw/exp_avg_sq/weight"].item() == pytest.approx(0.001 * ratio**2, rel=1e-4)


def test_two_small_batches_make_the_update_of_a_large_one(tmp_path):
    course = Course(epochs=2, precision="fp32", patience=None)
    small, large = BlobTask(size=15, plain=True), BlobTask(size=45, plain=True)
    assert train(small, tmp_path / "small", Course(**{**course.deciding, "accumulate": 3})).updates == 2
    assert train(large, tmp_path / "large", course).updates == 2
    for name, value in stored(large.network).items():
        torch.testing.assert_close(stored(small.network)[name], value, rtol=1e-4, atol=1e-5)


def test_parameters_in_no_group_stay_as_they_are(tmp_path):
    task = BlobTask()
    before = copy.deepcopy(task.network[0])
    task.groups = lambda: [Group("head", list(task.network[-1].parameters()), 0.1)]
    train(task, tmp_path)
    assert torch.equal(task.network[0].weight, before.weight)


def test_a_parameter_of_another_network_is_an_error():
    with pytest.raises(ValueError, match="groups \\['other'\\]: parameters that are not the network's"):
        Updates(nn.Linear(1, 1), [Group("other", list(nn.Linear(1, 1).parameters()), 0.1)], COURSE)


def test_moments_come_back_in_the_layout_of_their_weights():
    def network_and_updates():
        network = nn.Conv2d(2, 3, 2).to(memory_format=torch.channels_last)
        return network, Updates(network, [Group("all", list(network.parameters()), 0.1)], COURSE)

    network, updates = network_and_updates()
    torch.autograd.backward(network(torch.ones(1, 2, 3, 3)).sum())
    updates.update(0.5)
    again, restored = network_and_updates()
    restored.restore(updates.tensors())
    for old, new in zip(network.parameters(), again.parameters(), strict=True):
        assert torch.equal(old, new)
        assert old.stride() == new.stride()
        assert restored._adamw.state[new]["exp_avg"].stride() == new.stride()
        assert torch.equal(restored._adamw.state[new]["exp_avg"], updates._adamw.state[old]["exp_avg"])


def test_tied_weights_are_kept_and_come_back_tied():
    network = nn.Sequential(nn.Linear(2, 2, bias=False), nn.Linear(2, 2, bias=False))
    network[1].weight = network[0].weight
    updates = Updates(network, [Group("all", list(network.parameters()), 0.1)], COURSE)
    tensors = {name: value.clone() for name, value in updates.tensors().items()}
    nn.init.zeros_(network[0].weight)
    updates.restore(tensors)
    assert torch.equal(network[1].weight, tensors["network/0.weight"])
    assert network[1].weight is network[0].weight
