"""Pairs of listings that people who searched took for one thing: positives for training, from a click log."""

from streams.learning.positives.catalogue import Catalogue
from streams.learning.positives.choosing import Chosen, Limits, Positive, Step, choose_positives
from streams.learning.positives.clicks import Click, read_click
from streams.learning.positives.log import ClickLog

__all__ = [
    "Catalogue",
    "Chosen",
    "Click",
    "ClickLog",
    "Limits",
    "Positive",
    "Step",
    "choose_positives",
    "read_click",
]
