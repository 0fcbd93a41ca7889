"""Encoders that can be trained: from content to features, and back into the files of a bundle."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from safetensors.torch import save_file
from torch import Tensor, nn

from encoders.bundle import PUBLISHED, Bundle, ImageSpec, TextSpec
from encoders.errors import TrainingError
from encoders.head import Head, read_head
from encoders.image import published_weights, read_weights
from encoders.image.backbone import Weights, loaded_backbone
from encoders.models import find_model
from encoders.models.quiet import no_progress_bar
from encoders.text import load_model, mean_pool


class Fixed(nn.Module):
    """The head that a bundle's encoder has from an earlier training, if any; it stays as it is.

    Args:
        head: None passes features on as they are.
    """

    def __init__(self, head: Head | None) -> None:
        super().__init__()
        self.weight: Tensor | None
        self.bias: Tensor | None
        self.register_buffer("weight", head.weight if head else None, persistent=False)
        self.register_buffer("bias", head.bias if head else None, persistent=False)

    @property
    def head(self) -> Head | None:
        """The head, where the module is."""
        return None if self.weight is None or self.bias is None else Head(self.weight, self.bias)

    def forward(self, features: Tensor) -> Tensor:
        """Map (n, d) features."""
        return self.head(features) if self.head else features


class TextTower(nn.Module):
    """A BERT-family model and its tokenizer: titles to the mean of their tokens' states, (n, d).

    Args:
        spec: which model, and the head behind it.
        bundle: folder where they may live.

    Raises:
        BundleError: the head is another model's.
        ModelMissingError: the model is in none of the places that it may live in.
    """

    def __init__(self, spec: TextSpec, bundle: Path | None = None) -> None:
        super().__init__()
        self._tokenizer, self.model = load_model(
            find_model(spec.model, spec.revision, bundle), bundle.name if bundle else "new"
        )
        self._max_tokens = min(spec.max_tokens, self._tokenizer.model_max_length)
        self.dimensions = int(self.model.config.hidden_size)
        head = read_head(bundle / spec.head, self.dimensions, bundle.name) if bundle and spec.head else None
        self.fixed = Fixed(head)
        if head:
            self.dimensions = len(head.bias)

    def prepare(self, titles: Sequence[str]) -> dict[str, Tensor]:
        """Titles to padded tokens. Safe in any one thread."""
        tokens = self._tokenizer(list(titles), truncation=True, max_length=self._max_tokens)
        padded: dict[str, Tensor] = dict(self._tokenizer.pad(tokens, padding=True, return_tensors="pt"))
        return padded

    def forward(self, inputs: Mapping[str, Tensor]) -> Tensor:
        """Features of prepared titles."""
        states: Tensor = self.model(**inputs).last_hidden_state
        pooled: Tensor = self.fixed(mean_pool(states.float(), inputs["attention_mask"]))
        return pooled

    def write(self, folder: Path) -> None:
        """The model as transformers keeps it, so that it loads like any other."""
        with no_progress_bar():
            self.model.save_pretrained(folder)
        self._tokenizer.save_pretrained(folder)


class ImageTower(nn.Module):
    """A torchvision backbone: pixels to pooled features, (n, d).

    Args:
        spec: which backbone, and how photos are prepared for it.
        weights: where training starts from.
        head: file of the head behind it, if it has one.
        frozen_norms: whether batch normalisation keeps the means and variances that it came with. Those of small
            batches are worse, and weights into which they were folded are lost without.

    Raises:
        BundleError: there is no such backbone, or weights or head are another's.
        TrainingError: it takes no photos of this size.
    """

    def __init__(
        self, spec: ImageSpec, weights: Weights, head: Path | None = None, *, frozen_norms: bool = True
    ) -> None:
        super().__init__()
        self._frozen_norms = frozen_norms
        self.mean: Tensor
        self.std: Tensor
        model = loaded_backbone(spec, weights)
        self.model = model.requires_grad_(requires_grad=True).to(memory_format=torch.channels_last)
        self.register_buffer("mean", torch.tensor(spec.mean).view(3, 1, 1), persistent=False)
        self.register_buffer("std", torch.tensor(spec.std).view(3, 1, 1), persistent=False)
        self.dimensions = _measured(self.model, spec)
        self.fixed = Fixed(read_head(head, self.dimensions) if head else None)
        if self.fixed.head:
            self.dimensions = len(self.fixed.head.bias)

    def train(self, mode: bool = True) -> ImageTower:  # noqa: FBT001, FBT002 - torch calls it so
        """Like any module, but for the norms."""
        super().train(mode)
        for layer in self.model.modules():
            if self._frozen_norms and isinstance(layer, nn.BatchNorm2d):
                layer.eval()
        return self

    def prepare(self, photos: Sequence[NDArray[np.uint8] | Tensor]) -> dict[str, Tensor]:
        """Photos at the backbone's size, (3, crop, crop) uint8, to one batch."""
        return {"pixels": torch.stack([torch.as_tensor(one) for one in photos])}

    def forward(self, inputs: Mapping[str, Tensor]) -> Tensor:
        """Features of prepared photos."""
        pixels = inputs["pixels"].to(memory_format=torch.channels_last).float() / 255
        pooled: Tensor = self.model((pixels - self.mean) / self.std)
        features: Tensor = self.fixed(pooled.float().flatten(1))
        return features

    def write(self, path: Path) -> None:
        """The weights, without a classifier."""
        save_file({name: tensor.cpu().contiguous() for name, tensor in self.model.state_dict().items()}, path)


def starting_weights(bundle: Bundle, spec: ImageSpec) -> Weights:
    """The weights that training a bundle's image encoder starts from.

    Raises:
        BundleError: they can't be read.
        ModelMissingError: they are published, and not here.
    """
    return published_weights(spec) if spec.weights == PUBLISHED else read_weights(bundle.file(spec.weights))


class Neck(nn.Module):
    """Batch normalisation of features, before they are brought to unit length; untrained it changes no direction.

    Source: the Shopee Price Match Guarantee winner's heads; Luo et al., Bag of Tricks for person re-identification.

    Args:
        dimensions: of the features.
        wanted: False passes features on as they are.
    """

    def __init__(self, dimensions: int, *, wanted: bool = True) -> None:
        super().__init__()
        self.norm: Any = nn.BatchNorm1d(dimensions) if wanted else nn.Identity()

    def forward(self, features: Tensor) -> Tensor:
        """Map (n, d) features."""
        result: Tensor = self.norm(features)
        return result

    def as_head(self) -> Head | None:
        """What it does at inference, as a bundle keeps it."""
        if isinstance(self.norm, nn.Identity):
            return None
        scale = self.norm.weight / torch.sqrt(self.norm.running_var + self.norm.eps)
        return Head(scale.detach(), (self.norm.bias - self.norm.running_mean * scale).detach())


def _measured(model: nn.Module, spec: ImageSpec) -> int:
    try:
        with torch.inference_mode():
            return int(model.eval()(torch.zeros(1, 3, spec.crop, spec.crop)).flatten(1).shape[1])
    except (RuntimeError, ValueError, AssertionError) as error:
        subject, wanted = f"photos of {spec.crop} pixels", f"a size that {spec.backbone} takes"
        raise TrainingError(subject, str(error), wanted, "change the crop") from error
