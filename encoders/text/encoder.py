"""Titles to unit rows: the mean over a title's tokens of what a BERT-family model makes of them."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from safetensors import SafetensorError
from torch.nn.functional import normalize
from transformers import AutoModel, AutoTokenizer

from encoders.batches import Batches, in_widths, moved, texts_at_once
from encoders.bundle import TextSpec
from encoders.errors import BundleError
from encoders.head import read_head
from encoders.models import MINILM, FoundModel, find_model
from encoders.models.quiet import no_progress_bar
from encoders.precision import of_precision

_BATCH = 32
_log = logging.getLogger(__name__)


class TextEncoder:
    """Embeds titles.

    Args:
        spec: which model, and how much of a title it reads.
        bundle: the bundle's folder, where the model may live.
        device: where it runs.
        batch: titles that are looked at together, at most.

    Raises:
        ModelMissingError: the model is in none of the places that it may live in.
        BundleError: it does not read texts by themselves.
    """

    def __init__(
        self, spec: TextSpec, bundle: Path | None = None, device: torch.device | None = None, batch: int = _BATCH
    ) -> None:
        found = find_model(spec.model, spec.revision, bundle)
        self.source = found.source
        """Where the model came from, in words."""
        self._device = device or torch.device("cpu")
        self._tokenizer, model = load_model(found, bundle.name if bundle else "new")
        subject = f"text model '{spec.model}' on {self._device}"
        model = of_precision(model, spec.precision, self._device, subject)
        self._model = moved(model, self._device, subject).eval().requires_grad_(requires_grad=False)
        self._batches = Batches(batch, subject)
        self._max_tokens = min(spec.max_tokens, self._tokenizer.model_max_length)
        self._head = None
        if spec.head is not None and bundle is not None:
            self._head = read_head(bundle / spec.head, int(model.config.hidden_size), bundle.name).to(self._device)
        _log.info("text model '%s' from %s, on %s", spec.model, self.source, self._device)

    @property
    def dimensions(self) -> int:
        """Length of a row."""
        return int(self._model.config.hidden_size) if self._head is None else len(self._head.bias)

    def encode(self, titles: Sequence[str]) -> NDArray[np.float32]:
        """Embed titles: (n, d) float32, unit rows, in the order given."""
        rows = np.empty((len(titles), self.dimensions), dtype=np.float32)
        if not titles:
            return rows
        tokens = self._tokenizer(list(titles), truncation=True, max_length=self._max_tokens)
        for width, places in in_widths([len(ids) for ids in tokens["input_ids"]], self._max_tokens).items():
            exactly = texts_at_once(width, self._device)
            rows[places] = self._batches.results(partial(self._forward, tokens, width), places, exactly)
        return rows

    def _forward(self, tokens: Mapping[str, list[list[int]]], width: int, chosen: Sequence[int]) -> NDArray[np.float32]:
        some = {name: [values[i] for i in chosen] for name, values in tokens.items()}
        options: dict[str, Any] = {"padding": "max_length", "max_length": width, "return_tensors": "pt"}
        padded = self._tokenizer.pad(some, **options).to(self._device)
        # Set here because grad mode belongs to the thread, and callers use an executor's
        with torch.inference_mode():
            states = self._model(**padded).last_hidden_state
            pooled = mean_pool(states.float(), padded["attention_mask"])
            rows = normalize(self._head(pooled) if self._head else pooled, dim=1)
        array: NDArray[np.float32] = rows.cpu().numpy()
        return array


def mean_pool(states: torch.Tensor, mask: torch.Tensor) -> torch.Tensor:
    """The mean of each title's token states, padding left out.

    Args:
        states: (n, tokens, d).
        mask: (n, tokens), 1 at a token and 0 at padding.

    Returns:
        (n, d).
    """
    weights = mask.unsqueeze(-1).to(states.dtype)
    return (states * weights).sum(dim=1) / weights.sum(dim=1).clamp(min=1)


def load_model(found: FoundModel, bundle: str) -> tuple[Any, Any]:
    """The tokenizer and the model.

    Args:
        found: where they are.
        bundle: name of the bundle that asks for them, for error messages.

    Raises:
        ModelMissingError: transformers can't load them.
        BundleError: it is a model of another kind.
    """
    # Nothing from the network, and no code that a checkpoint brings
    options: dict[str, Any] = {"local_files_only": True, "trust_remote_code": False}
    try:
        tokenizer = AutoTokenizer.from_pretrained(found.folder, **options)
        # Only safetensors: other weight files are pickles, which run what they hold
        with no_progress_bar():
            model = AutoModel.from_pretrained(found.folder, use_safetensors=True, dtype=torch.float32, **options)
    except (OSError, RuntimeError, ValueError, SafetensorError) as error:
        raise found.unusable(error) from error
    if not _reads(model):
        got = f"text model '{found.name}', a {type(model).__name__}"
        raise BundleError(bundle, got, "one that reads titles by themselves", f"name another one, as '{MINILM}'")
    return tokenizer, model


def _reads(model: Any) -> bool:
    """Whether it makes states of a text's tokens and of nothing else."""
    config = model.config
    alone = model.main_input_name == "input_ids" and not getattr(config, "is_encoder_decoder", False)
    return alone and isinstance(getattr(config, "hidden_size", None), int)
