"""What can be set of each recipe; the defaults are what docs/benchmarks.md was measured with."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, fields
from typing import Annotated, ClassVar, TypeVar

from pydantic import ConfigDict, Field, TypeAdapter, ValidationError

from encoders.errors import TrainingError
from encoders.types import Numeric

_STRICT = ConfigDict(extra="forbid")
_Side = Annotated[int, Field(ge=16)]
_Share = Annotated[float, Field(ge=0, le=1)]
_Positive = Annotated[float, Field(gt=0, allow_inf_nan=False)]
_Weight = Annotated[float, Field(ge=0, allow_inf_nan=False)]
_Angle = Annotated[float, Field(ge=0, le=1.5)]

Settings = TypeVar("Settings")


@dataclass(frozen=True, slots=True, kw_only=True)
class TuningSettings:
    """Of `arcface` and `softmax`.

    Args:
        margin: in radians; only ArcFace has one.
        scale: what ArcFace multiplies cosines by.
        margin_warm_up: share of the course over which the margin grows.
        class_size_power: margins shrink with the size n of a product as n^-power.
        neck: whether features go through batch normalisation before they are brought to unit length.
        frozen_norms: whether an image backbone's batch normalisation keeps the means and variances it came with.
        prototypes: whether class weights begin at the mean of their listings.
        rate: of the encoder.
        head_rate: of class weights and neck.
        weight_decay: of the encoder's matrices.
        batch: listings.
        augment: strength of augmentations of photos and titles; 0 leaves them as they are.
        flip: whether photos may be mirrored; words on them then are, too.
        resize: pixels of the shorter side of a photo before the crop; None keeps the base's.
        crop: pixels of the square that is looked at; likewise.
    """

    __pydantic_config__: ClassVar = _STRICT

    margin: _Angle = 0.3
    scale: _Positive = 20.0
    margin_warm_up: _Share = 0.3
    class_size_power: _Share = 0.0
    neck: bool = True
    frozen_norms: bool = True
    prototypes: bool = False
    rate: _Positive = 1e-4
    head_rate: _Positive = 1e-2
    weight_decay: _Weight = 0.01
    batch: Annotated[int, Field(ge=2)] = 64
    augment: _Share = 0.5
    flip: bool = True
    resize: _Side | None = None
    crop: _Side | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ContrastiveSettings:
    """Of `contrastive` and `fusion`.

    Args:
        dimensions: of the joint space.
        hidden: width of a layer in between; 0 keeps the projection linear, which is what was published.
        temperature: what cosines are divided by.
        products: in a batch.
        listings: of each product, at most.
        hard: share of the batches whose products are of one category.
        numeric: numbers that are joined beside photos and words.
        drop_source: how often a listing has to do without one of its sources.
        principal: whether a linear projection begins at the principal components of what it projects, not at random.
        rate: of learning.
    """

    __pydantic_config__: ClassVar = _STRICT

    dimensions: Annotated[int, Field(ge=2, le=65_535)] = 192
    hidden: Annotated[int, Field(ge=0)] = 0
    temperature: _Positive = 0.05
    products: Annotated[int, Field(ge=2)] = 256
    listings: Annotated[int, Field(ge=2)] = 4
    hard: _Share = 0.5
    numeric: tuple[Numeric, ...] = tuple(Numeric)
    drop_source: _Share = 0.1
    principal: bool = True
    rate: _Positive = 3e-4


@dataclass(frozen=True, slots=True, kw_only=True)
class UnifiedRecipeSettings:
    """Of `unified`.

    Args:
        dimensions: of the joint space.
        hidden: width of a layer in between; 0 keeps each part linear.
        margin: by so much a product's own cosine has to be above that with others.
        matching: weight of the views of one listing against those of another of its product.
        consistency: weight of the views of one listing against each other.
        locality: weight of agreeing about what is near.
        products: in a batch.
        hard: share of the batches whose products are of one category.
        principal: whether linear parts begin at the principal components of both sources together, not at random.
        rate: of learning.
        weight_decay: of all of it.
    """

    __pydantic_config__: ClassVar = _STRICT

    dimensions: Annotated[int, Field(ge=2, le=65_535)] = 192
    hidden: Annotated[int, Field(ge=0)] = 0
    margin: _Positive = 0.2
    matching: _Weight = 1.0
    consistency: _Weight = 1.0
    locality: _Weight = 1.0
    products: Annotated[int, Field(ge=2)] = 256
    hard: _Share = 0.5
    principal: bool = True
    rate: _Positive = 3e-4
    weight_decay: _Weight = 0.01


RecipeSettings = TuningSettings | ContrastiveSettings | UnifiedRecipeSettings


def settings_of(kind: type[Settings], changes: Iterable[str], recipe: str) -> Settings:
    """The defaults with some changed.

    Args:
        kind: of the recipe.
        changes: each as in `margin=0.4`; several values are parted by commas.
        recipe: for messages.

    Raises:
        TrainingError: a change that is none, or of something that the recipe does not have, or out of bounds.
    """
    known = [field.name for field in fields(kind)]  # type: ignore[arg-type]
    given: dict[str, str] = {}
    for change in changes:
        name, is_one, value = change.partition("=")
        if not is_one or name not in known:
            wanted = f"NAME=VALUE with one of {', '.join(known)}"
            raise TrainingError(f"recipe '{recipe}'", f"'{change}'", wanted, "see 'matchstream train --recipes'")
        given[name] = value
    try:
        return TypeAdapter(kind).validate_python({name: _read(value, kind, name) for name, value in given.items()})
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        name = str(first["loc"][0])
        got, wanted = f"{name}={given[name]}", str(first["msg"]).removeprefix("Input should be ")
        raise TrainingError(f"recipe '{recipe}'", got, wanted, "give another value") from error


def _read(value: str, kind: type, name: str) -> object:
    """Text as pydantic is to see it; it makes numbers and truth of it by itself."""
    default = next(field.default for field in fields(kind) if field.name == name)
    if isinstance(default, tuple):
        return tuple(part.strip() for part in value.split(",") if part.strip())
    return None if default is None and value in {"", "none"} else value
