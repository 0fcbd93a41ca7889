"""Fitting rules to labelled pairs: everything is chosen on folds that share no group of records."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from encoders.types import Modality
from streams.learning import folds
from streams.matching import Policy, Rules
from streams.matching.blending import BlendPolicy
from streams.matching.decision import VetoKind
from streams.matching.pairs import Pairs, Places
from streams.matching.rows import Floats
from streams.matching.scoring import COMPARISONS, Examples, Scorer, learn_weights, train_with_held_out
from streams.matching.variants import vetoes_of

from .ground import Ground
from .records import Flags, Labelled

NEVER = -1.0
"""The score of a pair that nothing may match."""

_PARTS = 5
_SHARES = (0.25, 0.5, 1.0, 2.0, 4.0, 8.0)
_NEIGHBORHOODS = (3, 5, 10)
_BLEND_THRESHOLDS = (0.5, 0.6, 0.7)
_GAIN = 0.002
"""What makes things harder has to bring so much."""
