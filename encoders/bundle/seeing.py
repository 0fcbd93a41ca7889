"""Whether what looks at photos beside the image encoder fits together: dual encoder, captions and tags."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from encoders.bundle.manifest import Manifest
from encoders.bundle.specs import DualSpec, TagSpec
from encoders.errors import BundleError
from encoders.types import Modality

IN_ONE_SPACE: Final = frozenset({Modality.JOINT_IMAGE, Modality.JOINT_TEXT})
"""What a dual encoder makes rows of."""

_REFIT = "make the bundle again with 'matchstream fit'"


def check_seeing(bundle: str, manifest: Manifest) -> None:
    """Check that a manifest does not contradict itself.

    Raises:
        BundleError: it does.
    """
    either = "add one, or leave them out"
    if manifest.captions and not manifest.text:
        raise BundleError(bundle, "captions without a text encoder", "one that reads them", either)
    if manifest.tags and not manifest.dual:
        raise BundleError(bundle, "tags without a dual encoder", "one that finds them", either)
    if manifest.dual:
        _check_worth(bundle, manifest.dual)
    if manifest.tags:
        _check_cuts(bundle, manifest.tags)
    for modality, other in _of_one_length(manifest):
        one, two = manifest.dimensions[modality], manifest.dimensions[other]
        if one != two:
            got = f"{modality} rows of {one} and {other} rows of {two} dimensions"
            raise BundleError(bundle, got, "as many", _REFIT)


def _check_worth(bundle: str, dual: DualSpec) -> None:
    low, high = dual.worth
    if low >= high:
        got = f"a photo and a text worth nothing at {low:g} and everything at {high:g}"
        raise BundleError(bundle, got, "the lower first", _REFIT)


def _check_cuts(bundle: str, tags: TagSpec) -> None:
    unknown = sorted(set(tags.cuts) - set(tags.lists))
    if unknown:
        got = f"a cut of tags '{unknown[0]}'"
        raise BundleError(bundle, got, f"cuts of {', '.join(tags.lists)}", _REFIT)
    if len(set(tags.lists.values())) < len(tags.lists):
        raise BundleError(bundle, "one file for two lists of tags", "a file each", _REFIT)


def _of_one_length(manifest: Manifest) -> Iterator[tuple[Modality, Modality]]:
    if manifest.dual:
        yield Modality.JOINT_IMAGE, Modality.JOINT_TEXT
    if manifest.captions:
        yield Modality.TEXT, Modality.TEXT_OR_CAPTION
    if manifest.joint and manifest.joint.weights is None and IN_ONE_SPACE.issuperset(manifest.joint.sources):
        yield from ((source, Modality.JOINT) for source in manifest.joint.sources if manifest.dual)
