"""torchvision's classification models without their classifiers."""

from __future__ import annotations

from collections.abc import Mapping
from difflib import get_close_matches
from typing import Any

import torch
import torchvision
from torch import nn
from torch.fx.experimental.optimization import fuse
from torch.fx.proxy import TraceError

from encoders.bundle import PUBLISHED, ImageSpec
from encoders.errors import BundleError

Weights = Mapping[str, torch.Tensor]
"""A state dict: parameters and buffers by name."""

_HEADS = ("fc", "classifier", "heads", "head")
_KEPT = (nn.AdaptiveAvgPool2d, nn.Flatten, nn.LayerNorm)
_TRAINING_ONLY = ("AuxLogits.", "aux1.", "aux2.")
_WITH_AUXILIARIES = ("googlenet", "inception_v3")


def build_backbone(spec: ImageSpec, bundle: str = "new") -> tuple[nn.Module, str]:
    """The backbone with random weights, and the name of the part that was its classifier.

    It maps (n, 3, crop, crop) to pooled features (n, d).

    Args:
        spec: which backbone.
        bundle: whose it is, for the error message.

    Raises:
        BundleError: there is no such backbone.
    """
    _check_known(spec.backbone, bundle)
    options: dict[str, Any] = {}
    if spec.backbone in _WITH_AUXILIARIES:
        # Their published weights expect another normalisation than the one published with them
        options = {"aux_logits": False, "init_weights": False, "transform_input": spec.weights == PUBLISHED}
    model = torchvision.models.get_model(spec.backbone, weights=None, **options)
    return model, _behead(model)


def _check_known(backbone: str, bundle: str) -> None:
    known = torchvision.models.list_models(module=torchvision.models)
    if backbone not in known:
        near = ", ".join(get_close_matches(backbone, known)) or "resnet18"
        raise BundleError(bundle, f"backbone '{backbone}'", "one of torchvision's classifiers", f"try {near}")


def _behead(model: nn.Module) -> str:
    """Replace the classifier by what of it only pools, and pool to one pixel before it."""
    head = next(name for name in _HEADS if hasattr(model, name))
    if isinstance(getattr(model, "avgpool", None), nn.AdaptiveAvgPool2d):
        model.avgpool = nn.AdaptiveAvgPool2d(1)
    setattr(model, head, _pooling_part(getattr(model, head)))
    return head


def _pooling_part(head: nn.Module) -> nn.Module:
    if not isinstance(head, nn.Sequential):
        return nn.Identity()
    if any(isinstance(layer, nn.Conv2d) for layer in head):
        return nn.AdaptiveAvgPool2d(1)
    kept = nn.Sequential()
    for name, layer in head.named_children():
        if not isinstance(layer, _KEPT):
            break
        kept.add_module(name, layer)
    return kept if len(kept) else nn.Identity()


def loaded_backbone(spec: ImageSpec, weights: Weights, bundle: str = "new") -> nn.Module:
    """The backbone with these weights, ready to embed; a classifier's among them are left out.

    Raises:
        BundleError: there is no such backbone, or the weights are another's.
    """
    model, head = build_backbone(spec, bundle)
    state = model.state_dict()
    _check_fit(state, weights, (f"{head}.", *_TRAINING_ONLY), spec.backbone, bundle)
    # Into the model's own dictionary: some models look for the version that it carries
    state.update({name: weights[name] for name in state})
    model.load_state_dict(state)
    return model.eval().requires_grad_(requires_grad=False)


def kept_weights(spec: ImageSpec, weights: Weights) -> dict[str, torch.Tensor]:
    """What a file of a backbone's weights holds: no classifier, and plain memory layout.

    Raises:
        BundleError: as of `loaded_backbone`.
    """
    return {name: tensor.contiguous() for name, tensor in loaded_backbone(spec, weights).state_dict().items()}


def folded(model: nn.Module) -> nn.Module:
    """The same with each batch normalisation inside the convolution before it: the same rows within 1e-5, sooner.

    A backbone that torch can't trace stays as it is.
    """
    try:
        return fuse(model)
    except (TraceError, NotImplementedError, RuntimeError, TypeError, ValueError):
        return model


def _check_fit(wanted: Weights, given: Weights, ignored: tuple[str, ...], backbone: str, bundle: str) -> None:
    shared = wanted.keys() & given.keys()
    problems = {
        "without": wanted.keys() - shared,
        "with": {name for name in given.keys() - shared if not name.startswith(ignored)},
        "with another shape of": {name for name in shared if given[name].shape != wanted[name].shape},
    }
    for problem, names in problems.items():
        if names:
            got = f"weights {problem} '{min(names)}' ({len(names)} such)"
            raise BundleError(bundle, got, f"those of {backbone}", "name the backbone that the weights are of")


def published_spec(backbone: str) -> ImageSpec:
    """The backbone with its published weights and the preparation they were trained with.

    Raises:
        BundleError: there is no such backbone.
    """
    _check_known(backbone, "new")
    transforms = torchvision.models.get_model_weights(backbone).DEFAULT.transforms()
    return ImageSpec(
        backbone=backbone,
        resize=transforms.resize_size[0],
        crop=transforms.crop_size[0],
        mean=tuple(transforms.mean),
        std=tuple(transforms.std),
        interpolation=transforms.interpolation.value,
    )
