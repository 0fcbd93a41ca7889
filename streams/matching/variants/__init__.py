"""Variants: what listings say that tells one variant of a product from another."""

from streams.matching.variants.kinds import VetoKind

__all__ = ["VetoKind"]


# Until the veto is written
from collections.abc import Collection  # noqa: E402
from dataclasses import dataclass  # noqa: E402

from streams.matching.details import Details  # noqa: E402


@dataclass(frozen=True, slots=True)
class Veto:
    """A contradiction."""

    kind: VetoKind
    reason: str


def vetoes_of(own: Details, other: Details, kinds: Collection[VetoKind]) -> tuple[Veto, ...]:
    """None yet."""
    return ()
