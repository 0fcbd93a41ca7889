"""The numbers a decision depends on. They belong to the encoder bundle whose scores they judge."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from functools import cached_property
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from encoders.types import Modality
from streams.errors import SettingsError

Similarity = Annotated[float, Field(gt=0, le=1)]

SLACK = 1e-5
"""How much the engine's float32 similarities may differ from ours; searches ask for that much less."""


_SPARSE_FLOOR = 0.1
"""Sparse searches never go below: nearly every title shares a word with some other."""


class Combination(StrEnum):
    """How similarities of several modalities become one."""

    MEAN = "mean"
    """The weighted mean over the modalities both listings have."""

    PRODUCT = "product"
    """One minus the product of the cosine distances: one outstanding modality decides."""


class BlendPolicy(BaseModel):
    """Who is in a neighborhood: the `neighbors` most similar of at least `threshold`."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    neighbors: Annotated[int, Field(ge=0, le=200)] = 5
    threshold: Similarity = 0.5


class Policy(BaseModel):
    """How listings are compared and when two are the same product.

    The defaults suit titles alone: they are the best of a small grid on PriceRunner offers
    (docs/benchmarks.md). A bundle with an image encoder has thresholds of its own.

    Args:
        weights: of the modalities that count; one that is not named does not.
        match_threshold: combined similarity from which two listings match.
        sure_thresholds: similarity in one modality that is enough by itself.
        list_limit: a match list holds the most similar at most.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    combination: Combination = Combination.MEAN
    weights: Mapping[Modality, Annotated[float, Field(gt=0, allow_inf_nan=False)]] = Field(
        default_factory=lambda: {Modality.IMAGE: 2.0, Modality.TEXT: 1.0, Modality.LEXICAL: 2.0}, min_length=1
    )
    blend: BlendPolicy = BlendPolicy()
    match_threshold: Similarity = 0.6
    sure_thresholds: Mapping[Modality, Similarity] = Field(default_factory=dict)
    list_limit: Annotated[int, Field(ge=1, le=10_000)] = 50

    @cached_property
    def blend_floors(self) -> dict[Modality, float]:
        """How similar a search in each modality has to go to find all who may reach the blend threshold."""
        return {modality: self._floor(modality, self.blend.threshold) for modality in self.weights}

    @cached_property
    def match_floors(self) -> dict[Modality, float]:
        """How similar a search in each modality has to go to find all who may match by any rule."""
        floors = {modality: self._floor(modality, self.match_threshold) for modality in self.weights}
        for modality, sure in self.sure_thresholds.items():
            floors[modality] = min(floors.get(modality, 1.0), sure - SLACK)
        return floors

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
