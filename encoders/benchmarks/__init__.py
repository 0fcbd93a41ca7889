"""Ways of making rows, side by side: the product's own, those of tutorials and of other runtimes, and candidates.

Nothing is measured here: each way is a callable, and whoever measures takes the time.
"""

from encoders.benchmarks.closeness import Closeness, closeness
from encoders.benchmarks.decoding import decoding_ways
from encoders.benchmarks.networks import network_ways
from encoders.benchmarks.photos import photo_ways
from encoders.benchmarks.sample import Sample, Tried, plain_bundle, sample, tried
from encoders.benchmarks.texts import text_ways
from encoders.benchmarks.together import listing_ways
from encoders.benchmarks.ways import Plan, Way, Ways

__all__ = [
    "Closeness",
    "Plan",
    "Sample",
    "Tried",
    "Way",
    "Ways",
    "closeness",
    "decoding_ways",
    "listing_ways",
    "network_ways",
    "photo_ways",
    "plain_bundle",
    "sample",
    "text_ways",
    "tried",
]
