"""Losses over embeddings of a batch."""

from __future__ import annotations

import torch
from torch import Tensor


def supervised_contrastive(embeddings: Tensor, labels: Tensor, temperature: float) -> Tensor:
    """Mean over anchors and their positives of -log of the positive's share among all others.

    Args:
        embeddings: (n, d), unit rows.
        labels: (n,) integers; every label at least twice.
        temperature: what cosines are divided by.

    Source: Khosla et al., Supervised Contrastive Learning, equation 2.
    """
    logits = embeddings @ embeddings.T / temperature
    itself = torch.eye(len(labels), dtype=torch.bool, device=labels.device)
    shares = logits.masked_fill(itself, -torch.inf).log_softmax(dim=1)
    positive = (labels[:, None] == labels[None, :]) & ~itself
    per_anchor = shares.masked_fill(~positive, 0.0).sum(1) / positive.sum(1)
    return -per_anchor.mean()
