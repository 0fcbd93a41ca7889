"""A joint encoder for the rows of `HashEncoder`: a photo of a shoe is near the word."""

from __future__ import annotations

import numpy as np

from encoders.bundle import JointSpec
from encoders.joint import JointEncoder
from encoders.types import Modality, Numeric

SIZE = 32
PRICED = JointSpec("joint.safetensors", numeric=(Numeric.LOG_PRICE,))
UNPRICED = JointSpec("joint.safetensors")
_PRICE = 0.3


def tensors_of(spec: JointSpec, size: int = SIZE) -> dict[str, np.ndarray]:
    """Sources count as they are; the logarithm of a price moves the row along one axis."""
    plain = {"weight": np.eye(size, dtype=np.float32), "bias": np.zeros(size, np.float32)}
    found = {f"{source}.0.{name}": tensor for source in spec.sources for name, tensor in plain.items()}
    if spec.numeric:
        found |= {"numeric.0.weight": _PRICE * plain["weight"][:, : len(spec.numeric)], "numeric.0.bias": plain["bias"]}
        found |= {f"numeric.{name}": np.ones(len(spec.numeric), np.float32) for name in ("mean", "std")}
    return found


def joint_encoder(spec: JointSpec = PRICED) -> JointEncoder:
    return JointEncoder(spec, tensors_of(spec))


def with_joint(dimensions: dict[Modality, int], joint: JointEncoder | None) -> dict[Modality, int]:
    """The dimensions of an index that has joint rows too, if there are any."""
    return {**dimensions, **({Modality.JOINT: joint.dimensions} if joint else {})}
