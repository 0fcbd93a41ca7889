"""Tiny models, built in a moment and loaded the way that real ones are."""

from __future__ import annotations

import io
from collections.abc import Callable
from pathlib import Path

import pytest
import torch
from fakes.tiny_models import TINY_IMAGE, save_tiny_bert, tiny_image_weights
from PIL import Image
from safetensors.torch import save

from encoders.bundle import Bundle, LexicalSpec, Manifest, TextSpec, write_bundle
from encoders.image import ImageEncoder
from encoders.types import Modality


@pytest.fixture(scope="session", autouse=True)
def _one_torch_thread() -> None:
    torch.set_num_threads(1)


@pytest.fixture(scope="session")
def tiny_bert(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a BERT with 16 dimensions and random weights."""
    folder = tmp_path_factory.mktemp("models") / "tiny-bert"
    save_tiny_bert(folder)
    return folder


@pytest.fixture(scope="session")
def tiny_weights() -> dict[str, torch.Tensor]:
    """Random weights of the tiny image encoder, without a classifier."""
    return tiny_image_weights()


@pytest.fixture(scope="session")
def tiny_image(tiny_weights: dict[str, torch.Tensor]) -> ImageEncoder:
    return ImageEncoder(TINY_IMAGE, tiny_weights)


@pytest.fixture
def tiny_bundle(tmp_path: Path, tiny_bert: Path, tiny_weights: dict[str, torch.Tensor]) -> Bundle:
    """A whole bundle: the tiny text model inside it, the tiny image weights, lexical without IDF."""
    manifest = Manifest(
        text=TextSpec("text"),
        image=TINY_IMAGE,
        lexical=LexicalSpec(),
        dimensions={Modality.TEXT: 16, Modality.IMAGE: 1024},
        matching={"match": 0.8},
    )
    files: dict[str, bytes | Path] = {f"text/{path.name}": path for path in tiny_bert.iterdir()}
    return write_bundle(tmp_path / "tiny", manifest, {**files, "image.safetensors": save(tiny_weights)})


@pytest.fixture(scope="session")
def encoded_image() -> Callable[..., bytes]:
    """Makes an image file: `encoded_image(image, "PNG", ...)`, or of one color and 48 pixels."""

    def encode(image: Image.Image | str, file_format: str = "PNG", **options: object) -> bytes:
        if isinstance(image, str):
            image = Image.new("RGB", (48, 48), image)
        file = io.BytesIO()
        image.save(file, file_format, **options)
        return file.getvalue()

    return encode
