"""Learning what a bundle learns from titles, and writing it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, fields, replace
from hashlib import blake2b
from importlib.metadata import version
from pathlib import Path
from typing import Any

from encoders.bundle import (
    Bundle,
    CaptionSpec,
    DualSpec,
    ImageSpec,
    JointSpec,
    LexicalSpec,
    Manifest,
    TagSpec,
    TextSpec,
    write_bundle,
)
from encoders.errors import BundleError
from encoders.fitting.changes import Changes
from encoders.fitting.parts import Files, Part, image_part, joint_part, numbers_of_rows, text_part
from encoders.fitting.precision import in_precision
from encoders.fitting.seeing import caption_part, check_seeing_changes, dual_part, tag_part
from encoders.lexical import fit_idf
from encoders.types import Modality

IDF_FILE = "idf.safetensors"

_LIBRARIES = ("matchstream", "numpy", "pillow", "scikit-learn", "torch", "torchvision", "transformers")


class _Sample:
    """Counts titles and takes their digest while they go by."""

    def __init__(self, titles: Iterable[str]) -> None:
        self._titles = titles
        self.count = 0
        self.digest = blake2b(digest_size=16)

    def __iter__(self) -> Iterator[str]:
        for title in self._titles:
            data = title.encode("utf-8", "surrogatepass")
            self.digest.update(len(data).to_bytes(8, "big") + data)
            self.count += 1
            yield title


def fit_bundle(
    titles: Iterable[str],
    output: Path,
    *,
    base: Bundle | None = None,
    changes: Changes | None = None,
    matching: Mapping[str, Any] | None = None,
    origin: Mapping[str, Any] | None = None,
) -> Bundle:
    """Learn the IDF of `titles`, and write a bundle with it and with the encoders of `base`.

    Args:
        titles: a sample of the titles to be matched; read once, nothing of it is kept. Without any, the base's IDF
            is taken over.
        output: the folder to make; a bundle that is there is replaced.
        base: what is taken over; without it, the default encoders.
        changes: what is not taken over.
        matching: thresholds and the like; None takes the base's.
        origin: added to the provenance, as the command that was given.

    Raises:
        BundleError: the parts don't fit together, a head has nothing to stand behind, or there is neither a title
            nor a base's IDF.
        ModelMissingError: a model that was asked for is not to be had.
    """
    changes = changes or Changes()
    check_changes(base, changes, str(output))
    parts = _parts_of(base, changes)
    lexical = replace(changes.lexical or (base and base.lexical) or LexicalSpec(), idf=IDF_FILE)
    sample = _Sample(titles)
    idf: bytes | Path = fit_idf(sample, lexical).to_bytes()
    if not sample.count:
        idf = _kept_idf(base, changes, str(output))
    manifest = Manifest(
        **parts.specs,
        lexical=lexical,
        photos=changes.photos or (base.photos if base else 1),
        rows=changes.rows or numbers_of_rows(base, changes, lexical, idf),
        dimensions=parts.dimensions,
        matching=dict(matching if matching is not None else base.matching if base else {}),
        provenance=_provenance(sample, base, origin or {}),
    )
    return write_bundle(output, manifest, {IDF_FILE: idf, **parts.files})


def check_changes(base: Bundle | None, changes: Changes, output: str) -> None:
    """Check what can be checked before any model is loaded.

    Args:
        base: what is taken over.
        changes: what is not.
        output: the bundle that is to be made, for messages.

    Raises:
        BundleError: a part lacks what it needs.
    """
    _check_heads(changes, output)
    check_seeing_changes(base, changes, output)


def _check_heads(changes: Changes, output: str) -> None:
    """A head stands behind the encoder it was trained with; behind the base's it would be left out without a word."""
    behind = {
        "text": (changes.text_head, changes.text and changes.text_model),
        "image": (changes.image_head, changes.image and (changes.image_backbone or changes.image_weights)),
    }
    for name, (head, encoder) in behind.items():
        if head and not encoder:
            got, wanted = f"the {name} head '{head}' without an encoder", "the one it was trained with"
            raise BundleError(output, got, wanted, "name that too, or leave the head out")


def _kept_idf(base: Bundle | None, changes: Changes, output: str) -> Path:
    """The base's table, which is of use only as long as the same features are counted."""
    if base is None or base.lexical is None or base.lexical.idf is None or changes.lexical:
        raise BundleError(output, "no title to learn from", "at least one", "give listings that have titles")
    return base.file(base.lexical.idf)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Parts:
    """All but the words of titles."""

    text: Part[TextSpec]
    image: Part[ImageSpec]
    dual: Part[DualSpec]
    joint: Part[JointSpec]
    captions: Part[CaptionSpec]
    tags: Part[TagSpec]

    @property
    def every(self) -> dict[str, Part[Any]]:
        return {part.name: getattr(self, part.name) for part in fields(self)}

    @property
    def specs(self) -> dict[str, Any]:
        return {name: part.spec for name, part in self.every.items()}

    @property
    def files(self) -> Files:
        return {name: file for part in self.every.values() for name, file in part.files.items()}

    @property
    def dimensions(self) -> dict[Modality, int]:
        makers: dict[Modality, Part[Any]] = {
            Modality.TEXT: self.text,
            Modality.IMAGE: self.image,
            Modality.JOINT_IMAGE: self.dual,
            Modality.JOINT_TEXT: self.dual,
            Modality.TEXT_OR_CAPTION: self.captions,
            Modality.JOINT: self.joint,
        }
        return {modality: part.dimensions for modality, part in makers.items() if part.spec}


def _parts_of(base: Bundle | None, changes: Changes) -> _Parts:
    text = in_precision(text_part(base, changes), changes.precision)
    dual = in_precision(dual_part(base, changes), changes.precision)
    return _Parts(
        text=text,
        image=in_precision(image_part(base, changes), changes.precision),
        dual=dual,
        joint=joint_part(base, changes, dual),
        captions=caption_part(base, changes, text),
        tags=tag_part(base, changes, dual),
    )


def _ancestor(base: Bundle) -> dict[str, Any]:
    """A base with where it came from itself: its weights were learned somewhere."""
    return {"name": base.name, "digest": base.digest, "provenance": dict(base.provenance)}


def _provenance(sample: _Sample, base: Bundle | None, origin: Mapping[str, Any]) -> dict[str, Any]:
    """Where a bundle comes from; no time in it, so that the same sample makes the same bundle."""
    return {
        **origin,
        "base": _ancestor(base) if base else None,
        "titles": {"count": sample.count, "digest": sample.digest.hexdigest()},
        "libraries": {name: version(name) for name in _LIBRARIES},
    }
