"""The encoders of a bundle one by one: their files, their size, and whether two of them make the same rows."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

import orjson

from encoders.bundle.headers import parameters_in
from encoders.bundle.reading import Bundle, new_digest
from encoders.bundle.specs import EXACT, CaptionSpec, DualSpec, ImageSpec, JointSpec, LexicalSpec, TextSpec
from encoders.bundle.wording import encoders_in_words
from encoders.types import Modality

Spec = TextSpec | ImageSpec | DualSpec | JointSpec | CaptionSpec | LexicalSpec
_MODELS = (TextSpec, DualSpec, CaptionSpec)
"""Those that name a folder of the bundle, or a model elsewhere."""

_TENSORS = ".safetensors"
_FILE_FIELDS = frozenset({"weights", "head", "idf"})
"""Fields that name a file, whose content counts and not its name."""
_NOT_OF_ROWS = frozenset({"worth"})
"""Fields that no row depends on."""
_UNSAID = ("precision", EXACT)
"""What held before there was a field for it, so that rows of then are those of now."""
_NOT_OF_CAPTIONS = frozenset({"share"})
"""The field that only rows depend on."""
_OF_PHOTOS = frozenset({Modality.IMAGE, Modality.JOINT_IMAGE, Modality.TEXT_OR_CAPTION, Modality.LEXICAL_OR_CAPTION})
"""A caption is of the first photo that can be read."""


@dataclass(frozen=True, slots=True, kw_only=True)
class EncoderPart:
    """One encoder of a bundle.

    Args:
        modality: what it encodes.
        words: what it is.
        dimensions: length of its rows; None where they are sparse.
        files: digest of each file that it reads in the bundle, by name.
        size: bytes of these.
        parameters: numbers in these; None where all of them are elsewhere.
        identity: digest of all that its rows depend on; a model that is named and lies elsewhere is taken to be
            the same as long as its name is.
    """

    modality: Modality
    words: str
    dimensions: int | None
    files: Mapping[str, str]
    size: int
    parameters: int | None
    identity: str


def parts_of(bundle: Bundle) -> dict[Modality, EncoderPart]:
    """Each encoder of a bundle."""
    return {
        modality: EncoderPart(
            modality=modality,
            words=words,
            dimensions=bundle.dimensions.get(modality),
            files=(files := encoder_files(bundle, modality)),
            size=sum((bundle.path / name).stat().st_size for name in files),
            parameters=0 if _is_a_sum(bundle, modality) else _parameters(bundle, files),
            identity=identity_of(bundle, modality),
        )
        for modality, words in encoders_in_words(bundle).items()
    }


def encoder_files(bundle: Bundle, modality: Modality) -> dict[str, str]:
    """Digest of each file of the bundle that an encoder reads, by name."""
    spec = _spec(bundle, modality)
    named = {value for name, value in asdict(spec).items() if name in _FILE_FIELDS} if spec else set()
    folder = f"{spec.model}/" if isinstance(spec, _MODELS) else None
    return {
        name: digest
        for name, digest in bundle.files.items()
        if name in named or (folder is not None and name.startswith(folder))
    }


def identity_of(bundle: Bundle, modality: Modality) -> str:
    """Digest of all that an encoder's rows depend on: two bundles where it is equal make the same rows."""
    return new_digest(orjson.dumps(_known(bundle, modality), option=orjson.OPT_SORT_KEYS)).hexdigest()


def identity_of_generated(bundle: Bundle) -> str | None:
    """Digest of all that captions and tags depend on, likewise; None where nothing is generated."""
    if bundle.captions is None and bundle.tags is None:
        return None
    known: dict[str, Any] = {}
    if bundle.captions:
        captions = asdict(bundle.captions)
        known["captions"] = {name: value for name, value in captions.items() if name not in _NOT_OF_CAPTIONS}
        known["captions"] |= {**_model(bundle, bundle.captions.model), "photos": bundle.photos}
    if bundle.tags:
        lists = {name: bundle.files[file] for name, file in bundle.tags.lists.items()}
        known["tags"] = {**asdict(bundle.tags), "lists": lists, "photos": identity_of(bundle, Modality.JOINT_IMAGE)}
    return new_digest(orjson.dumps(known, option=orjson.OPT_SORT_KEYS)).hexdigest()


def _model(bundle: Bundle, model: str) -> dict[str, Any]:
    """What a model is known by: its files, or its name where it is elsewhere."""
    folder = f"{model}/"
    inside = {name.removeprefix(folder): one for name, one in bundle.files.items() if name.startswith(folder)}
    return {"model": inside or model}


def _known(bundle: Bundle, modality: Modality) -> dict[str, Any]:
    spec = _spec(bundle, modality)
    values = asdict(spec) if spec else {}
    known: dict[str, Any] = {
        name: bundle.files.get(value, value) if name in _FILE_FIELDS and value else value
        for name, value in values.items()
        if name not in _NOT_OF_ROWS and (name, value) != _UNSAID
    }
    if isinstance(spec, _MODELS):
        known |= _model(bundle, spec.model)
    if isinstance(spec, JointSpec):
        known["sources"] = [identity_of(bundle, source) for source in spec.sources]
    if spec and modality.stands_in_for:
        known["own_words"] = identity_of(bundle, modality.stands_in_for)
    if bundle.photos > 1 and modality in _OF_PHOTOS:
        known["photos"] = bundle.photos
    if spec and bundle.rows != "float32" and not modality.derived:
        known["rows"] = bundle.rows
    return known | {"dimensions": bundle.dimensions.get(modality)}


def _spec(bundle: Bundle, modality: Modality) -> Spec | None:
    specs: Mapping[Modality, Spec | None] = {
        Modality.TEXT: bundle.text,
        Modality.IMAGE: bundle.image,
        Modality.JOINT_IMAGE: bundle.dual,
        Modality.JOINT_TEXT: bundle.dual,
        Modality.TEXT_OR_CAPTION: bundle.captions,
        Modality.JOINT: bundle.joint,
        Modality.LEXICAL: bundle.lexical,
        Modality.LEXICAL_OR_CAPTION: bundle.captions,
    }
    return specs[modality]


def _is_a_sum(bundle: Bundle, modality: Modality) -> bool:
    return modality is Modality.JOINT and bundle.joint is not None and bundle.joint.weights is None


def _parameters(bundle: Bundle, files: Mapping[str, str]) -> int | None:
    counts = [parameters_in(bundle.path / name) for name in files if name.endswith(_TENSORS)]
    known = [count for count in counts if count is not None]
    return sum(known) if known else None
