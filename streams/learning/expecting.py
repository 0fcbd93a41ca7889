"""How similar the pairs of a labelled catalogue are that rules decide on: what a worker compares its own with."""

from __future__ import annotations

from typing import Any

from streams.learning.candidates import find_candidates
from streams.learning.labelled import LabelledCatalogue
from streams.learning.telling import Telling
from streams.matching.decided import similarities_of
from streams.matching.decision import score
from streams.matching.drift import expected_of
from streams.matching.rules import Rules


def expected_similarities(catalogue: LabelledCatalogue, rules: Rules, telling: Telling | None = None) -> dict[str, Any]:
    """As a bundle says it; empty where there are too few listings.

    Of the pairs that the match stage decides on once it has seen all of the catalogue. A scorer must not have learned
    from it: of pairs that it knows it is surer than of others.
    """
    policy, raw = rules.policy, catalogue.embeddings
    advance = (telling or Telling()).steps("similarities", (1 + bool(policy.blend.neighbors)) * len(raw))
    found = find_candidates(raw, catalogue.details, policy, floor=policy.candidates, advance=advance)
    return expected_of(similarities_of(found.pairs, score(found.pairs, rules), policy, both_sides=True))
