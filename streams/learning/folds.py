"""Dividing labelled listings so that no product is on two sides."""

from __future__ import annotations

from collections.abc import Sequence
from hashlib import blake2b

import numpy as np
from numpy.typing import NDArray

from streams.errors import SettingsError


def folds(labels: Sequence[str], parts: int, seed: int = 0) -> NDArray[np.intp]:
    """Which of `parts` each listing belongs to, (n,): by a hash of its label, so that a product is in one only.

    The same label is in the same part whatever other listings there are.

    Raises:
        SettingsError: fewer than two parts.
    """
    if parts < 2:  # noqa: PLR2004 - one part has no other
        raise SettingsError("folds", got=str(parts), wanted="at least 2", remedy="ask for more")
    known = {label: _hash(label, seed) % parts for label in set(labels)}
    return np.array([known[label] for label in labels], dtype=np.intp)


def _hash(label: str, seed: int) -> int:
    digest = blake2b(label.encode("utf-8", "surrogatepass"), digest_size=8, salt=seed.to_bytes(8, "big"))
    return int.from_bytes(digest.digest(), "big")
