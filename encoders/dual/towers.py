"""The two towers of a dual encoder: photos and texts to unit rows."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Sequence
from functools import partial
from threading import Lock
from typing import Any, Final

import numpy as np
import torch
from numpy.typing import NDArray
from PIL import Image
from torch.nn.functional import normalize

from encoders.batches import Batches, in_widths, texts_at_once
from encoders.dual.checkpoint import Checkpoint
from encoders.dual.pixels import preparing_of
from encoders.preparing import Pixels

_PHOTOS_AT_ONCE: Final = {"cpu": 4, "cuda": 64}
_TEXTS_AT_ONCE: Final = {"cpu": 8, "cuda": 256}
_WHOLE: Final = 4
"""Of photos, and of texts on a GPU: so many are a CPU's whole batch (`encoders.batches` tells why)."""
_MOST_TOKENS: Final = 256
"""Of a title; the published models read 52 to 77."""
_SAME: Final = 0.999
"""Cosine of rows that differ by rounding alone, in bfloat16 too."""


class PhotoTower:
    """Looks at photos.

    Args:
        checkpoint: whose tower.
        device: where it runs; the model is there already.

    Raises:
        BundleError: photos can't be prepared for it, or it makes no rows of them.
    """

    def __init__(self, checkpoint: Checkpoint, device: torch.device) -> None:
        self._model, self._device, self._numbers = checkpoint.model, device, checkpoint.model.dtype
        self._preparing = preparing_of(checkpoint)
        subject = f"photos of model '{checkpoint.name}' on {device}"
        self._batches = Batches(_PHOTOS_AT_ONCE.get(device.type, _WHOLE), subject, _WHOLE)
        self.dimensions = _measured(self.encode, [self.prepared(Image.new("RGB", (64, 48), "white"))], checkpoint)
        """Length of a row."""

    def prepared(self, image: Image.Image) -> Pixels:
        """A decoded photo as the tower looks at it: (h, w, 3) uint8. Safe in any thread."""
        return self._preparing.prepared(image)

    def encode(self, pixels: Sequence[Pixels]) -> NDArray[np.float32]:
        """Embed prepared photos: (n, d) float32, unit rows, in the order given."""
        rows = self._batches.results(self._forward, pixels)
        return np.stack(rows) if rows else np.empty((0, self.dimensions), dtype=np.float32)

    def _forward(self, pixels: Sequence[Pixels]) -> NDArray[np.float32]:
        # Set here because grad mode belongs to the thread, and callers use an executor's
        with torch.inference_mode():
            inputs = self._preparing.inputs(pixels, self._device)
            inputs = {name: one.to(self._numbers) if one.is_floating_point() else one for name, one in inputs.items()}
            return _unit(self._model.get_image_features(**inputs))


class TextTower:
    """Reads texts.

    Args:
        checkpoint: whose tower.
        device: where it runs; the model is there already.

    Raises:
        BundleError: it makes no rows of texts, or another one of the same text in each batch.
    """

    def __init__(self, checkpoint: Checkpoint, device: torch.device) -> None:
        self._model, self._tokenizer, self._device = checkpoint.model, checkpoint.tokenizer, device
        self._taken = inspect.signature(self._model.get_text_features).parameters.keys()
        # SigLIP's take what is at the last of all places for the whole text, and were trained in lower case
        self._filled = checkpoint.family.startswith("siglip")
        config = getattr(self._model.config, "text_config", self._model.config)
        self._most = min(self._tokenizer.model_max_length, config.max_position_embeddings, _MOST_TOKENS)
        subject = f"texts of model '{checkpoint.name}' on {device}"
        self._batches = Batches(_TEXTS_AT_ONCE.get(device.type, 8), subject, _WHOLE)
        # A tokenizer keeps how much it cuts off in itself: two threads at once would be told that it is borrowed
        self._lock = Lock()
        self.dimensions = _measured(self.encode, ["a photo"], checkpoint)
        """Length of a row."""
        self._check_padding(checkpoint)

    def encode(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Embed texts: (n, d) float32, unit rows, in the order given; what is too long for the model is cut."""
        if not texts:
            return np.empty((0, self.dimensions), dtype=np.float32)
        tokens = self._tokens(texts)
        rows: dict[int, NDArray[np.float32]] = {}
        for width, places in in_widths([len(ids) for ids in tokens["input_ids"]], self._most).items():
            exactly = texts_at_once(width, self._device)
            made = self._batches.results(partial(self._forward, tokens, width), places, exactly)
            rows.update(zip(places, made, strict=True))
        return np.stack([rows[place] for place in range(len(texts))])

    def _check_padding(self, checkpoint: Checkpoint) -> None:
        """Some models attend to what a text is padded with: its row would be another one at another width."""
        tokens = self._tokens(["a photo"])
        length = len(tokens["input_ids"][0])
        narrow, wide = (self._forward(tokens, width, [0])[0] for width in (length, min(length + 8, self._most)))
        if narrow @ wide < _SAME:
            got = "that reads a text in another way beside a longer one"
            raise checkpoint.refused(got, "one row of a text, whatever stands beside it")

    def _tokens(self, texts: Sequence[str]) -> dict[str, list[list[int]]]:
        read = [text.lower() for text in texts] if self._filled else list(texts)
        padding = "max_length" if self._filled else False
        with self._lock:
            tokens = self._tokenizer(read, padding=padding, truncation=True, max_length=self._most)
        return {name: values for name, values in tokens.items() if name in self._taken}

    def _forward(self, tokens: dict[str, list[list[int]]], width: int, places: Sequence[int]) -> NDArray[np.float32]:
        chosen = {name: [values[i] for i in places] for name, values in tokens.items()}
        with self._lock:
            padded = self._tokenizer.pad(chosen, padding="max_length", max_length=width, return_tensors="pt")
        with torch.inference_mode():
            return _unit(self._model.get_text_features(**padded.to(self._device)))


def _unit(output: Any) -> NDArray[np.float32]:
    features = output if isinstance(output, torch.Tensor) else output.pooler_output
    array: NDArray[np.float32] = normalize(features.float(), dim=-1).cpu().numpy()
    return array


def _measured(
    encode: Callable[[Sequence[Any]], NDArray[np.float32]], probe: Sequence[Any], checkpoint: Checkpoint
) -> int:
    """The length of a tower's rows, from what it makes of one."""
    wanted, remedy = "one row for each photo and each text", "name another one, as a CLIP or a SigLIP model"
    try:
        rows = encode(probe)
    except (AttributeError, IndexError, RuntimeError, TypeError, ValueError) as error:
        raise checkpoint.refused(f"that can't be run ({error})", wanted, remedy) from error
    if rows.shape[1:] != (rows.size,):
        raise checkpoint.refused(f"that makes {rows.shape[1:]} numbers of one", wanted, remedy)
    if not np.isfinite(rows).all():
        raise checkpoint.refused("with weights that make rows of no number", "finite ones", "pull it again")
    return int(rows.shape[1])
