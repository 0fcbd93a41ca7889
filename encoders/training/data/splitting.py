"""Keeping products back: what is watched while training shares no product with what is learned from."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from hashlib import blake2b

from encoders.errors import TrainingError
from encoders.training.data.examples import Examples

_LEAST = 2
"""Products with several listings that each side needs: one has nothing to be told apart from."""
_SHARES = 1 << 32


@dataclass(frozen=True, slots=True)
class Split:
    """Listings of two sets of products.

    Args:
        training: what is learned from.
        held_out: what is measured on while training.
    """

    training: Examples
    held_out: Examples


def split(examples: Examples, share: float, seed: int) -> Split:
    """Hold about `share` of the products back, by a hash of their labels.

    The same product is on the same side whatever other products there are, unless they are so few that
    the share has to give way to the two products that each side needs.

    Args:
        examples: listings of at least four products with several listings.
        share: of the products, in (0, 1).
        seed: another one holds back others.

    Raises:
        TrainingError: too few products have several listings.
    """
    if examples.several < 2 * _LEAST:
        got = f"{examples.several} of {examples.products} products with more than one listing"
        wanted = f"at least {2 * _LEAST}, to learn from some and to measure on others"
        raise TrainingError("training data", got, wanted, "give more labelled listings of more products")
    held_out = _held_out(examples, share, seed)
    sides = [Examples(tuple(one for one in examples.all if (one.label in held_out) is side)) for side in (False, True)]
    return Split(*sides)


def _held_out(examples: Examples, share: float, seed: int) -> set[str]:
    """At least as many as can be measured on, and never so many that too few are left."""
    sizes = Counter(one.label for one in examples.all)
    several = sorted(
        (label for label, size in sizes.items() if size > 1), key=lambda label: (_hash(label, seed), label)
    )
    wanted = {label for label in sizes if _hash(label, seed) < share * _SHARES}
    count = min(max(sum(label in wanted for label in several), _LEAST), len(several) - _LEAST)
    return wanted.difference(several).union(several[:count])


def some_products(examples: Examples, listings: int) -> Examples:
    """So many listings, of products drawn by lot: measuring on all would take longer and tell no more."""
    return Examples.of(sorted(examples.all, key=lambda one: (_hash(one.label, 0), one.listing_id))[:listings])


def _hash(label: str, seed: int) -> int:
    digest = blake2b(label.encode("utf-8", "surrogatepass"), digest_size=4, salt=seed.to_bytes(8, "big"))
    return int.from_bytes(digest.digest(), "big")
