"""What decides: similarities, neighborhood blending, the decision, and the reference it all equals.

Pure functions of NumPy rows: no Kafka, no Qdrant, no torch. The stages and the reference share them.
"""

from streams.matching.blending import Neighborhood, blended, neighborhood
from streams.matching.decision import match_list
from streams.matching.policy import Combination, Policy
from streams.matching.reference import reference
from streams.matching.similarity import Similarities, Table, similarities

__all__ = [
    "Combination",
    "Neighborhood",
    "Policy",
    "Similarities",
    "Table",
    "blended",
    "match_list",
    "neighborhood",
    "reference",
    "similarities",
]
