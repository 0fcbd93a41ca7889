import numpy as np
import pytest

from streams.errors import SettingsError
from streams.matching import Details
from streams.matching.scoring import START, Scorer, train_scorer, train_with_held_out
from streams.matching.scoring.scorer import Header

from .conftest import examples, pairs_of, turned
