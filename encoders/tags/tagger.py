"""Rows of photos to tags: the best phrase of each list, where it is likely enough."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from encoders.bundle import TagSpec
from encoders.tags.ranking import Dual, Ranking
from encoders.tags.reading import read_list
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

    def __init__(self, spec: TagSpec, bundle: Path, dual: Dual) -> None:
        lists = [read_list(name, bundle / file, bundle.name) for name, file in spec.lists.items()]
        self._cuts = spec.cuts
        self._ranking = Ranking([one for one in lists if one.name in spec.cuts], spec.template, dual)

    def tags(self, rows: Sequence[Row]) -> list[Mapping[str, Tag]]:
        """Of each photo's row in the dual encoder's space: list name to its tag, where one is likely enough."""
        found: list[dict[str, Tag]] = [{} for _ in rows]
        for name, best in self._ranking.best(rows).items():
            for tags, word, probability in zip(found, best.words, best.probabilities, strict=True):
                if probability >= self._cuts[name]:
                    tags[name] = Tag(word, float(probability))
        return list(found)
