"""What decides: similarities, neighborhood blending, the decision, and the reference it all equals.

Pure functions of NumPy rows and sellers' words: no Kafka, no Qdrant, no torch. The stages and the
reference share them.
"""

from streams.matching.blending import Neighborhood, blended, neighborhood
from streams.matching.decision import Decisions, Outcome, decide
from streams.matching.details import Details
from streams.matching.lists import Compared, Side, match_lists, related
from streams.matching.pairs import Pairs
from streams.matching.policy import Combination, Policy
from streams.matching.reference import Catalogue, reference
from streams.matching.rules import Rules, Verdicts
from streams.matching.similarity import Similarities, Table, similarities

__all__ = [
    "Catalogue",
    "Combination",
    "Compared",
    "Decisions",
    "Details",
    "Neighborhood",
    "Outcome",
    "Pairs",
    "Policy",
    "Rules",
    "Side",
    "Similarities",
    "Table",
    "Verdicts",
    "blended",
    "decide",
    "match_lists",
    "neighborhood",
    "reference",
    "related",
    "similarities",
]
