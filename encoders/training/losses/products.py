"""Inner products that mixed precision leaves alone: half of float32's digits would blur margins of hundredths."""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn import functional


def inner_products(left: Tensor, right: Tensor) -> Tensor:
    """Inner product of each row of `left`, (n, d), with each of `right`, (k, d), as (n, k)."""
    with torch.autocast(left.device.type, enabled=False):
        return at_least_float32(left) @ at_least_float32(right).T


def unit_rows(rows: Tensor) -> Tensor:
    """The directions of rows (n, d); what is all zeros stays."""
    return functional.normalize(at_least_float32(rows))


def at_least_float32(rows: Tensor) -> Tensor:
    """Rows of half precision as float32, others as they are."""
    return rows.to(torch.promote_types(rows.dtype, torch.float32))
