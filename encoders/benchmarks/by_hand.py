"""Titles through a network that is given tokens, pooled as the product pools."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

import numpy as np
import torch
from torch.nn.functional import normalize

from encoders.benchmarks.ways import Rows, batches
from encoders.text import mean_pool

_PADDED: Final = 128
"""Tokens that first examples pad every title to."""

Compute = Callable[[dict[str, torch.Tensor]], torch.Tensor]
"""From padded tokens to their states, both in the machine's own memory."""


def titles_one_by_one(
    tokenizer: Any, model: Any, titles: list[str], device: torch.device, *, padded: bool = True
) -> Rows:
    """As first examples do it, or at least without the padding that a title by itself has no use for."""
    most = min(_PADDED, tokenizer.model_max_length)
    rows = []
    with torch.no_grad():
        for title in titles:
            options: dict[str, Any] = {
                "padding": "max_length" if padded else False,
                "truncation": True,
                "max_length": most,
            }
            tokens = tokenizer(title, return_tensors="pt", **options).to(device)
            pooled = mean_pool(model(**tokens).last_hidden_state, tokens["attention_mask"])
            rows.append(normalize(pooled, dim=1).cpu().numpy())
    return np.concatenate(rows)


def in_batches(
    compute: Compute,
    tokenizer: Any,
    titles: list[str],
    sized: tuple[int, int],
    *,
    by_length: bool = True,
) -> Rows:
    """Rows by a network that is given tokens, pooled as the product pools.

    Args:
        compute: the states of padded tokens.
        tokenizer: of the network.
        titles: to be encoded.
        sized: how many titles at once, and tokens of one at most.
        by_length: whether those of about one length go together.
    """
    size, most = sized
    tokens = tokenizer(titles, truncation=True, max_length=most)
    order = list(range(len(titles)))
    if by_length:
        order.sort(key=lambda i: len(tokens["input_ids"][i]))
    rows: dict[int, Rows] = {}
    for places in batches(len(titles), size):
        some = {name: [values[i] for i in order[places]] for name, values in tokens.items()}
        padded = tokenizer.pad(some, padding=True, return_tensors="pt")
        with torch.inference_mode():
            made = normalize(mean_pool(compute(dict(padded)).float(), padded["attention_mask"]), dim=1).numpy()
        rows.update(zip(order[places], made, strict=True))
    return np.stack([rows[i] for i in range(len(titles))])


def states_by(network: Any, device: torch.device) -> Compute:
    """The states that a network on that device makes of tokens."""

    def states(tokens: dict[str, torch.Tensor]) -> torch.Tensor:
        made: torch.Tensor = network(**{name: one.to(device) for name, one in tokens.items()}).last_hidden_state
        return made.cpu()

    return states
