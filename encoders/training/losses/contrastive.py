"""Supervised contrastive loss: listings of one product attract each other, all others in the batch repel."""

from __future__ import annotations

import torch
from torch import Tensor

from encoders.training.losses.products import inner_products


def supervised_contrastive(embeddings: Tensor, labels: Tensor, temperature: float) -> Tensor:
    """Mean over anchors of the mean over their positives of -log of the positive's share among all others.

    An anchor that is alone with its label has no positive: it repels others and is left out of the mean.
    Where all are alone, the loss is 0.

    Args:
        embeddings: (n, d), unit rows.
        labels: (n,) integers.
        temperature: what cosines are divided by.

    Source: Khosla et al., Supervised Contrastive Learning, equation 2.
    """
    logits = inner_products(embeddings, embeddings) / temperature
    itself = torch.eye(len(labels), dtype=torch.bool, device=labels.device)
    shares = logits.masked_fill(itself, -torch.inf).log_softmax(dim=1)
    positive = (labels[:, None] == labels[None, :]) & ~itself
    positives = positive.sum(1)
    per_anchor = shares.masked_fill(~positive, 0.0).sum(1) / positives.clamp_min(1)
    return -per_anchor.sum() / (positives > 0).sum().clamp_min(1)
