"""AdamW over a task's groups, and its memory by the names of the parameters."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import torch
from torch import Tensor, nn

from encoders.training.looping.course import Course
from encoders.training.looping.schedule import rate_factor
from encoders.training.looping.task import Group

NETWORK = "network/"
_MOMENTS = "adamw/"


class Updates:
    """Turns gradients into updates of the weights.

    Args:
        network: whose parameters the groups hold.
        groups: what is trained at which rate.
        course: warm-up, clipping and weight decay.

    Raises:
        ValueError: a parameter of a group is not the network's, or is in two groups.
    """

    def __init__(self, network: nn.Module, groups: Sequence[Group], course: Course) -> None:
        self._network, self._groups, self._course = network, groups, course
        self._names: dict[Tensor, str] = {parameter: name for name, parameter in network.named_parameters()}
        self._parameters = [parameter for group in groups for parameter in group.parameters]
        if strangers := [group.name for group in groups if not self._names.keys() >= set(group.parameters)]:
            raise ValueError(f"groups {strangers}: parameters that are not the network's")
        self._adamw = torch.optim.AdamW([self._settings(group) for group in groups])

    def update(self, progress: float) -> Tensor:
        """Take one step along the gradient, and forget it.

        Args:
            progress: share of the course that is done.

        Returns:
            The gradient's norm before clipping, a scalar on the device.
        """
        factor = rate_factor(progress, self._course.warm_up)
        for settings, group in zip(self._adamw.param_groups, self._groups, strict=True):
            settings["lr"] = group.rate * factor
        limit = float("inf") if self._course.clip is None else self._course.clip
        norm = nn.utils.clip_grad_norm_(self._parameters, limit)
        self._adamw.step()
        self._network.zero_grad()
        return norm

    @property
    def rates(self) -> dict[str, float]:
        """Rates of the last update, by group."""
        return {
            group.name: settings["lr"] for group, settings in zip(self._groups, self._adamw.param_groups, strict=True)
        }

    def tensors(self) -> dict[str, Tensor]:
        """Everything that an update depends on and changes, on the CPU."""
        found = {f"{NETWORK}{name}": value for name, value in stored(self._network).items()}
        for parameter, moments in self._adamw.state.items():
            for key, value in moments.items():
                found[f"{_MOMENTS}{key}/{self._names[parameter]}"] = _on_cpu(value)
        return found

    def restore(self, tensors: Mapping[str, Tensor]) -> None:
        """Take back what `tensors` gave.

        Raises:
            KeyError: a parameter that the network has not.
            RuntimeError: another network.
        """
        restore(self._network, part(tensors, NETWORK))
        parameters = {name: parameter for parameter, name in self._names.items()}
        for name, value in part(tensors, _MOMENTS).items():
            key, of = name.split("/", 1)
            parameter = parameters[of]
            # in the parameter's own layout: an update of other strides may round otherwise
            kept = value.clone() if key == "step" else torch.empty_like(parameter).copy_(value)
            self._adamw.state[parameter][key] = kept

    def _settings(self, group: Group) -> dict[str, Any]:
        decay = self._course.weight_decay if group.weight_decay is None else group.weight_decay
        return {"params": list(group.parameters), "lr": group.rate, "weight_decay": decay}


def stored(network: nn.Module) -> dict[str, Tensor]:
    """Parameters and buffers of a network, on the CPU."""
    return {name: _on_cpu(value) for name, value in network.state_dict().items()}


def restore(network: nn.Module, tensors: Mapping[str, Tensor]) -> None:
    """Give a network its parameters and buffers.

    Raises:
        RuntimeError: they are of another network.
    """
    network.load_state_dict(dict(tensors))


def part(tensors: Mapping[str, Tensor], prefix: str) -> dict[str, Tensor]:
    """Those whose names begin so, without the prefix."""
    return {name.removeprefix(prefix): value for name, value in tensors.items() if name.startswith(prefix)}


def _on_cpu(value: Tensor) -> Tensor:
    # a copy each: safetensors takes no tensors that share memory, as tied weights do
    return value.detach().to("cpu", copy=True, memory_format=torch.contiguous_format)
