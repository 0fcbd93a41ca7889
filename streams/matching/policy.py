"""The numbers a decision depends on. They belong to the encoder bundle whose scores they judge."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from functools import cached_property
from typing import Annotated, Final

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError, model_validator

from encoders.types import Embedding, Modality
from streams.errors import SettingsError
from streams.matching.curves import Curve
from streams.matching.variants.kinds import VetoKind

Similarity = Annotated[float, Field(gt=0, le=1)]
Score = Annotated[float, Field(gt=0, le=1)]
"""What thresholds are compared with: the scorer's probability, or without one the combined similarity."""

NEVER = 2.0
"""A match threshold that no score reaches: whatever would match is for people to look at."""


def _score_or_never(value: float) -> float:
    if value != NEVER and not value <= 1:
        raise ValueError(f"Input should be less than or equal to 1, or {NEVER:g} for never")
    return value


MatchThreshold = Annotated[float, Field(gt=0, le=NEVER, allow_inf_nan=False), AfterValidator(_score_or_never)]

SLACK = 1e-5
"""How much the engine's float32 similarities may differ from ours; searches ask for that much less."""


_SPARSE_FLOOR = 0.1
"""Sparse searches never go below: nearly every title shares a word with some other."""


_IF_COUNTED: Final = frozenset(
    {Modality.JOINT_IMAGE, Modality.JOINT_TEXT, Modality.TEXT_OR_CAPTION, Modality.LEXICAL_OR_CAPTION}
)
"""What search alone may have use for; no scorer knows them."""


class Combination(StrEnum):
    """How similarities of several modalities become one."""

    MEAN = "mean"
    """The weighted mean over the modalities both listings have."""

    PRODUCT = "product"
    """One minus the product of the cosine distances: one outstanding modality decides."""


class Narrowing(BaseModel):
    """Fewer neighbors for one modality: the nearest of at least `threshold`; 0 leaves its rows as they are."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    neighbors: Annotated[int, Field(ge=0, le=200)]
    threshold: Similarity


class BlendPolicy(BaseModel):
    """Who is in a neighborhood: the `neighbors` most similar of at least `threshold`.

    Args:
        narrower: modalities that are blended with fewer of them.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    neighbors: Annotated[int, Field(ge=0, le=200)] = 5
    threshold: Similarity = 0.5
    narrower: Mapping[Modality, Narrowing] = Field(default_factory=dict)

    @model_validator(mode="after")
    def _only_narrower(self) -> BlendPolicy:
        for modality, one in self.narrower.items():
            if one.neighbors > self.neighbors or one.threshold < self.threshold:
                raise ValueError(f"{modality} is blended with more than the neighborhood")
        return self

    def of(self, modality: Modality) -> Narrowing:
        """How many neighbors a modality is blended with, and how similar they must be."""
        return self.narrower.get(modality) or Narrowing(neighbors=self.neighbors, threshold=self.threshold)


