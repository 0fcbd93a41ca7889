"""The weights that torchvision publishes for its classification models: which file, and where it is here."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from urllib.parse import urlsplit

import torch
import torchvision

from encoders.errors import ModelMissingError
from encoders.models.finding import remedy_for
from encoders.models.store import pulled_models

_DIGEST = re.compile(r"-([0-9a-f]{8,64})\.pth$")


@dataclass(frozen=True, slots=True)
class Published:
    """The weights of one backbone.

    Args:
        backbone: its name.
        url: where they are.
        licence: where torchvision says that they have one of their own; empty otherwise.
    """

    backbone: str
    url: str
    licence: str

    @property
    def file(self) -> str:
        """Name of the file."""
        return PurePosixPath(urlsplit(self.url).path).name

    @property
    def revision(self) -> str:
        """The beginning of the file's sha256, which torchvision puts into its name."""
        found = _DIGEST.search(self.file)
        return found[1] if found else ""


def is_backbone(name: str) -> bool:
    """Whether torchvision has a classification model of this name."""
    return name in torchvision.models.list_models(module=torchvision.models)


def published(backbone: str) -> Published:
    """What torchvision publishes for one of its classification models."""
    weights = torchvision.models.get_model_weights(backbone).DEFAULT
    return Published(backbone, weights.url, str(weights.meta.get("license", "")))


def find_published(backbone: str) -> Path:
    """The file of a backbone's published weights: pulled, or in the cache that other programs filled through torch.

    Raises:
        ModelMissingError: it is not here.
    """
    wanted = published(backbone)
    pulled = pulled_models().find(backbone, wanted.revision)
    cached = Path(torch.hub.get_dir()) / "checkpoints" / wanted.file
    damage = pulled.damage(thorough=False) if pulled else None
    if pulled and not damage:
        return pulled.folder / wanted.file
    if cached.is_file():
        return cached
    here = f"folder '{pulled.folder}' ({damage})" if pulled else f"the models pulled to '{pulled_models().folder}'"
    remedy = remedy_for(backbone, otherwise="give a state dict file: 'matchstream fit --image-weights FILE'")
    raise ModelMissingError(backbone, (here, f"torch's cache '{cached.parent}'"), remedy)
