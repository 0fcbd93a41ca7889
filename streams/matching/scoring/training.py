"""Training the pair scorer: gradient-boosted trees over named comparisons."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import lightgbm
import numpy as np
from numpy.typing import NDArray

from streams.errors import SettingsError
from streams.matching.pairs import Pairs, Places
from streams.matching.rows import Floats
from streams.matching.scoring.comparisons import COMPARISONS
from streams.matching.scoring.scorer import compare_in_blocks, to_text
from streams.matching.scoring.weights import WordWeights

_ROUNDS = 800
_PATIENCE = 40
_MANY = 100_000
"""From so many pairs on, not all of the easy ones are learned from."""
_EASY = 0.75
_THINNED = 4
_PARAMETERS: dict[str, Any] = {
    "objective": "binary",
    "metric": "binary_logloss",
    "learning_rate": 0.12,
    "num_leaves": 31,
    "min_data_in_leaf": 40,
    "feature_fraction": 0.7,
    "bagging_fraction": 0.8,
    "bagging_freq": 1,
    "lambda_l2": 5.0,
    "monotone_constraints_method": "intermediate",
    "deterministic": True,
    "force_row_wise": True,
    "num_threads": 1,
    "verbosity": -1,
}


@dataclass(frozen=True, slots=True)
class Examples:
    """Labelled pairs to learn from.

    Args:
        pairs: p of them; owners and others are the same n listings.
        same: (p,) whether they are one product.
        folds: (n,) which fold each listing is in; no product is in two.
        weights: how telling each word is.
        comparisons: the columns to learn from, by name.
    """

    pairs: Pairs
    same: NDArray[np.bool_]
    folds: Places
    weights: WordWeights
    comparisons: tuple[str, ...] = COMPARISONS.names

    def compared(self) -> Floats:
        """(p, comparisons) float64."""
        blocks = list(compare_in_blocks(self.pairs, self.comparisons, self.weights))
        return np.concatenate(blocks) if blocks else np.empty((0, len(self.comparisons)))


@dataclass(frozen=True, slots=True)
class Trained:
    """A trained scorer, and how it does on products it was not trained on.

    Args:
        text: its file.
        held_out: (p,) the probabilities of the examples by scorers that saw neither listing's product as such.
        rounds: trees.
    """

    text: str
    held_out: Floats
    rounds: int


Steps = Callable[[str, int], Callable[[int], None]]
"""Told what begins and how many steps it has; returns what counts them."""


def _silent(_what: str, _total: int) -> Callable[[int], None]:
    return lambda _done: None


def train_scorer(examples: Examples, seed: int = 0) -> str:
    """A scorer's file; the same examples and seed give the same bytes.

    Raises:
        SettingsError: there are not both kinds of pairs in every fold.
    """
    return train_with_held_out(examples, seed).text


def train_with_held_out(examples: Examples, seed: int = 0, steps: Steps = _silent) -> Trained:
    """Train once without each fold, to learn how many trees are enough, and then once on everything.

    A pair is in the held-out part of a fold if either listing is; one of two folds gets the mean of both.

    Args:
        examples: what to learn from.
        seed: of everything random.
        steps: told how far it is.

    Raises:
        SettingsError: there are not both kinds of pairs in every fold.
    """
    sides = examples.folds[examples.pairs.own], examples.folds[examples.pairs.other]
    parts = np.unique(examples.folds).tolist()
    advance = steps("training", len(parts) + 1)
    compared = examples.compared()
    telling = _thinned(examples, seed)
    total, times, rounds = np.zeros(len(compared)), np.zeros(len(compared)), []
    for part in parts:
        out = (sides[0] == part) | (sides[1] == part)
        model = _fit(examples, compared, np.where(out, 0.0, telling), seed, _Watched(out))
        total[out] += model.predict(compared[out], num_threads=1)
        times[out] += 1
        rounds.append(model.best_iteration)
        advance(1)
    enough = max(round(float(np.mean(rounds))), 1)
    model = _fit(examples, compared, telling, seed, enough)
    advance(1)
    text = to_text(model.model_to_string(num_iteration=enough), examples.comparisons, examples.weights)
    return Trained(text, total / np.maximum(times, 1), enough)


@dataclass(frozen=True, slots=True)
class _Watched:
    """The pairs on which training is watched, to stop when they get no better."""

    pairs: NDArray[np.bool_]


def _thinned(examples: Examples, seed: int) -> Floats:
    """What each pair counts, (p,): of the least similar pairs of two products, one in four counts fourfold."""
    combined = examples.pairs.combined
    if len(combined) < _MANY:
        return np.ones(len(combined))
    easy = ~examples.same & (combined < np.quantile(combined, _EASY))
    kept = np.random.default_rng(seed).random(len(combined)) < 1 / _THINNED
    return np.where(easy, np.where(kept, float(_THINNED), 0.0), 1.0)


def _fit(examples: Examples, compared: Floats, counted: Floats, seed: int, until: _Watched | int) -> lightgbm.Booster:
    same, learned = examples.same, counted > 0
    for part in (learned, until.pairs if isinstance(until, _Watched) else learned):
        _look_at(same[part])
    names = [name.replace(" ", "_") for name in examples.comparisons]
    constraints = [int(COMPARISONS[name].speaks) for name in examples.comparisons]
    parameters = {**_PARAMETERS, "seed": seed, "monotone_constraints": constraints}
    data = lightgbm.Dataset(
        compared[learned], same[learned], weight=counted[learned], feature_name=names, params=parameters
    )
    if isinstance(until, int):
        return lightgbm.train(parameters, data, num_boost_round=until)
    watched = lightgbm.Dataset(compared[until.pairs], same[until.pairs], reference=data, params=parameters)
    stop = lightgbm.early_stopping(_PATIENCE, verbose=False)
    return lightgbm.train(parameters, data, num_boost_round=_ROUNDS, valid_sets=[watched], callbacks=[stop])


def _look_at(same: NDArray[np.bool_]) -> None:
    if same.all() or not same.any():
        got = f"{int(same.sum())} pairs of one product and {int((~same).sum())} of two"
        remedy = "give more labelled listings, or fit with --no-scorer"
        raise SettingsError("pair scorer", got=got, wanted="both kinds in every fold", remedy=remedy)
