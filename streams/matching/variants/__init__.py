"""Variants: what listings say that tells one variant of a product from another."""

from streams.matching.variants.facts import Facts, facts_of
from streams.matching.variants.gtin import normalised_gtin
from streams.matching.variants.kinds import VetoKind
from streams.matching.variants.vetoes import Veto, vetoes_of

__all__ = ["Facts", "Veto", "VetoKind", "facts_of", "normalised_gtin", "vetoes_of"]
