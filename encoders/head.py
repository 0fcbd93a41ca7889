"""What training put behind a backbone: an affine map of pooled features, before they are brought to unit length.

ArcFace's batch normalisation is one; at inference it is a scale and a shift of each feature.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import torch
from safetensors import SafetensorError
from safetensors.torch import load_file, save
from torch import Tensor

from encoders.errors import BundleError

_WEIGHT, _BIAS = "weight", "bias"
_WHOLE = 8
_REMEDY = "make the bundle again with 'matchstream train'"


@dataclass(frozen=True, slots=True, eq=False)
class Head:
    """An affine map of features of d numbers.

    Args:
        weight: (d,) scales each feature; (out, d) mixes them.
        bias: (d,), or (out,).
    """

    weight: Tensor
    bias: Tensor

    def __call__(self, features: Tensor) -> Tensor:
        """Map (n, d) features, or (d,) of one."""
        if self.weight.dim() == 1:
            return features * self.weight + self.bias
        if features.dim() == 1:
            return features @ self.weight.T + self.bias
        # Kernels go by how many rows there are; among whole eights a row has the same bits in any company
        count = len(features)
        whole = torch.cat([features, features.new_zeros((-count % _WHOLE, features.shape[1]))])
        return (whole @ self.weight.T + self.bias)[:count]

    def to(self, device: torch.device) -> Head:
        """The same on another device."""
        return Head(self.weight.to(device), self.bias.to(device))

    def then(self, other: Head) -> Head:
        """This one and then another, as one."""
        if other.weight.dim() == 1:
            weight = self.weight * (other.weight if self.weight.dim() == 1 else other.weight[:, None])
        else:
            weight = other.weight * self.weight if self.weight.dim() == 1 else other.weight @ self.weight
        return Head(weight, other(self.bias))

    def to_bytes(self) -> bytes:
        """As a safetensors file."""
        tensors = {_WEIGHT: self.weight, _BIAS: self.bias}
        return save({name: tensor.detach().cpu().float().contiguous() for name, tensor in tensors.items()})


def read_head(path: Path, features: int, bundle: str = "new") -> Head:
    """Read a head for features of so many numbers.

    Raises:
        BundleError: the file holds none, or one for others.
    """
    try:
        tensors = load_file(path)
        head = Head(tensors[_WEIGHT].float(), tensors[_BIAS].float())
    except (OSError, SafetensorError, KeyError) as error:
        got = f"file '{path.name}' that can't be read ({error})"
        raise BundleError(bundle, got, "a weight and a bias", _REMEDY) from error
    if not bool(head.weight.isfinite().all() and head.bias.isfinite().all()):
        raise BundleError(bundle, f"a head of no number in '{path.name}'", "finite ones", _REMEDY)
    if head.weight.dim() not in {1, 2} or head.weight.shape[-1] != features or head.bias.shape != head.weight.shape[:1]:
        got = f"a head of {tuple(head.weight.shape)} and {tuple(head.bias.shape)} in '{path.name}'"
        raise BundleError(bundle, got, f"one for {features} features", _REMEDY)
    return head
