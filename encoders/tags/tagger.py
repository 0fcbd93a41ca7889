"""Rows of photos to tags: the best phrase of each list, where it is likely enough."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from encoders.bundle import TagSpec
from encoders.dual import DualEncoder
from encoders.types import Row, Tag


class Tagger:
    """Names what photos show.

    Args:
        spec: the lists and from which probability a phrase is told.
        bundle: the bundle's folder, where the lists are.
        dual: compares phrases with photos.

    Raises:
        BundleError: a list can't be read.
    """

    def __init__(self, spec: TagSpec, bundle: Path, dual: DualEncoder) -> None:
        raise NotImplementedError

    def tags(self, rows: Sequence[Row]) -> list[Mapping[str, Tag]]:
        """Of each photo's row in the dual encoder's space: list name to its tag, where one is likely enough."""
        raise NotImplementedError
