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

_ANY = frozenset(Modality)
"""What a listing may have whose modalities are not written yet."""


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
        fields: of the payload of what is found; None is all of it.
    """

    view: View
    floors: Mapping[Modality, float]
    threshold: float
    policy: Policy
    fields: Collection[str] | None = None

    @classmethod
    def at_neighbors(cls, policy: Policy) -> Aim:
        """At whoever is near enough to be blended with."""
        return cls(View.RAW, policy.blend_floors, policy.blend.threshold, policy.for_blending, (state.RADIUS,))

    @classmethod
    def at_candidates(cls, policy: Policy) -> Aim:
        """At whoever a decision is made on."""
        return cls(View.BLENDED, policy.match_floors, policy.candidates, policy, (state.DETAILS,))


@dataclass(frozen=True, slots=True)
class Sought:
    """What to look for around some embeddings.

    Args:
        aim: what for.
        embeddings: q of them.
        known: listings that matter however similar they are.
    """

    aim: Aim
    embeddings: Sequence[Embedding]
    known: Collection[str] = ()


async def look_around(
    dependencies: Dependencies, aim: Aim, embeddings: Sequence[Embedding], known: Collection[str] = ()
) -> Around:
    """Find the listings whose combined similarity reaches the threshold, or that one modality makes sure.

    Listings that are `known` to matter are among the points, however similar they are.
    """
    (around,) = await look_around_each(dependencies, [Sought(aim, embeddings, known)])
    return around


async def look_around_each(dependencies: Dependencies, sought: Sequence[Sought]) -> list[Around]:
    """Look around with several aims at once.

    Two round trips: one searches each modality, one reads the rows of the candidates. Where so many
    are near that a search was cut and may have missed one, it is repeated with a higher limit.
    """
    asked = {(k, i): (one.aim, each) for k, one in enumerate(sought) for i, each in enumerate(one.embeddings)}
    candidates = await _candidates(dependencies, asked, dependencies.search_limit)
    wanted = [{*candidates.get(k, ()), *one.known} for k, one in enumerate(sought)]
    aims = [one.aim for one in sought]
    points = await dependencies.index.read(sorted(set().union(*wanted)), _views(aims), _fields(aims))
    return [
        _around(one, {i: point for i, point in points.items() if i in some})
        for one, some in zip(sought, wanted, strict=True)
    ]


def _views(aims: Sequence[Aim]) -> list[View]:
    return [view for view in View if any(aim.view is view for aim in aims)]


def _fields(aims: Sequence[Aim]) -> list[str] | None:
    each = [aim.fields for aim in aims if aim.fields is not None]
    return sorted(set().union(*each)) if len(each) == len(aims) else None


def _around(sought: Sought, points: Mapping[str, Point]) -> Around:
    aim = sought.aim
    table = Table.of({i: point.view(aim.view) for i, point in points.items() if point.view(aim.view)})
    queries = Table.of({str(i): embedding for i, embedding in enumerate(sought.embeddings)})
    return Around(points, table, similarities(queries, table, aim.policy))


_Place = tuple[int, int]
"""Which of what is sought, and which embedding of it."""


async def _candidates(
    dependencies: Dependencies, asked: Mapping[_Place, tuple[Aim, Embedding]], limit: int
) -> dict[int, set[str]]:
    """Who may be near enough, for each that is sought."""
    found: dict[int, set[str]] = {}
    crowded: dict[_Place, tuple[Aim, Embedding]] = {}
    for place, hits in (await _hits(dependencies, asked, limit)).items():
        near, missed = _near(hits, asked[place][0], limit)
        found.setdefault(place[0], set()).update(near)
        if missed:
            crowded[place] = asked[place]
    if crowded and limit < dependencies.search_limit * _DEEPER**_DEEPEST:
        for k, deeper in (await _candidates(dependencies, crowded, limit * _DEEPER)).items():
            found[k] |= deeper
    return found


async def _hits(
    dependencies: Dependencies, asked: Mapping[_Place, tuple[Aim, Embedding]], limit: int
) -> dict[_Place, dict[Modality, list[Hit]]]:
    queries = [
        (place, Query(aim.view, modality, embedding[modality], floor, limit))
        for place, (aim, embedding) in asked.items()
        for modality, floor in aim.floors.items()
        if modality in embedding
    ]
    fields = [state.MODALITIES[view] for view in _views([aim for aim, _ in asked.values()])]
    answers = await dependencies.index.search([query for _, query in queries], fields)
    hits: dict[_Place, dict[Modality, list[Hit]]] = {}
    for (place, query), found in zip(queries, answers, strict=True):
        hits.setdefault(place, {})[query.modality] = found
    return hits


def _near(hits: Mapping[Modality, Sequence[Hit]], aim: Aim, limit: int) -> tuple[set[str], bool]:
    """Who of the hits may be near enough, and whether somebody else may be."""
    found = {modality: {hit.listing_id: hit.similarity for hit in some} for modality, some in hits.items()}
    name = state.MODALITIES[aim.view]
    modalities = {hit.listing_id: hit.payload.get(name, _ANY) for some in hits.values() for hit in some}
    bounds = bounds_of(found, aim.floors, limit)
    near = shortlist(found, modalities, bounds, aim.threshold, aim.policy)
    return set(near), may_miss(found, bounds, limit, aim.threshold, aim.policy)
