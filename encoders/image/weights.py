"""Files of weights: safetensors inside bundles, and state dicts that come from elsewhere."""

from __future__ import annotations

from pathlib import Path
from pickle import UnpicklingError

import torch
from safetensors import SafetensorError
from safetensors.torch import load_file

from encoders.bundle import ImageSpec
from encoders.errors import BundleError
from encoders.image.backbone import Weights
from encoders.models.backbones import find_published

_WANTED = "a state dict (.safetensors, or .pth as torch.save writes it)"


def read_weights(path: Path) -> Weights:
    """Read a state dict; nothing that the file holds is run.

    What training scripts put around it is taken off: a dictionary that holds it as `state_dict`,
    and the prefix that parallel training puts before each name.

    Raises:
        BundleError: the file is missing or holds no state dict.
    """
    try:
        content = load_file(path) if path.suffix == ".safetensors" else _read_pth(path)
    except (OSError, RuntimeError, ValueError, EOFError, SafetensorError, UnpicklingError) as error:
        reason = str(error).strip().split("\n", 1)[0]
        raise BundleError(str(path), f"weights that can't be read ({reason})", _WANTED, "give another file") from error
    if isinstance(content, dict) and isinstance(content.get("state_dict"), dict):
        content = content["state_dict"]
    if not isinstance(content, dict) or not all(isinstance(value, torch.Tensor) for value in content.values()):
        raise BundleError(str(path), f"a {type(content).__name__} of other things", _WANTED, "give another file")
    return {name.removeprefix("module."): tensor for name, tensor in content.items()}


def published_weights(spec: ImageSpec) -> Weights:
    """The weights that torchvision publishes for a backbone, from this machine; nothing is downloaded.

    Raises:
        ModelMissingError: they are not here.
        BundleError: their file can't be read.
    """
    return read_weights(find_published(spec.backbone))


def _read_pth(path: Path) -> object:
    return torch.load(path, map_location="cpu", weights_only=True)
