"""What a bundle says of itself: how each modality is encoded, and how the result is matched."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Annotated, Any, ClassVar, Final

from pydantic import ConfigDict, Field

from encoders.bundle.specs import (
    PUBLISHED,
    CaptionSpec,
    DualSpec,
    ImageSpec,
    JointSpec,
    LexicalSpec,
    Precision,
    TagSpec,
    TextSpec,
)
from encoders.rounding import Numbers
from encoders.types import Modality

MOST_PHOTOS: Final = 16
"""Of one listing that may be looked at."""

PARTS: Final = ("text", "image", "lexical", "dual", "joint", "captions", "tags")
"""Fields that say how something is encoded."""

_STRICT = ConfigDict(extra="forbid")
_Dimensions = Annotated[int, Field(ge=1, le=65_535)]


@dataclass(frozen=True, slots=True, kw_only=True)
class Manifest:
    """What a bundle says of itself. A modality without a specification is not encoded.

    Args:
        photos: of a listing that are looked at, the first ones; the rows of several are pooled.
        rows: what numbers those that are encoded are made of; derived ones are float32.
        dimensions: length of the rows of each dense modality that is encoded.
        matching: thresholds and the like as JSON; whoever matches reads them.
        expected: how similarities were spread when the thresholds were chosen, likewise; empty where nobody knows.
        provenance: where the bundle came from, as JSON.
    """

    __pydantic_config__: ClassVar = _STRICT

    text: TextSpec | None = None
    image: ImageSpec | None = None
    lexical: LexicalSpec | None = None
    dual: DualSpec | None = None
    joint: JointSpec | None = None
    captions: CaptionSpec | None = None
    tags: TagSpec | None = None
    photos: Annotated[int, Field(ge=1, le=MOST_PHOTOS)] = 1
    rows: Numbers = "float32"
    dimensions: Mapping[Modality, _Dimensions] = field(default_factory=dict)
    matching: Mapping[str, Any] = field(default_factory=dict)
    expected: Mapping[str, Any] = field(default_factory=dict)
    provenance: Mapping[str, Any] = field(default_factory=dict)

    @property
    def modalities(self) -> frozenset[Modality]:
        """The modalities that are encoded."""
        parts = {
            Modality.TEXT: self.text,
            Modality.IMAGE: self.image,
            Modality.JOINT_IMAGE: self.dual,
            Modality.JOINT_TEXT: self.dual,
            Modality.TEXT_OR_CAPTION: self.captions and self.text,
            Modality.JOINT: self.joint,
            Modality.LEXICAL: self.lexical,
            Modality.LEXICAL_OR_CAPTION: self.captions and self.lexical,
        }
        return frozenset(modality for modality, part in parts.items() if part is not None)

    @property
    def precisions(self) -> Mapping[str, Precision]:
        """What each encoder that has a choice computes with, by its field."""
        parts = {"text": self.text, "image": self.image, "dual": self.dual}
        return {name: part.precision for name, part in parts.items() if part is not None}

    @property
    def needed_files(self) -> frozenset[str]:
        """The files inside the bundle that its encoders name."""
        weights = self.image.weights if self.image else PUBLISHED
        names = (
            None if weights == PUBLISHED else weights,
            self.image.head if self.image else None,
            self.text.head if self.text else None,
            self.lexical.idf if self.lexical else None,
            self.joint.weights if self.joint else None,
            *(self.tags.lists.values() if self.tags else ()),
        )
        return frozenset(name for name in names if name is not None)
