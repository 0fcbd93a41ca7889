"""Labelled catalogues of hand-made embeddings: every product is a direction, every listing lies near it."""

import numpy as np

from encoders.types import Modality
from streams.learning import LabelledCatalogue
from streams.matching import Policy
from streams.matching.details import Details

DIMENSIONS = 24


def unit(row):
    return (row / np.linalg.norm(row)).astype(np.float32)


def labelled(products, *, noise=0.5, seed=0, categories=("",), images=None):
    """A catalogue with `products[i]` listings of product i, in categories by turns."""
    random = np.random.default_rng(seed)
    labels = [f"p{i}" for i, size in enumerate(products) for _ in range(size)]
    centres = random.normal(size=(2, len(products), DIMENSIONS))
    rows = {}
    for place, label in enumerate(labels):
        near = [unit(unit(centre[int(label[1:])]) + noise * unit(random.normal(size=DIMENSIONS))) for centre in centres]
        rows[f"l{place:04}"] = {Modality.TEXT: near[0], Modality.IMAGE: near[1]}
    details = tuple(
        Details(title=f"thing {label[1:]}", category=categories[int(label[1:]) % len(categories)]) for label in labels
    )
    references = tuple(images or [""] * len(labels))
    return LabelledCatalogue(tuple(rows), rows, details, tuple(labels), references)


def policy(**changes):
    """Text and image, blended."""
    fields = {
        "weights": {"text": 1.0, "image": 1.0},
        "blend": {"neighbors": 3, "threshold": 0.6},
        "match_threshold": 0.7,
    }
    return Policy.model_validate({**fields, **changes})


class SquaredScorer:
    """A pair scorer that is the combined similarity, squared; it says what it went by."""

    def probabilities(self, pairs):
        return np.clip(pairs.combined, 0, 1) ** 2

    def contributions(self, pairs):
        return [{"combined": float(one), "image": -0.5} for one in pairs.combined]
