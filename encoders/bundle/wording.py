"""What encodes each modality, and what is told of photos, in words."""

from __future__ import annotations

from encoders.bundle.manifest import Manifest
from encoders.bundle.specs import (
    EXACT,
    PUBLISHED,
    CaptionSpec,
    DualSpec,
    ImageSpec,
    JointSpec,
    LexicalSpec,
    TagSpec,
    TextSpec,
)
from encoders.types import Modality

_HEAD = "a trained head"


def encoders_in_words(manifest: Manifest) -> dict[Modality, str]:
    """One line for each modality that is encoded."""
    words = {
        Modality.IMAGE: _image(manifest.image) if manifest.image else None,
        Modality.TEXT: _text(manifest.text) if manifest.text else None,
        Modality.JOINT_IMAGE: _dual(manifest.dual) if manifest.dual else None,
        Modality.JOINT_TEXT: "titles by the same model, in the same space" if manifest.dual else None,
        Modality.TEXT_OR_CAPTION: _captioned(manifest.captions, Modality.TEXT) if manifest.captions else None,
        Modality.JOINT: _joint(manifest.joint) if manifest.joint else None,
        Modality.LEXICAL: _lexical(manifest.lexical) if manifest.lexical else None,
        Modality.LEXICAL_OR_CAPTION: _captioned(manifest.captions, Modality.LEXICAL)
        if manifest.captions and manifest.lexical
        else None,
    }
    return {modality: line for modality, line in words.items() if line is not None}


def seen_in_words(manifest: Manifest) -> dict[str, str]:
    """What is looked at and told of photos beside rows: what, and a line about it."""
    lines = {
        "photos": f"the first {manifest.photos} of a listing, pooled" if manifest.photos > 1 else None,
        "captions": _captions(manifest.captions) if manifest.captions else None,
        "tags": _tags(manifest.tags) if manifest.tags else None,
    }
    return {what: line for what, line in lines.items() if line is not None}


def cuts_in_words(spec: TagSpec) -> str:
    """Each list of tags, and from which probability its best one is told."""
    lists = sorted(spec.lists)
    told = ", ".join(f"{name} from {spec.cuts[name]:.2f}" for name in lists if name in spec.cuts)
    silent = ", ".join(name for name in lists if name not in spec.cuts)
    return "; ".join(part for part in (told, f"nothing of {silent}" if silent else "") if part)


def size_in_words(size: float) -> str:
    """Bytes, as 1.2 MB."""
    for unit in ("bytes", "kB", "MB"):
        if size < 1000:  # noqa: PLR2004 - SI units
            return f"{size:.0f} {unit}" if unit == "bytes" else f"{size:.1f} {unit}"
        size /= 1000
    return f"{size:.1f} GB"


def _image(spec: ImageSpec) -> str:
    weights = "published weights" if spec.weights == PUBLISHED else "weights of its own"
    size = f"{spec.crop} pixels square" + (f" out of {spec.resize}" if spec.resize > spec.crop else "")
    return ", ".join([spec.backbone, weights, size, *([_HEAD] if spec.head else []), *_precision(spec)])


def _text(spec: TextSpec) -> str:
    most = f"{spec.max_tokens} tokens at most"
    return ", ".join([_model(spec), most, *([_HEAD] if spec.head else []), *_precision(spec)])


def _dual(spec: DualSpec) -> str:
    return ", ".join([f"photos by {_model(spec)}, in a space that titles share", *_precision(spec)])


def _precision(spec: TextSpec | ImageSpec | DualSpec) -> list[str]:
    return [] if spec.precision == EXACT else [f"computed in {spec.precision}"]


def _captioned(spec: CaptionSpec, own: Modality) -> str:
    return f"as {own}; titles of fewer than {spec.min_words} words with a caption by {_model(spec)}"


def _model(spec: TextSpec | DualSpec | CaptionSpec) -> str:
    return f"{spec.model} at {spec.revision}" if spec.revision else spec.model


def _captions(spec: CaptionSpec) -> str:
    prompt = f", begun with '{spec.prompt}'" if spec.prompt else ""
    few = f"where a title has fewer than {spec.min_words} words"
    return f"by {_model(spec)}{prompt}, {few}, of {spec.max_tokens} tokens at most; worth {spec.share:g} of a title"


def _tags(spec: TagSpec) -> str:
    return f"{cuts_in_words(spec)}; as '{spec.template}'"


def _joint(spec: JointSpec) -> str:
    joined = " + ".join([*spec.sources, *spec.numeric])
    if spec.weights is None:
        return f"{joined}, summed in the space they share"
    return f"{joined}, projected into one space" + (", where one finds the other" if spec.cross_modal else "")


def _lexical(spec: LexicalSpec) -> str:
    shortest, longest = spec.characters
    runs = f"{shortest}" if shortest == longest else f"{shortest} to {longest}"
    idf = "frozen IDF weights" if spec.idf else "no IDF weights"
    return f"words and runs of {runs} characters, {idf}"
