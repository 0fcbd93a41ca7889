"""What the decision on two listings rests on: read from the index, decided anew."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from encoders.types import Generated, Tag
from streams.errors import UnknownListingError
from streams.events.judgements import Judgement, Verdict
from streams.index.port import IndexReader, Point, View
from streams.matching.explanation import Explanation, compared, explain
from streams.matching.rules import Rules
from streams.stages import state


@dataclass(frozen=True, slots=True)
class TagPair:
    """What the photos of two listings show, of one list of phrases; None where a model can't tell."""

    list: str
    one: Tag | None
    other: Tag | None

    @property
    def agree(self) -> bool | None:
        """Whether it is the same; None where one of the two is not known."""
        return None if self.one is None or self.other is None else self.one.word == self.other.word

    def to_json(self) -> dict[str, Any]:
        """For programs."""
        both = {"one": self.one, "other": self.other}
        return {"list": self.list, **{name: tag and asdict(tag) for name, tag in both.items()}, "agree": self.agree}


@dataclass(frozen=True, slots=True)
class Explained:
    """Two listings as the index has them, and the decision on them.

    Args:
        points: of the two, with all their rows.
        found: the decision with its numbers.
        raw: per modality how similar they were before blending.
        raw_combined: all of it together.
        rules: what decided.
    """

    points: tuple[Point, Point]
    found: Explanation
    raw: Mapping[str, float]
    raw_combined: float
    rules: Rules

    @property
    def listing_ids(self) -> tuple[str, str]:
        """As they were asked for."""
        one, other = self.points
        return one.listing_id, other.listing_id

    @property
    def in_list(self) -> bool:
        """Whether the stored list of the first has the second; a stage may be behind."""
        found = state.matches_of(self.points[0].payload)
        return found is not None and self.listing_ids[1] in {match.listing_id for match in found.matches}

    @property
    def revision(self) -> int:
        """Of that list."""
        return int(self.points[0].payload.get(state.REVISION, 0))

    @property
    def judgement(self) -> Judgement | None:
        """What a person said of the two."""
        return state.judgement_on(self.points[0].payload, *self.listing_ids)

    @property
    def listings(self) -> list[Mapping[str, Any]]:
        """As their sellers sent them."""
        return [point.payload.get(state.LISTING) or {} for point in self.points]

    @property
    def generated(self) -> list[Generated]:
        """What models say of the photos of each."""
        return [state.generated_of(point.payload) for point in self.points]

    @property
    def tags(self) -> list[TagPair]:
        """What the photos of the two show, list by list."""
        one, other = (generated.tags for generated in self.generated)
        return [TagPair(name, one.get(name), other.get(name)) for name in sorted({*one, *other})]

    @property
    def neighbors(self) -> list[list[tuple[str, float]]]:
        """Whom each was blended with, and their weights."""
        return [[(one, weight) for one, weight in point.payload.get(state.NEIGHBORS) or []] for point in self.points]

    def to_json(self) -> dict[str, Any]:
        """All of it for programs."""
        found = self.found
        return {
            "listing_ids": list(self.listing_ids),
            "listings": [point.payload.get(state.LISTING) for point in self.points],
            "generated": [generated.to_json() if generated else None for generated in self.generated],
            "tags": [pair.to_json() for pair in self.tags],
            "neighbors": [point.payload.get(state.NEIGHBORS, []) for point in self.points],
            "raw": dict(self.raw),
            "blended": {modality.value: value for modality, value in found.blended.items()},
            "worth": {modality.value: value for modality, value in found.worth.items()},
            "combined": found.combined,
            "score": found.score,
            "contributions": dict(found.contributions),
            "vetoes": [{"kind": veto.kind, "reason": veto.reason} for veto in found.vetoes],
            "thresholds": found.thresholds.model_dump(),
            "outcome": found.outcome.name.lower(),
            "reason": found.reason,
            "in_list": self.in_list,
            "bundle": self.rules.bundle,
            "version": self.rules.policy.version,
        }


async def explained(index: IndexReader, listing_ids: Sequence[str], rules: Rules, generation: str) -> Explained:
    """Decide on two listings as the stream does, and tell all of it.

    Raises:
        UnknownListingError: the index does not have one of them, or has no blended rows of it.
        IndexUnavailableError: the index does not answer.
    """
    return decided(*await read_both(index, listing_ids, generation), rules)


async def read_both(index: IndexReader, listing_ids: Sequence[str], generation: str) -> tuple[Point, Point]:
    """Two listings with all their rows.

    Raises:
        UnknownListingError: the index does not have one of them, or has no blended rows of it.
        IndexUnavailableError: the index does not answer.
    """
    points = await index.read(listing_ids, views=list(View))
    for listing_id in listing_ids:
        if listing_id not in points or not points[listing_id].blended:
            raise UnknownListingError(
                f"listing '{listing_id}'",
                got="not in the index" if listing_id not in points else "withdrawn, or not blended yet",
                wanted=f"a listing of generation '{generation}'",
                remedy="check the id, and with 'matchstream topics show' whether the stages are behind",
            )
    one, other = (points[listing_id] for listing_id in listing_ids)
    return one, other


def decided(one: Point, other: Point, rules: Rules) -> Explained:
    """The decision on two points with all their rows."""
    verdict: Verdict | None = state.verdicts_of(one.payload).get(other.listing_id)
    found = explain(state.described(one, View.BLENDED), state.described(other, View.BLENDED), rules, verdict)
    raw = compared(one.raw, other.raw, rules.policy.for_blending)
    single = {modality.value: float(raw.single[modality][0, 0]) for modality in found.blended}
    return Explained((one, other), found, single, float(raw.combined[0, 0]), rules)
