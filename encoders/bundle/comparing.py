"""Two bundles side by side: what differs, and whether rows of one mean the same to the other."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Any

from encoders.bundle.origins import command_in_words, leaves, metrics_of, origins_of
from encoders.bundle.parts import identity_of, identity_of_generated
from encoders.bundle.reading import Bundle
from encoders.types import Modality


class Standing(StrEnum):
    """Whose rows there are of a modality, and whether those of both are the same."""

    SAME = "same"
    OTHER = "other"
    FIRST = "first only"
    SECOND = "second only"


@dataclass(frozen=True, slots=True)
class Difference:
    """A field that two bundles have otherwise.

    Args:
        path: where it is inside nested objects.
        first: its value in the first bundle, None where it has none.
        second: likewise.
    """

    path: tuple[str, ...]
    first: Any
    second: Any


@dataclass(frozen=True, slots=True)
class Comparison:
    """What two bundles have in common and what not.

    Args:
        rows: for each modality that either encodes, how its rows compare.
        differences: by field.
        metrics: figures that were measured when they were made, of the first and the second, None where unknown.
        generated: how captions and tags compare; None where neither bundle makes any.
    """

    rows: Mapping[Modality, Standing]
    differences: Sequence[Difference]
    metrics: Mapping[str, tuple[float | None, float | None]]
    generated: Standing | None = None

    @property
    def reindex(self) -> bool:
        """Whether an index that holds the rows of one lacks any of the other's."""
        return any(standing is not Standing.SAME for standing in self.rows.values())

    @property
    def encode_again(self) -> list[Modality]:
        """Modalities whose listings have to be encoded to go from the first to the second; derived rows never."""
        needed = (Standing.OTHER, Standing.SECOND)
        return [one for one, standing in self.rows.items() if standing in needed and not one.derived]


def compare_bundles(
    first: Bundle, second: Bundle, matching: tuple[Mapping[str, Any], Mapping[str, Any]] | None = None
) -> Comparison:
    """Compare field by field.

    Args:
        first: one bundle.
        second: another.
        matching: how each matches with every default filled in, in place of what their manifests say.
    """
    own, other = matching or (first.matching, second.matching)
    modalities = [one for one in Modality if one in first.modalities | second.modalities]
    figures = metrics_of(first), metrics_of(second)
    return Comparison(
        {one: _standing(first, second, one) for one in modalities},
        differences(_document(first, own), _document(second, other)),
        {name: (figures[0].get(name), figures[1].get(name)) for name in dict.fromkeys([*figures[0], *figures[1]])},
        _generated(first, second),
    )


def differences(first: Mapping[str, Any], second: Mapping[str, Any]) -> list[Difference]:
    """The fields inside nested objects whose values differ; those of the first come first."""
    one, other = dict(leaves(first)), dict(leaves(second))
    paths = [path for path in dict.fromkeys([*one, *other]) if one.get(path) != other.get(path)]
    return [Difference(path, one.get(path), other.get(path)) for path in paths]


def _standing(first: Bundle, second: Bundle, modality: Modality) -> Standing:
    if modality not in second.modalities:
        return Standing.FIRST
    if modality not in first.modalities:
        return Standing.SECOND
    same = identity_of(first, modality) == identity_of(second, modality)
    return Standing.SAME if same else Standing.OTHER


def _generated(first: Bundle, second: Bundle) -> Standing | None:
    one, other = identity_of_generated(first), identity_of_generated(second)
    if one is None or other is None:
        return None if one is other else Standing.FIRST if one else Standing.SECOND
    return Standing.SAME if one == other else Standing.OTHER


def _document(bundle: Bundle, matching: Mapping[str, Any]) -> dict[str, Any]:
    specs = {name: getattr(bundle, name) for name in ("image", "text", "dual", "joint", "lexical", "captions", "tags")}
    own, *bases = origins_of(bundle)
    facts = dict(own.facts)
    if "command" in facts:
        facts["command"] = command_in_words(facts["command"])
    if bases:
        facts["based on"] = f"{bases[0].name}@{bases[0].digest[:12]}"
    return {
        **{name: asdict(spec) if spec else None for name, spec in specs.items()},
        "photos": bundle.photos,
        "rows": bundle.rows,
        "dimensions": {str(modality): size for modality, size in bundle.dimensions.items()},
        "matching": matching,
        "provenance": facts,
        "files": bundle.files,
    }
