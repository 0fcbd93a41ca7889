"""Variants: what listings say that tells one variant of a product from another."""

from streams.matching.variants.kinds import VetoKind

__all__ = ["VetoKind"]
