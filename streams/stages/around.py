"""Looking around: which listings are near some embeddings, and how similar exactly.

The engine's searches give candidates; similarities are computed here, in the same arithmetic as the
reference, from the rows of those candidates that can matter.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from encoders.types import Embedding, Modality
from streams.index.port import Hit, Point, Query, View
from streams.matching import Similarities, Table, similarities
from streams.matching.shortlist import bounds_of, shortlist
from streams.stages import state
from streams.stages.dependencies import Dependencies


@dataclass(frozen=True, slots=True)
class Around:
    """What was found around q embeddings.

    Args:
        points: n listings that are near any of them, by id, with their rows in the view searched.
        table: the rows of `points`; its listing ids are the columns of `found`.
        found: similarities, (q, n): exact for all of them.
    """

    points: Mapping[str, Point]
    table: Table
    found: Similarities


async def look_around(
    dependencies: Dependencies,
    view: View,
    embeddings: Sequence[Embedding],
    floors: Mapping[Modality, float],
    threshold: float,
) -> Around:
    """Find the listings whose combined similarity in a view reaches the threshold, or that are sure.

    Two round trips: one searches each modality, one reads the rows of the candidates.
    """
    asked = [
        (i, Query(view, modality, embedding[modality], floor, dependencies.search_limit))
        for i, embedding in enumerate(embeddings)
        for modality, floor in floors.items()
        if modality in embedding
    ]
    answers = await dependencies.index.search([query for _, query in asked], fields=(state.MODALITIES,))
    by_embedding: dict[int, dict[Modality, list[Hit]]] = {}
    for (i, query), hits in zip(asked, answers, strict=True):
        by_embedding.setdefault(i, {})[query.modality] = hits
    candidates = {
        listing_id
        for hits in by_embedding.values()
        for listing_id in _candidates(hits, floors, threshold, dependencies)
    }
    points = await dependencies.index.read(sorted(candidates), views=[view])
    table = Table.of({listing_id: point.view(view) for listing_id, point in points.items()})
    queries = Table.of({str(i): embedding for i, embedding in enumerate(embeddings)})
    return Around(points, table, similarities(queries, table, dependencies.policy))


def _candidates(
    hits: Mapping[Modality, Sequence[Hit]],
    floors: Mapping[Modality, float],
    threshold: float,
    dependencies: Dependencies,
) -> list[str]:
    found = {modality: {hit.listing_id: hit.similarity for hit in some} for modality, some in hits.items()}
    modalities = {
        hit.listing_id: hit.payload.get(state.MODALITIES, tuple(Modality)) for some in hits.values() for hit in some
    }
    bounds = bounds_of(found, floors, dependencies.search_limit)
    return shortlist(found, modalities, bounds, threshold, dependencies.policy)
