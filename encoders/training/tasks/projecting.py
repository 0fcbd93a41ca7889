"""Learning a joint space over frozen encoders: the parts of `encoders.joint`, as they are trained."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn.functional import normalize

from encoders.errors import TrainingError
from encoders.training.data import Examples
from encoders.types import Modality, Numeric

NUMERIC = "numeric"
_LEAST_VARIATION = 1e-4
"""Of a number, beside its mean; what rounding alone makes of equal ones is less."""

Known = Mapping[str, Tensor]
"""By the name of each source, (n, d) float32; a row of zeros where a listing lacks it."""


class JointNetwork(nn.Module):
    """A part for each source, their sum; its tensors are named as `encoders.joint.JointEncoder` reads them.

    Args:
        sizes: length of the rows of each source.
        dimensions: of the joint space.
        hidden: width of a layer in between, with a GELU; 0 keeps parts linear.
        numbers: how many numbers are joined.
    """

    def __init__(self, sizes: Mapping[Modality, int], dimensions: int, hidden: int = 0, numbers: int = 0) -> None:
        super().__init__()
        given = {str(modality): size for modality, size in sizes.items()}
        if numbers:
            given[NUMERIC] = numbers
        self.parts = nn.ModuleDict({name: _part(size, dimensions, hidden) for name, size in given.items()})

    @property
    def device(self) -> torch.device:
        """Where it is."""
        return next(self.parameters()).device

    def forward(self, known: Known, present: Known) -> Tensor:
        """Unit rows, (n, dimensions), of what is known.

        Args:
            known: rows by source; numbers standardised.
            present: (n,) bool by source: who has it; numbers count for everyone.
        """
        worth = [
            self.parts[name](known[name].to(self.device)).float() * present[name].to(self.device)[:, None]
            for name in self.parts
            if name in known
        ]
        return normalize(torch.stack(worth).sum(0))

    @torch.no_grad()
    def start_from_principal(self, known: Known, present: Known) -> None:
        """Let linear parts begin at the principal components of all sources side by side; numbers count nothing yet.

        So a space begins about as good as what it is made of; from few products it could not be learned from nothing.

        Args:
            known: rows of the listings that are learned from, by source.
            present: (n,) bool by source: who has it; what is missing counts as the mean.
        """
        sources = [name for name in self.parts if name != NUMERIC]
        centers = {name: known[name].double().sum(0) / present[name].sum().clamp_min(1) for name in sources}
        centered = [(known[name] - centers[name]) * present[name][:, None] for name in sources]
        beside = torch.cat(centered, dim=1)
        falling = torch.linalg.eigh(beside.T @ beside).eigenvectors.flip(1).T
        widths = [len(center) for center in centers.values()]
        for name, components in zip(sources, falling.split(widths, dim=1), strict=True):
            layer: Any = self.parts.get_submodule(f"{name}.0")
            matrix = torch.zeros_like(layer.weight, dtype=torch.double)
            matrix[: len(components)] = components[: len(matrix)]
            layer.weight.copy_(matrix)
            layer.bias.copy_(-(matrix @ centers[name]))
        if NUMERIC in self.parts:
            for parameter in self.parts[NUMERIC].parameters():
                parameter.zero_()

    def tensors(self) -> dict[str, NDArray[np.float32]]:
        """As a bundle keeps them."""
        state = self.parts.state_dict()
        return {name: tensor.detach().cpu().float().numpy() for name, tensor in state.items()}


def _part(size: int, dimensions: int, hidden: int) -> nn.Sequential:
    if not hidden:
        return nn.Sequential(nn.Linear(size, dimensions))
    return nn.Sequential(nn.Linear(size, hidden), nn.GELU(), nn.Linear(hidden, dimensions))


class Frozen:
    """What frozen encoders made of n listings, as tensors.

    Args:
        examples: with rows, and with numbers if any are joined.
        sizes: length of the rows of each source.
        numeric: numbers that are joined.
        scale: (numbers, 2), mean and standard deviation of each; None takes those of these listings.

    Raises:
        TrainingError: a row is no number.
    """

    def __init__(
        self,
        examples: Examples,
        sizes: Mapping[Modality, int],
        numeric: Sequence[Numeric] = (),
        scale: NDArray[np.float32] | None = None,
    ) -> None:
        self.examples = examples
        self.known = {str(modality): _stacked(examples, modality, size) for modality, size in sizes.items()}
        self.present = {
            str(modality): torch.tensor([modality in one.rows for one in examples.all]) for modality in sizes
        }
        self.codes = torch.from_numpy(examples.codes)
        self.scale = np.empty((0, 2), dtype=np.float32)
        if numeric:
            values = np.array([[one.numbers.get(name, np.nan) for name in numeric] for one in examples.all])
            self.scale = _scale(values) if scale is None else scale
            standard = np.nan_to_num((values - self.scale[:, 0]) / self.scale[:, 1])
            self.known[NUMERIC] = torch.from_numpy(standard.astype(np.float32))
            self.present[NUMERIC] = torch.ones(len(examples), dtype=torch.bool)

    def at(self, places: Sequence[int]) -> tuple[dict[str, Tensor], dict[str, Tensor]]:
        """Rows of some listings, and who has them."""
        chosen = torch.tensor(places, dtype=torch.long)
        return (
            {name: rows[chosen] for name, rows in self.known.items()},
            {name: there[chosen] for name, there in self.present.items()},
        )


def _stacked(examples: Examples, modality: Modality, size: int) -> Tensor:
    rows = np.zeros((len(examples), size), dtype=np.float32)
    for place, one in enumerate(examples.all):
        row = one.rows.get(modality)
        if isinstance(row, np.ndarray):
            rows[place] = row
    if len(wrong := np.flatnonzero(~np.isfinite(rows).all(1))):
        subject, got = f"listing '{examples.all[wrong[0]].listing_id}'", f"a row of {modality} that is no number"
        raise TrainingError(subject, got, "finite ones", "look at the base's encoder, or leave the listing out")
    return torch.from_numpy(rows)


def _scale(values: NDArray[np.float64]) -> NDArray[np.float32]:
    """Mean and deviation of each column, in the digits that a bundle keeps; what never changes becomes 0."""
    there = ~np.isnan(values)
    count = np.maximum(there.sum(0), 1)
    mean = np.where(there, values, 0.0).sum(0) / count
    deviation = np.sqrt(np.where(there, (values - mean) ** 2, 0.0).sum(0) / count)
    varies = deviation > _LEAST_VARIATION * np.maximum(np.abs(mean), 1.0)
    return np.stack([mean, np.where(varies, deviation, 1.0)], axis=1).astype(np.float32)
