"""How each modality of a bundle is encoded, as its manifest says it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Annotated, ClassVar, Final, Literal

from pydantic import ConfigDict, Field

from encoders.bundle.titles import words_of
from encoders.types import Modality, Numeric

PUBLISHED = "published"
"""Image weights that torchvision publishes, in place of a file name."""

MOST_LISTS: Final = 12
"""Of tags; what events tell of an offer has to stay small."""

Precision = Literal["float32", "bfloat16"]
"""What the weights of a dense encoder are, and what it computes with; pooling and heads are float32 either way."""

EXACT: Final[Precision] = "float32"
"""What held before bundles had a word for it."""

_STRICT = ConfigDict(extra="forbid")
_Count = Annotated[int, Field(ge=1)]
_Scale = Annotated[float, Field(gt=0, allow_inf_nan=False)]
_Share = Annotated[float, Field(ge=0, le=1)]
_Cosine = Annotated[float, Field(ge=-1, le=1)]
_ListName = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_-]{0,39}$")]
_TagFile = Annotated[str, Field(pattern=r"^tags/[a-z][a-z0-9_-]{0,39}\.txt$")]
_TensorFile = Annotated[str, Field(pattern=r"^[A-Za-z0-9][\w.-]*\.safetensors$")]
_Weights = Annotated[str, Field(pattern=r"^(published|[A-Za-z0-9][\w.-]*\.safetensors)$")]


@dataclass(frozen=True, slots=True)
class TextSpec:
    """A text encoder.

    Args:
        model: a folder inside the bundle, another folder, or a name on the model hub.
        revision: of the hub's repository; None takes what was pulled last.
        max_tokens: what is longer is cut.
        head: what training put behind the pooled states, a file inside the bundle: tensors `weight`, (d,) or
            (out, d), and `bias`; None leaves them as they are.
        precision: what its rows are computed with, wherever it runs.
    """

    __pydantic_config__: ClassVar = _STRICT

    model: str = "sentence-transformers/all-MiniLM-L6-v2"
    revision: str | None = None
    max_tokens: Annotated[int, Field(ge=3, le=8192)] = 64
    head: _TensorFile | None = None
    precision: Precision = EXACT


@dataclass(frozen=True, slots=True)
class ImageSpec:
    """An image encoder and how its images are prepared.

    Args:
        backbone: name of a torchvision classification model.
        weights: "published", or a safetensors file inside the bundle.
        resize: pixels of the shorter side before cropping.
        crop: pixels of the side of the square at the center that is looked at.
        mean: taken off each of red, green and blue in [0, 1].
        std: what each is then divided by.
        interpolation: how pixels are resampled.
        head: what training put behind the pooled features, as in `TextSpec`.
        precision: as in `TextSpec`.
    """

    __pydantic_config__: ClassVar = _STRICT

    backbone: str = "resnet18"
    weights: _Weights = PUBLISHED
    resize: _Count = 256
    crop: _Count = 224
    mean: tuple[float, float, float] = (0.485, 0.456, 0.406)
    std: tuple[_Scale, _Scale, _Scale] = (0.229, 0.224, 0.225)
    interpolation: Literal["bilinear", "bicubic"] = "bilinear"
    head: _TensorFile | None = None
    precision: Precision = EXACT


@dataclass(frozen=True, slots=True)
class LexicalSpec:
    """Which features a title has, and how much they count.

    Args:
        bits: words are hashed into the buckets [0, 2**bits), characters into [2**bits, 2**(bits + 1)).
        characters: shortest and longest run of characters within a word, its two ends included.
        word_share: part of the similarity that is due to words, the rest to characters.
        emphasis: power that IDF weights are raised to; what is rare counts the more the higher.
        limit: features kept per title, the heaviest first.
        idf: the frozen IDF table, a file inside the bundle; None lets every feature count the same.
    """

    __pydantic_config__: ClassVar = _STRICT

    bits: Annotated[int, Field(ge=8, le=24)] = 18
    characters: tuple[_Count, _Count] = (4, 4)
    word_share: _Share = 0.3
    emphasis: Annotated[float, Field(ge=0, le=8)] = 2.0
    limit: Annotated[int, Field(ge=8, le=4096)] = 96
    idf: _TensorFile | None = None


@dataclass(frozen=True, slots=True)
class DualSpec:
    """A dual encoder: one model with a tower for photos and one for texts, into one space, as CLIP or SigLIP.

    Args:
        model: a folder inside the bundle, another folder, or a name on the model hub.
        revision: of the hub's repository.
        worth: cosines of a photo and a text that fit no better than any, and that belong together: what is in between
            is worth 0 to 1 in search. Cosines across the two towers are far below those within one.
        precision: as in `TextSpec`, of both towers.
    """

    __pydantic_config__: ClassVar = _STRICT

    model: str
    revision: str | None = None
    worth: tuple[_Cosine, _Cosine] = (0.0, 1.0)
    precision: Precision = EXACT


@dataclass(frozen=True, slots=True)
class CaptionSpec:
    """A model that says what a photo shows, for listings whose title says too little.

    Args:
        model: a folder inside the bundle, another folder, or a name on the model hub.
        revision: of the hub's repository.
        prompt: what every caption begins with as the model writes it; it is no part of what is kept.
        max_tokens: of a caption.
        min_words: a title of fewer words gets a caption beside it.
        share: what a caption's row counts beside that of a short title.
    """

    __pydantic_config__: ClassVar = _STRICT

    model: str
    revision: str | None = None
    prompt: str = ""
    max_tokens: Annotated[int, Field(ge=4, le=256)] = 30
    min_words: Annotated[int, Field(ge=1, le=100)] = 3
    share: _Scale = 0.5

    def wanted(self, title: str) -> bool:
        """Whether a title says too little; one of none does."""
        return words_of(title) < self.min_words


@dataclass(frozen=True, slots=True)
class TagSpec:
    """Lists of phrases that the dual encoder compares photos with.

    Args:
        lists: list name, as 'colour', to its file inside the bundle.
        cuts: list name to the probability from which its best phrase is told; a list without one tells nothing.
        template: a phrase as the text tower reads it.
    """

    __pydantic_config__: ClassVar = _STRICT

    lists: Annotated[Mapping[_ListName, _TagFile], Field(min_length=1, max_length=MOST_LISTS)]
    cuts: Mapping[_ListName, _Share] = field(default_factory=dict)
    template: Annotated[str, Field(pattern=r"\{\}")] = "a photo of {}"


@dataclass(frozen=True, slots=True)
class JointSpec:
    """One space for what other modalities see: a part for each, their sum brought to unit length.

    Any part alone has a row, too, so that a photo is near the words of what it shows.

    Args:
        weights: of the parts, a file inside the bundle; None where the sources are in one space already.
        sources: the modalities that are joined.
        numeric: numbers that are joined beside them.
        cross_modal: whether it was trained so that one source finds another.
    """

    __pydantic_config__: ClassVar = _STRICT

    weights: _TensorFile | None
    sources: Annotated[tuple[Modality, ...], Field(min_length=1)] = (Modality.IMAGE, Modality.TEXT)
    numeric: tuple[Numeric, ...] = ()
    cross_modal: bool = False
