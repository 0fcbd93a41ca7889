"""What a new bundle has otherwise than the one it is based on."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from encoders.bundle import JointSpec, LexicalSpec, Precision
from encoders.rounding import Numbers

_Triple = tuple[float, float, float]
_ADDITIONS = (
    "dual",
    "dual_model",
    "dual_revision",
    "captions",
    "caption_model",
    "caption_revision",
    "caption_min_words",
    "tags",
    "tag_lists",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Changes:
    """What a new bundle has otherwise than its base; None leaves it as it is there.

    Args:
        text: whether titles are encoded by a language model.
        text_model: a folder, which is copied into the bundle, or a name on the model hub.
        text_revision: of the hub's repository.
        text_max_tokens: of a title; what is longer is cut.
        image: whether images are encoded.
        image_backbone: name of a torchvision classifier; it brings its own way of preparing images.
        image_weights: a state dict file, which is copied into the bundle, or "published".
        image_mean: taken off each of red, green and blue in [0, 1].
        image_std: what each is then divided by.
        image_resize: pixels of the shorter side before cropping.
        image_crop: pixels of the side of the square that is looked at.
        text_head: file of what comes behind the text model; only where that is replaced.
        image_head: likewise behind the image backbone.
        joint: a joint space over the encoders, instead of the base's.
        joint_weights: its file.
        dual: whether photos and titles are encoded into one space.
        dual_model: a folder, which is copied into the bundle, or a name on the model hub.
        dual_revision: of the hub's repository; None takes the one that was pulled.
        captions: whether titles that say too little have a caption beside them.
        caption_model: likewise.
        caption_revision: likewise.
        caption_min_words: a title of fewer words says too little.
        tags: whether photos are compared with lists of phrases.
        tag_lists: list name to file; they come to the base's, and take the place of those of their names.
        photos: of a listing that are looked at.
        lexical: which features of titles are counted; the IDF table it names is the one to be made.
        precision: what text, image and joint encoders compute with, those taken over, too.
        rows: what numbers rows are made of; None takes those that float16 holds, unless all rows would otherwise be
            the base's.
    """

    text: bool = True
    text_model: str | None = None
    text_revision: str | None = None
    text_max_tokens: int | None = None
    image: bool = True
    image_backbone: str | None = None
    image_weights: Path | str | None = None
    image_mean: _Triple | None = None
    image_std: _Triple | None = None
    image_resize: int | None = None
    image_crop: int | None = None
    text_head: Path | None = None
    image_head: Path | None = None
    joint: JointSpec | None = None
    joint_weights: Path | None = None
    dual: bool = True
    dual_model: str | None = None
    dual_revision: str | None = None
    captions: bool = True
    caption_model: str | None = None
    caption_revision: str | None = None
    caption_min_words: int | None = None
    tags: bool = True
    tag_lists: Mapping[str, Path] | None = None
    photos: int | None = None
    lexical: LexicalSpec | None = None
    precision: Precision | None = None
    rows: Numbers | None = None

    @property
    def replaces_encoders(self) -> bool:
        """Whether titles or photos are encoded otherwise than by the base."""
        image = self.image_backbone or self.image_weights or self.image_preparation
        return not (self.text and self.image) or bool(self.text_model or image)

    @property
    def replaces_dual(self) -> bool:
        """Whether photos and titles are not encoded into the base's space."""
        return not self.dual or self.dual_model is not None

    @property
    def without_additions(self) -> Changes:
        """The same without what leaves the rows of titles and photos by themselves as they are."""
        plain = Changes()
        return replace(self, **{name: getattr(plain, name) for name in _ADDITIONS})

    @property
    def image_preparation(self) -> dict[str, Any]:
        """The changes to how images are prepared, by field of `ImageSpec`."""
        values = {
            "mean": self.image_mean,
            "std": self.image_std,
            "resize": self.image_resize,
            "crop": self.image_crop,
        }
        return {name: value for name, value in values.items() if value is not None}
