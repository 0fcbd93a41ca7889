"""What a catalogue of some size needs, computed from constants that were measured: see docs/scaling.md."""

from streams.benchmarks.scaling.catalogue import LARGE, SMALL, Catalogue, catalogue
from streams.benchmarks.scaling.constants import Constant, Constants, read_constants
from streams.benchmarks.scaling.limits import Limit, limits_of
from streams.benchmarks.scaling.needs import Needs, needs_of
from streams.benchmarks.scaling.told import tables_of

__all__ = [
    "LARGE",
    "SMALL",
    "Catalogue",
    "Constant",
    "Constants",
    "Limit",
    "Needs",
    "catalogue",
    "limits_of",
    "needs_of",
    "read_constants",
    "tables_of",
]
