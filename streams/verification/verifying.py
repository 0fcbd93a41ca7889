"""Comparing an index with the reference, and telling a fault from a limit."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from encoders.types import Embedding
from streams.events import Match, MatchList
from streams.events.rows import same_rows
from streams.index.port import Point, View
from streams.matching import Policy, reference
from streams.matching.grouping import products
from streams.matching.policy import SLACK
from streams.matching.reference import blended_view
from streams.stages.around import Aim, look_around
from streams.stages.blend import Blend, current_blends
from streams.stages.dependencies import Dependencies
from streams.stages.group_fields import ProductFields
from streams.stages.match import current_lists
from streams.verification.differences import Difference, Kind, What
from streams.verification.stored import Stored

_BATCH = 64

Progress = Callable[[str, int, int], None]
"""Told what is being done, how many listings it is about, and how many more have got through."""


@dataclass(frozen=True, slots=True)
class Verified:
    """What verification found.

    Args:
        stored: what it looked at.
    """

    stored: Stored
    differences: list[Difference] = field(default_factory=list)

    @property
    def faults(self) -> int:
        """How many differences are real faults."""
        return sum(1 for one in self.differences if one.kind is Kind.FAULT)


async def verify(dependencies: Dependencies, progress: Progress) -> Verified:
    """Compare everything in an index with the reference; nothing is written.

    A list that is not the reference's is computed once more as the stream does it, from what is stored
    and with the index's own searches. If that gives what is stored, the searches are the reason, or a
    limit; if not, what is stored is stale, and that is a fault.
    """
    stored = await Stored.read(
        dependencies.index,
        lambda listings: progress("reading the index", 0, listings),
        dependencies.derive,
        ProductFields(dependencies.audience(), dependencies.generation),
    )
    wanted = blended_view(stored.raw, dependencies.policy, lambda some: progress("blending", len(stored.raw), some))
    found = [*_unfinished(stored), *_left_over(stored), *_derived(stored)]
    found += await _neighborhoods(stored, wanted, dependencies)
    lists = reference(
        stored.catalogue, dependencies.rules, lambda some: progress("comparing", 2 * len(stored.raw), some)
    )
    found += await _lists(stored, lists, dependencies)
    found += _products(stored, dependencies.product_limit)
    return Verified(stored, sorted(found, key=lambda one: (one.kind, one.what, one.subject)))


def _unfinished(stored: Stored) -> Iterator[Difference]:
    for listing_id, records in stored.unfinished.items():
        yield Difference(Kind.FAULT, listing_id, What.RECORD, f"work on it was never finished: {', '.join(records)}")


def _left_over(stored: Stored) -> Iterator[Difference]:
    """What is derived from listings that are gone."""
    gone = {*stored.blended, *(one for one, list_ in stored.lists.items() if list_ is not None)} - {*stored.raw}
    for listing_id in gone:
        yield Difference(Kind.FAULT, listing_id, What.LISTING, "it is gone, and still compared or told")


def _derived(stored: Stored) -> Iterator[Difference]:
    for listing_id, far in stored.astray.items():
        kind = Kind.ROUNDING if far <= SLACK else Kind.FAULT
        yield Difference(kind, listing_id, What.DERIVED, "it is not what the listing's other rows make it")


async def _neighborhoods(
    stored: Stored, wanted: Mapping[str, Embedding], dependencies: Dependencies
) -> list[Difference]:
    differing = [one for one in stored.raw if not same_rows(stored.blended.get(one, {}), wanted[one])]
    found = []
    for points in await _batches(differing, dependencies):
        now = await current_blends(points, dependencies)
        for listing_id in points:
            kind, words = Kind.FAULT, "it is not what its neighbors make it now"
            if same_rows(now[listing_id].value.embedding, stored.blended.get(listing_id, {})):
                kind, words = Kind.APPROXIMATE, "its search finds other neighbors"
            elif not await _found_by_neighbors(listing_id, now[listing_id], dependencies):
                kind, words = Kind.APPROXIMATE, "its neighbors' searches do not find it, so that nobody marked it"
            found.append(Difference(kind, listing_id, What.BLENDED, words))
    return found


async def _found_by_neighbors(listing_id: str, now: Blend, dependencies: Dependencies) -> bool:
    """Whether a search around its neighbors finds a listing."""
    neighbors = await dependencies.index.read(now.around.listing_ids, views=[View.RAW])
    raw = [point.raw for point in neighbors.values()]
    around = await look_around(dependencies, Aim.at_neighbors(dependencies.policy), raw)
    return listing_id in around.points


async def _lists(stored: Stored, wanted: Mapping[str, MatchList], dependencies: Dependencies) -> list[Difference]:
    differing = [one for one in stored.raw if stored.lists.get(one) != wanted[one]]
    now: dict[str, MatchList | None] = {}
    for points in await _batches(differing, dependencies):
        now |= await current_lists(points, dependencies)
    return [_list_difference(one, stored.lists.get(one), wanted, now, dependencies.policy) for one in differing]


def _list_difference(
    listing_id: str,
    was: MatchList | None,
    all_wanted: Mapping[str, MatchList],
    now: Mapping[str, MatchList | None],
    policy: Policy,
) -> Difference:
    stored, wanted = was or MatchList(), all_wanted[listing_id]
    words = _gained_and_lost(stored, wanted)
    if now[listing_id] != was:
        if _unseen(listing_id, _odd(stored, wanted), all_wanted, now):
            return Difference(Kind.APPROXIMATE, listing_id, What.LIST, f"others' searches do not find it: {words}")
        return Difference(Kind.FAULT, listing_id, What.LIST, f"stale: {words}")
    limit = policy.list_limit
    if any(len(some) >= limit for some in (*stored, *wanted)):
        return Difference(Kind.CUT, listing_id, What.LIST, f"as long as it may be, {limit}: {words}")
    kind = Kind.ROUNDING if _near_a_threshold(stored, wanted, policy) else Kind.APPROXIMATE
    return Difference(kind, listing_id, What.LIST, words)


def _gained_and_lost(stored: MatchList, wanted: MatchList) -> str:
    here, there = ({match.listing_id for match in one.matches} for one in (stored, wanted))
    missing, extra = ", ".join(sorted(there - here)), ", ".join(sorted(here - there))
    words = [f"lacks {missing}"] * bool(missing) + [f"has {extra} too much"] * bool(extra)
    return " and ".join(words) or "other similarities or other listings to review"


def _odd(stored: MatchList, wanted: MatchList) -> dict[str, Match]:
    """The matches that only one of the two lists has."""
    here, there = ({match.listing_id: match for match in one.matches} for one in (stored, wanted))
    return {one: match for one, match in {**here, **there}.items() if (one in here) != (one in there)}


def _unseen(
    listing_id: str,
    others: Iterable[str],
    wanted: Mapping[str, MatchList],
    now: Mapping[str, MatchList | None],
) -> bool:
    """Whether nobody of the others finds the listing, so that no change of theirs could mark it."""
    lists = [(wanted.get(other), now.get(other)) for other in others]
    return bool(lists) and all(
        there is not None and here is not None and _has(there, listing_id) and not _has(here, listing_id)
        for there, here in lists
    )


def _has(list_: MatchList, listing_id: str) -> bool:
    return any(match.listing_id == listing_id for match in list_.matches)


def _near_a_threshold(stored: MatchList, wanted: MatchList, policy: Policy) -> bool:
    """Whether every match that only one of them has is as near to a threshold as float32 sums may differ."""
    each = [policy.thresholds(None), *policy.categories.values()]
    limits = [one for thresholds in each for one in (thresholds.match, thresholds.review) if one is not None]
    odd = _odd(stored, wanted).values()
    values = [float(match.evidence.get("probability", match.similarity)) for match in odd]
    # evidence is rounded to four decimals
    return all(any(abs(value - limit) <= SLACK + 5e-5 for limit in limits) for value in values)


async def _batches(listing_ids: Sequence[str], dependencies: Dependencies) -> list[dict[str, Point]]:
    return [
        await dependencies.index.read(listing_ids[start : start + _BATCH], views=list(View))
        for start in range(0, len(listing_ids), _BATCH)
    ]


def _products(stored: Stored, limit: int) -> Iterable[Difference]:
    """Products follow from the stored lists and judgements: a stale list is not told twice."""
    lists = {one: list_.matches for one, list_ in stored.lists.items() if list_ is not None}
    wanted = products(lists, limit, stored.verdicts)
    there = {one: event for one, event in stored.products.items() if event["members"] is not None}
    for product_id in sorted({*wanted, *there}):
        group, event = wanted.get(product_id), there.get(product_id)
        if group is None or event is None or list(group.members) != event["members"]:
            now = ", ".join(group.members) if group else "nobody"
            was = ", ".join(event["members"]) if event else "nobody"
            yield Difference(Kind.FAULT, product_id, What.PRODUCT, f"it has {was}; by lists and judgements {now}")
    homes = {member: product_id for product_id, group in wanted.items() for member in group.members}
    for listing_id in sorted({*homes, *stored.product_of}):
        if homes.get(listing_id) != stored.product_of.get(listing_id):
            words = f"it is in {stored.product_of.get(listing_id)}; by lists and judgements in {homes.get(listing_id)}"
            yield Difference(Kind.FAULT, listing_id, What.PRODUCT_OF_LISTING, words)
