"""The pair scorer: how likely two listings are the same product, and what speaks for and against it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from hashlib import blake2b
from typing import Literal

import lightgbm
import numpy as np
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from streams.errors import SettingsError
from streams.matching.pairs import Pairs
from streams.matching.rows import Floats
from streams.matching.scoring.columns import Incidence
from streams.matching.scoring.comparisons import COMPARISONS
from streams.matching.scoring.weights import WordWeights

START = "starting point"
"""What contributions begin with: the log odds of a pair of which nothing is known."""

_BLOCK = 16_384
"""Pairs compared at a time."""
_REMEDY = "make the bundle again with 'matchstream fit --label'"


class Header(BaseModel):
    """The first line of a scorer's file; LightGBM's text follows.

    Args:
        comparisons: the model's columns.
        weights: how telling each word is.
        digest: of LightGBM's text, which does not look after itself.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    matchstream_scorer: Literal[1] = 1
    comparisons: tuple[str, ...] = Field(min_length=1)
    weights: WordWeights
    digest: str


class Scorer:
    """A trained pair scorer. The score of a pair depends on nothing but the pair.

    Args:
        model: predicts from one column per comparison.
        comparisons: names of the columns.
        weights: how telling each word is.
    """

    def __init__(self, model: lightgbm.Booster, comparisons: Sequence[str], weights: WordWeights) -> None:
        self._model, self._weights = model, weights
        self.comparisons = tuple(comparisons)

    @classmethod
    def from_text(cls, text: str, subject: str) -> Scorer:
        """Read what training wrote.

        Args:
            text: the content of a scorer's file.
            subject: what an error names.

        Raises:
            SettingsError: it is damaged, or of another version.
        """
        header, model = _parted(text, subject)
        unknown = [name for name in header.comparisons if name not in COMPARISONS]
        if unknown:
            got = f"the comparison '{unknown[0]}', which is not known here"
            raise SettingsError(subject, got=got, wanted="comparisons of this version", remedy=_REMEDY)
        try:
            booster = lightgbm.Booster(model_str=model)
        except lightgbm.basic.LightGBMError as error:
            raise _damaged(subject, str(error)) from error
        if booster.num_feature() != len(header.comparisons):
            raise _damaged(subject, f"a model of {booster.num_feature()} columns for {len(header.comparisons)} names")
        return cls(booster, header.comparisons, header.weights)

    def probabilities(self, pairs: Pairs) -> Floats:
        """How likely each pair is the same product: (p,) float64 in [0, 1]."""
        parts = [self._model.predict(block, num_threads=1) for block in self._blocks(pairs)]
        return np.concatenate([np.empty(0), *parts])

    def contributions(self, pairs: Pairs) -> list[dict[str, float]]:
        """What each comparison adds to the log odds of each pair, those that add nothing left out.

        They sum to the log odds of its probability; `START` is where they begin.
        Source: Lundberg and Lee, A Unified Approach to Interpreting Model Predictions (SHAP values of trees).
        """
        names = (*self.comparisons, START)
        return [
            {name: value for name, value in zip(names, row, strict=True) if value}
            for block in self._blocks(pairs)
            for row in np.asarray(self._model.predict(block, pred_contrib=True, num_threads=1)).tolist()
        ]

    def _blocks(self, pairs: Pairs) -> Iterator[Floats]:
        return compare_in_blocks(pairs, self.comparisons, self._weights)


def compare_in_blocks(pairs: Pairs, comparisons: Sequence[str], weights: WordWeights) -> Iterator[Floats]:
    """The comparisons of pairs, some thousand pairs at a time: (block, comparisons) float64."""
    if not len(pairs):
        return
    incidence = Incidence.of(pairs, weights)
    for start in range(0, len(pairs), _BLOCK):
        columns = incidence.columns(pairs.at(np.arange(start, min(start + _BLOCK, len(pairs)))))
        yield np.column_stack([COMPARISONS[name].of(columns) for name in comparisons])


def to_text(model: str, comparisons: Sequence[str], weights: WordWeights) -> str:
    """A scorer's file: one line of JSON, then LightGBM's text."""
    header = Header(comparisons=tuple(comparisons), weights=weights, digest=_digest(model))
    return f"{header.model_dump_json()}\n{model}"


def _parted(text: str, subject: str) -> tuple[Header, str]:
    first, _, model = text.partition("\n")
    try:
        header = Header.model_validate_json(first)
    except ValidationError as error:
        message = error.errors(include_url=False)[0]
        where = ".".join(str(part) for part in message["loc"])
        raise _damaged(subject, f"its first line: {where} {message['msg']}".replace("  ", " ")) from error
    if _digest(model) != header.digest:
        raise _damaged(subject, "a model that is not the one it was written with")
    return header, model


def _digest(model: str) -> str:
    return blake2b(model.encode(), digest_size=16).hexdigest()


def _damaged(subject: str, got: str) -> SettingsError:
    return SettingsError(subject, got=got, wanted="a pair scorer that 'matchstream fit' wrote", remedy=_REMEDY)
