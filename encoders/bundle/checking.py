"""Whether the parts of a bundle fit together: what its manifest says, and the tensors of its files."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path

from safetensors import SafetensorError

from encoders.bundle.headers import Shapes, shapes_in
from encoders.bundle.manifest import Manifest
from encoders.bundle.seeing import IN_ONE_SPACE, check_seeing
from encoders.bundle.specs import JointSpec
from encoders.errors import BundleError
from encoders.types import Modality

_REFIT = "make the bundle again with 'matchstream fit'"
_RETRAIN = "make the bundle again with 'matchstream train'"


def check_manifest(bundle: str, manifest: Manifest) -> None:
    """Check that a manifest does not contradict itself.

    Raises:
        BundleError: it does.
    """
    dense = {modality for modality in manifest.modalities if not modality.sparse}
    if dense != set(manifest.dimensions):
        got = f"dimensions of {', '.join(sorted(manifest.dimensions)) or 'nothing'}"
        raise BundleError(bundle, got, f"dimensions of {', '.join(sorted(dense)) or 'nothing'}", _REFIT)
    if manifest.image and manifest.image.crop > manifest.image.resize:
        got = f"images of {manifest.image.resize} pixels cropped to {manifest.image.crop}"
        raise BundleError(bundle, got, "a crop no larger than the image", _REFIT)
    if manifest.lexical and manifest.lexical.characters[0] > manifest.lexical.characters[1]:
        got = f"runs of {manifest.lexical.characters} characters"
        raise BundleError(bundle, got, "the shortest before the longest", _REFIT)
    if not manifest.modalities:
        raise BundleError(bundle, "no modality", f"at least one of {', '.join(Modality)}", _REFIT)
    check_seeing(bundle, manifest)
    if manifest.joint:
        _check_sources(bundle, manifest.joint, {modality for modality in dense if not modality.derived})


def _check_sources(bundle: str, joint: JointSpec, available: set[Modality]) -> None:
    if not available.issuperset(joint.sources) or len(set(joint.sources)) < len(joint.sources):
        got = f"joint rows of {', '.join(joint.sources)}"
        wanted = f"some of {', '.join(sorted(available)) or 'nothing'}, each once, since the bundle encodes no more,"
        raise BundleError(bundle, got, wanted, _RETRAIN)
    if joint.weights is None and (joint.numeric or not set(joint.sources) <= IN_ONE_SPACE):
        got = f"joint rows of {', '.join((*joint.sources, *joint.numeric))} without weights"
        wanted = f"none but {' and '.join(sorted(IN_ONE_SPACE))}"
        raise BundleError(bundle, got, wanted, _RETRAIN)


def check_shapes(bundle: str, folder: Path, manifest: Manifest) -> None:
    """Check that what training added has the shapes that the manifest's dimensions ask for.

    Raises:
        BundleError: it has others.
    """
    for modality, spec in ((Modality.TEXT, manifest.text), (Modality.IMAGE, manifest.image)):
        if spec and spec.head:
            shapes = _read(bundle, folder, spec.head)
            _compare(bundle, spec.head, shapes, _of_head(shapes, manifest.dimensions[modality]))
    if manifest.joint and manifest.joint.weights:
        shapes = _read(bundle, folder, manifest.joint.weights)
        wanted = dict(_of_joint(shapes, manifest.joint, manifest.dimensions))
        _compare(bundle, manifest.joint.weights, shapes, wanted)


def _read(bundle: str, folder: Path, file: str) -> Shapes:
    try:
        return shapes_in(folder / file)
    except (OSError, SafetensorError) as error:
        got = f"file '{file}' that is no safetensors file ({error})"
        raise BundleError(bundle, got, "tensors", _RETRAIN) from error


def _of_head(shapes: Shapes, size: int) -> Shapes:
    """A head scales each number of a row, or mixes them."""
    mixes = len(shapes.get("weight", ())) > 1
    return {"weight": (size, shapes["weight"][-1]) if mixes else (size,), "bias": (size,)}


def _of_joint(
    shapes: Shapes, joint: JointSpec, dimensions: Mapping[Modality, int]
) -> Iterator[tuple[str, tuple[int, ...]]]:
    size = dimensions[Modality.JOINT]
    widths: dict[str, int] = {source.value: dimensions[source] for source in joint.sources}
    if joint.numeric:
        widths["numeric"] = len(joint.numeric)
        yield from ((f"numeric.{name}", (len(joint.numeric),)) for name in ("mean", "std"))
    if "bias" in shapes:
        yield "bias", (size,)
    for part, width in widths.items():
        yield from _of_part(part, width, size, shapes)


def _of_part(part: str, width: int, size: int, shapes: Shapes) -> Iterator[tuple[str, tuple[int, ...]]]:
    """One linear layer, or two with something without tensors between them."""
    first, second = f"{part}.0", f"{part}.2"
    if f"{second}.weight" not in shapes:
        yield from ((f"{first}.weight", (size, width)), (f"{first}.bias", (size,)))
        return
    between = next(iter(shapes.get(f"{first}.weight", ())), 0)
    yield from ((f"{first}.weight", (between, width)), (f"{first}.bias", (between,)))
    yield from ((f"{second}.weight", (size, between)), (f"{second}.bias", (size,)))


def _compare(bundle: str, file: str, shapes: Shapes, wanted: Shapes) -> None:
    for name, shape in wanted.items():
        if name not in shapes:
            got = f"no tensor '{name}' in '{file}'"
            raise BundleError(bundle, got, f"one of shape {shape}", _RETRAIN)
        if shapes[name] != shape:
            got = f"tensor '{name}' of shape {shapes[name]} in '{file}'"
            raise BundleError(bundle, got, f"shape {shape}", _RETRAIN)
