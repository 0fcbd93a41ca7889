"""Looking around: which listings are near some embeddings, and how similar exactly.

The engine's searches give candidates; similarities are computed here, in the same arithmetic as the
reference, from the rows of those candidates that can matter.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from encoders.types import Embedding, Modality
from streams.index.port import Hit, Point, Query, View
from streams.matching import Policy, Side, Similarities, Table, similarities
from streams.matching.shortlist import bounds_of, may_miss, shortlist
from streams.stages import state
from streams.stages.dependencies import Dependencies

_DEEPER = 4
_DEEPEST = 2
"""A crowded search is repeated so often, each time with so many times the limit."""


@dataclass(frozen=True, slots=True)
class Around:
    """What was found around q embeddings.

    Args:
        points: listings that are near any of them or known to matter, with their rows in the view searched.
        table: the n of them that have such rows; its listing ids are the columns of `found`.
        found: similarities, (q, n): exact for all of them.
    """

    points: Mapping[str, Point]
    table: Table
    found: Similarities

    @property
    def side(self) -> Side:
        """The columns of `found` with their words as blend wrote them."""
        ids = self.table.listing_ids
        return Side(ids, [state.described(self.points[one], View.BLENDED).details for one in ids])


@dataclass(frozen=True, slots=True)
class Aim:
    """What to look for.

    Args:
        view: which embeddings to compare.
        floors: how deep to search in each modality.
        threshold: of the combined similarity.
        policy: how similarities combine.
    """

    view: View
    floors: Mapping[Modality, float]
    threshold: float
    policy: Policy

    @classmethod
    def at_neighbors(cls, policy: Policy) -> Aim:
        """At whoever is near enough to be blended with."""
        return cls(View.RAW, policy.blend_floors, policy.blend.threshold, policy.for_blending)

    @classmethod
    def at_candidates(cls, policy: Policy) -> Aim:
        """At whoever a decision is made on."""
        return cls(View.BLENDED, policy.match_floors, policy.candidates, policy)


async def look_around(
    dependencies: Dependencies, aim: Aim, embeddings: Sequence[Embedding], known: Collection[str] = ()
) -> Around:
    """Find the listings whose combined similarity reaches the threshold, or that one modality makes sure.

    Listings that are `known` to matter are among the points, however similar they are.

    Two round trips: one searches each modality, one reads the rows of the candidates. Where so many
    are near that a search was cut and may have missed one, it is repeated with a higher limit.
    """
    candidates = await _candidates(dependencies, aim, dict(enumerate(embeddings)), dependencies.search_limit)
    points = await dependencies.index.read(sorted({*candidates, *known}), views=[aim.view])
    table = Table.of({i: point.view(aim.view) for i, point in points.items() if point.view(aim.view)})
    queries = Table.of({str(i): embedding for i, embedding in enumerate(embeddings)})
    return Around(points, table, similarities(queries, table, aim.policy))


async def _candidates(
    dependencies: Dependencies, aim: Aim, embeddings: Mapping[int, Embedding], limit: int
) -> set[str]:
    asked = [
        (i, Query(aim.view, modality, embedding[modality], floor, limit))
        for i, embedding in embeddings.items()
        for modality, floor in aim.floors.items()
        if modality in embedding
    ]
    answers = await dependencies.index.search([query for _, query in asked], fields=(state.MODALITIES[aim.view],))
    hits: dict[int, dict[Modality, list[Hit]]] = {}
    for (i, query), found in zip(asked, answers, strict=True):
        hits.setdefault(i, {})[query.modality] = found
    found_around: set[str] = set()
    crowded: dict[int, Embedding] = {}
    for i, by_modality in hits.items():
        near, missed = _near(by_modality, aim, limit)
        found_around |= near
        if missed:
            crowded[i] = embeddings[i]
    if crowded and limit < dependencies.search_limit * _DEEPER**_DEEPEST:
        found_around |= await _candidates(dependencies, aim, crowded, limit * _DEEPER)
    return found_around


def _near(hits: Mapping[Modality, Sequence[Hit]], aim: Aim, limit: int) -> tuple[set[str], bool]:
    """Who of the hits may be near enough, and whether somebody else may be."""
    found = {modality: {hit.listing_id: hit.similarity for hit in some} for modality, some in hits.items()}
    name = state.MODALITIES[aim.view]
    modalities = {hit.listing_id: hit.payload.get(name, tuple(Modality)) for some in hits.values() for hit in some}
    bounds = bounds_of(found, aim.floors, limit)
    near = shortlist(found, modalities, bounds, aim.threshold, aim.policy)
    return set(near), may_miss(found, bounds, limit, aim.threshold, aim.policy)
