"""The dense encoders of a new bundle: taken over from its base, or new, and then tried."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Generic, TypeVar

from encoders.bundle import (
    PUBLISHED,
    Bundle,
    CaptionSpec,
    DualSpec,
    ImageSpec,
    JointSpec,
    LexicalSpec,
    TagSpec,
    TextSpec,
)
from encoders.bundle.reading import new_digest
from encoders.bundle.seeing import IN_ONE_SPACE
from encoders.fitting.changes import Changes
from encoders.models import find_model
from encoders.rounding import Numbers
from encoders.types import Modality

IMAGE_FILE = "image.safetensors"
TEXT_FOLDER = "text"
TEXT_HEAD, IMAGE_HEAD = "text-head.safetensors", "image-head.safetensors"
JOINT_FILE = "joint.safetensors"

_MODEL_FILES = ("*.json", "*.txt", "*.model", "model*.safetensors")
Files = dict[str, bytes | Path]
"""What is to be in a bundle by name: content, or where to copy it from."""

Spec = TypeVar("Spec", TextSpec, ImageSpec, JointSpec, DualSpec, CaptionSpec, TagSpec)


@dataclass(frozen=True, slots=True)
class Part(Generic[Spec]):
    """One part of the new bundle; without a specification there is none.

    Args:
        spec: what the manifest says of it.
        dimensions: length of its rows; 0 where it makes none.
        files: what it needs in the bundle.
    """

    spec: Spec | None = None
    dimensions: int = 0
    files: Files = field(default_factory=dict)


def text_part(base: Bundle | None, changes: Changes) -> Part[TextSpec]:
    """The text encoder: the base's, unless another is named."""
    if not changes.text or (base and not base.text and not changes.text_model):
        return Part()
    if base and base.text and not changes.text_model:
        files = kept_folder(base, base.text.model) | _kept(base, base.text.head)
        return Part(base.text, base.dimensions[Modality.TEXT], files)
    return _new_text_part(changes)


def _new_text_part(changes: Changes) -> Part[TextSpec]:
    from encoders.head import read_head  # noqa: PLC0415 - imports torch
    from encoders.text import TextEncoder  # noqa: PLC0415 - likewise

    default = TextSpec()
    max_tokens = changes.text_max_tokens or default.max_tokens
    model = changes.text_model or default.model
    spec = TextSpec(model, pinned(model, changes.text_revision), max_tokens)
    dimensions = TextEncoder(spec).dimensions
    files: Files = {}
    if changes.text_head:
        dimensions = len(read_head(changes.text_head, dimensions).bias)
        spec, files = replace(spec, head=TEXT_HEAD), {TEXT_HEAD: changes.text_head}
    inside = files_of(spec.model, TEXT_FOLDER)
    return Part(replace(spec, model=TEXT_FOLDER) if inside else spec, dimensions, files | inside)


def pinned(model: str, asked: str | None) -> str | None:
    """The commit that was pulled, so that the bundle means the same model tomorrow."""
    return find_model(model, asked).revision or asked


def files_of(model: str, folder: str) -> Files:
    """What of a model that is a folder goes into a folder of the bundle; nothing of one that has a name."""
    here = Path(model).expanduser()
    if not here.is_dir():
        return {}
    return {f"{folder}/{path.name}": path for pattern in _MODEL_FILES for path in sorted(here.glob(pattern))}


def kept_folder(base: Bundle, model: str) -> Files:
    """The files of a model that is a folder of the base."""
    return {name: base.path / name for name in base.files if name.startswith(f"{model}/")}


def image_part(base: Bundle | None, changes: Changes) -> Part[ImageSpec]:
    """The image encoder: the base's, unless anything of it is changed."""
    replaced = changes.image_backbone or changes.image_weights or changes.image_preparation
    if not changes.image or (base and not base.image and not replaced):
        return Part()
    if base and base.image and not replaced:
        kept = base.image.weights
        files: Files = {} if kept == PUBLISHED else {kept: base.file(kept)}
        files |= _kept(base, base.image.head)
        return Part(base.image, base.dimensions[Modality.IMAGE], files)
    return _new_image_part(base, changes)


def _new_image_part(base: Bundle | None, changes: Changes) -> Part[ImageSpec]:
    from safetensors.torch import save  # noqa: PLC0415 - imports torch

    from encoders.image import (  # noqa: PLC0415 - likewise
        ImageEncoder,
        kept_weights,
        published_weights,
        read_weights,
    )

    spec, source = _image_spec(base, changes)
    weights = published_weights(spec) if source == PUBLISHED else read_weights(Path(source).expanduser())
    encoder = ImageEncoder(spec, weights, head=changes.image_head)
    files: Files = {} if source == PUBLISHED else {IMAGE_FILE: save(kept_weights(spec, weights))}
    if changes.image_head:
        files[IMAGE_HEAD] = changes.image_head
    return Part(spec, encoder.dimensions, files)


def joint_part(base: Bundle | None, changes: Changes, dual: Part[DualSpec]) -> Part[JointSpec]:
    """A new joint space; or the base's as long as what it joins is encoded as it was; or what the dual encoder has."""
    from encoders.joint import read_joint  # noqa: PLC0415 - with the bundle's other parts

    if changes.joint and changes.joint_weights:
        spec = replace(changes.joint, weights=JOINT_FILE)
        encoder = read_joint(changes.joint_weights, spec)
        return Part(spec, encoder.dimensions, {JOINT_FILE: changes.joint_weights})
    if base and base.joint and base.joint.weights and _still_joined(base.joint, changes):
        return Part(base.joint, base.dimensions[Modality.JOINT], _kept(base, base.joint.weights))
    if dual.spec is None:
        return Part()
    return Part(JointSpec(None, (Modality.JOINT_IMAGE, Modality.JOINT_TEXT), cross_modal=True), dual.dimensions)


def _still_joined(joint: JointSpec, changes: Changes) -> bool:
    sources = set(joint.sources)
    others = changes.replaces_encoders and not sources <= IN_ONE_SPACE
    return changes.dual and not others and not (changes.replaces_dual and sources & IN_ONE_SPACE)


def _kept(base: Bundle, name: str | None) -> Files:
    return {} if name is None else {name: base.file(name)}


def _image_spec(base: Bundle | None, changes: Changes) -> tuple[ImageSpec, Path | str]:
    """The specification, and where the weights come from."""
    from encoders.image import published_spec  # noqa: PLC0415 - imports torch

    old = base.image if base else None
    backbone = changes.image_backbone or (old.backbone if old else ImageSpec().backbone)
    taken_over = old if old and old.backbone == backbone else None
    source = changes.image_weights
    if source is None and base and taken_over and taken_over.weights != PUBLISHED:
        source = base.file(taken_over.weights)
    weights = PUBLISHED if source in {None, PUBLISHED} else IMAGE_FILE
    head = IMAGE_HEAD if changes.image_head else None
    spec = replace(taken_over or published_spec(backbone), weights=weights, head=head, **changes.image_preparation)
    return spec, source or PUBLISHED


def numbers_of_rows(base: Bundle | None, changes: Changes, lexical: LexicalSpec, idf: bytes | Path) -> Numbers:
    """The base's where an index could keep them all, for then it need not be filled anew."""
    own = base.lexical if base else None
    if base is None or own is None or own.idf is None or replace(own, idf=lexical.idf) != lexical:
        return "float16"
    known = isinstance(idf, Path) or new_digest(idf).hexdigest() == base.files[own.idf]
    return base.rows if known and not (changes.replaces_encoders or changes.replaces_dual) else "float16"
