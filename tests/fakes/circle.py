"""Listings on a circle: a title is an angle, so that neighborhoods and matches are easy to see and to crowd."""

from __future__ import annotations

import math
import random
from collections.abc import Mapping, Sequence

import numpy as np

from encoders.types import Content, Encoded, Modality
from streams.matching import Policy

POLICY = Policy.model_validate(
    {
        "weights": {"text": 1.0},
        "blend": {"neighbors": 2, "threshold": 0.90},
        "match_threshold": 0.93,
        "list_limit": 20,
    }
)
SPOTS = (0.0, 0.2, 0.35, 0.5, 0.8, 1.1, 2.0)


class CircleEncoder:
    """Embeds a title that is an angle in radians as its point on the unit circle."""

    @property
    def dimensions(self) -> Mapping[Modality, int]:
        return {Modality.TEXT: 2}

    def encode(self, contents: Sequence[Content]) -> list[Encoded]:
        return [Encoded({Modality.TEXT: _point(float(content.title))} if content.title else {}) for content in contents]


def _point(angle: float) -> np.ndarray:
    return np.array([math.cos(angle), math.sin(angle)], np.float32)


def random_angle(rng: random.Random) -> str:
    """Near one of a few spots, so that listings crowd and neighborhoods overflow."""
    return f"{rng.choice(SPOTS) + rng.uniform(-0.05, 0.05):.4f}"