class Thresholds(BaseModel):
    """From which score two listings match, and from which somebody should look at them."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    match: MatchThreshold
    review: Score | None = None


class Policy(BaseModel):
    """How listings are compared and when two are the same product.

    The defaults suit titles alone: they are the best of a small grid on PriceRunner offers
    (docs/benchmarks.md). A bundle with an image encoder has thresholds of its own.

    Args:
        weights: of the modalities that count; one that is not named does not.
        calibrations: per modality, what a similarity is worth; they come in after blending.
        vetoes: which contradictions of two listings' words keep them apart.
        scorer: the pair scorer's file in the bundle; its probability is then the score.
        candidate_threshold: combined similarity from which a scorer looks at two listings.
        match_threshold: score from which two listings match.
        review_threshold: score from which two that do not match are for people to look at.
        strong_threshold: score from which a match needs no second one to join two products.
        sure_thresholds: without a scorer, similarity in one modality that is enough by itself.
        categories: other thresholds for pairs within a category.
        version: of the thresholds, as evidence names them.
        list_limit: a match list holds the most similar at most.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    combination: Combination = Combination.MEAN
    weights: Mapping[Modality, Annotated[float, Field(gt=0, allow_inf_nan=False)]] = Field(
        default_factory=lambda: {Modality.IMAGE: 2.0, Modality.TEXT: 1.0, Modality.LEXICAL: 2.0}, min_length=1
    )
    blend: BlendPolicy = BlendPolicy()
    calibrations: Mapping[Modality, Curve] = Field(default_factory=dict)
    vetoes: frozenset[VetoKind] = frozenset()
    scorer: str | None = None
    candidate_threshold: Similarity | None = None
    match_threshold: MatchThreshold = 0.6
    review_threshold: Score | None = None
    strong_threshold: Score | None = None
    sure_thresholds: Mapping[Modality, Similarity] = Field(default_factory=dict)
    categories: Mapping[str, Thresholds] = Field(default_factory=dict)
    version: str = ""
    list_limit: Annotated[int, Field(ge=1, le=10_000)] = 50

    @model_validator(mode="after")
    def _fits_together(self) -> Policy:
        if self.scorer and self.candidate_threshold is None:
            raise ValueError("a scorer needs a candidate_threshold")
        each = [Thresholds(match=self.match_threshold, review=self.review_threshold), *self.categories.values()]
        if any(one.review is not None and one.review > one.match for one in each):
            raise ValueError("a review threshold is above its match threshold")
        return self

    @cached_property
    def candidates(self) -> float:
        """Combined similarity below which nothing is decided."""
        if self.candidate_threshold is not None:
            return self.candidate_threshold
        each = [Thresholds(match=self.match_threshold, review=self.review_threshold), *self.categories.values()]
        return min(one.match if one.review is None else one.review for one in each)

    def compared(self, embedding: Embedding) -> Embedding:
        """The rows that decisions are made on: there is no need to blend others, or to store them twice.

        All of them where nothing else is left: a listing without blended rows is one that is gone.
        """
        counted = self.weights.keys() | self.sure_thresholds.keys()
        some = {one: row for one, row in embedding.items() if one in counted or one not in _IF_COUNTED}
        return some or embedding

    @cached_property
    def for_blending(self) -> Policy:
        """The same without calibrations: these are of blended similarities."""
        return self.changed(calibrations={}) if self.calibrations else self

    def changed(self, **fields: object) -> Policy:
        """The same policy with other fields, looked at like a new one; what was computed of it is not taken over."""
        values = {name: getattr(self, name) for name in type(self).model_fields}
        return Policy.model_validate({**values, **fields})

    def thresholds(self, category: str | None) -> Thresholds:
        """Those of a pair within a category, or of any other pair."""
        default = Thresholds(match=self.match_threshold, review=self.review_threshold)
        return default if category is None else self.categories.get(category.casefold(), default)

    @cached_property
    def blend_floors(self) -> dict[Modality, float]:
        """How similar a search in each modality has to go to find all who may reach the blend threshold."""
        return {modality: self._floor(modality, self.blend.threshold) for modality in self.weights}

    @cached_property
    def match_floors(self) -> dict[Modality, float]:
        """How similar a search in each modality has to go to find all who may match by any rule."""
        floors = {
            modality: self._calibrated_floor(modality, self._floor(modality, self.candidates))
            for modality in self.weights
        }
        for modality, sure in self.sure_thresholds.items():
            floors[modality] = min(floors.get(modality, 1.0), sure - SLACK)
        return floors

    def _calibrated_floor(self, modality: Modality, floor: float) -> float:
        """The similarity that is worth so much."""
        curve = self.calibrations.get(modality)
        if curve is None:
            return floor
        worth = curve.least_at(floor + SLACK) - SLACK
        return min(curve.least_at(self.candidates), max(worth, _SPARSE_FLOOR)) if modality.sparse else worth

    def _floor(self, modality: Modality, threshold: float) -> float:
        """Below it in every modality, no two listings reach the threshold combined.

        A mean is at most its largest part; a product of distances at least its smallest factor to the n-th.
        Sparse searches find few, so they go as deep as a mean allows where everything else is the same: they
        then find alone what dense searches, crowded by their limit, may not reach.
        """
        if self.combination is Combination.PRODUCT:
            # the slack is inside the root too: what rounding hides near a threshold of 1 is much in each factor
            return 1 - float((1 - threshold + SLACK) ** (1 / len(self.weights))) - SLACK
        if modality.sparse:
            total, own = sum(self.weights.values()), self.weights[modality]
            threshold = max(min(_SPARSE_FLOOR, threshold), (total * threshold - (total - own)) / own)
        return threshold - SLACK

    @classmethod
    def from_json(cls, value: Mapping[str, object], subject: str) -> Policy:
        """Read the `matching` part of a bundle's manifest.

        Raises:
            SettingsError: it can't be used; `subject` names the bundle.
        """
        try:
            return cls.model_validate(value)
        except ValidationError as error:
            first = error.errors(include_url=False)[0]
            where = ".".join(str(part) for part in ("matching", *first["loc"]))
            raise SettingsError(
                f"{subject}: {where}",
                got=repr(first["input"]),
                wanted=str(first["msg"]),
                remedy="mend its manifest.json",
            ) from error
