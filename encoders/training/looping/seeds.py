"""Seeds for whatever is decided at one place of a training."""

from __future__ import annotations

from hashlib import blake2b


def seed_of(*parts: int | str) -> int:
    """A seed in [0, 2**63) that the parts decide, such as a seed, an epoch and a place in it.

    Neighbouring parts give seeds that have nothing to do with each other; the number 1 and the word "1" differ.
    """
    text = "\0".join(f"{type(part).__name__}:{part}" for part in parts)
    return int.from_bytes(blake2b(text.encode(), digest_size=8).digest(), "big") >> 1
