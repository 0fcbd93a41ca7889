"""What a point's payload holds, by name, and how it is read.

Each field has one owner, so that stages which work on one listing at the same time never write the
same field: the index stage the truth, blend the neighborhood, match the list.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, Final

from encoders.types import Generated
from streams.events import Match, MatchList, Standing, Verdict
from streams.events.generated import read_generated
from streams.events.judgements import Judgement
from streams.events.rows import embedding_from_json, embedding_to_json
from streams.index import layout
from streams.index.layout import point_id
from streams.index.port import Payload, Point, View
from streams.matching.details import Described, Details

# Written by the index stage
LISTING: Final = "listing"
"""The listing as its seller sent it."""
STANDING: Final = "standing"
"""Which version counts, also of a listing that is withdrawn."""
SEALS: Final = "seals"
FAILURES: Final = "failures"
GENERATED: Final = "generated"
"""What models say of the listing's photos, there while they say anything."""

# Written by the blend stage
RADIUS: Final = "radius"
NEIGHBORS: Final = "neighbors"
"""Whom the listing was blended with, and their weights: for people to read."""
DETAILS: Final = "details"
"""A copy of the listing's words: match reads only what blend wrote."""

# Written by the match stage
MATCHES: Final = "matches"
REVIEW: Final = "review"
OVERRULED: Final = "overruled"
LISTS: Final = (MATCHES, REVIEW, OVERRULED)
"""Where the parts of a match list are, in their order."""
REVISION: Final = "revision"
UNTOLD: Final = "untold"
"""The ids that this generation last told of, there while a newer list may not have reached whoever hears it."""

# Written by the match stage while its generation is live, else by whoever follows the one that is
HEARD: Final = "heard"
"""What subscribers of `matches` know of the listing, whichever generation told them."""

# Written by the judge stage
JUDGED: Final = "judged_"
"""Beginning of the names of fields that hold one judgement each."""

# Written by the group stage
PRODUCT_ID: Final = "product_id"
"""The product the listing is in."""
PRODUCT: Final = "product"
"""The last event of the product that has this listing's id, also when it is gone."""
SHADOW_PRODUCT_ID: Final = "shadow_product_id"
SHADOW_PRODUCT: Final = "shadow_product"
"""The same while the generation is not live: then the two above say what subscribers of `products` know."""
REGROUPING: Final = "regrouping"
"""The listings whose product is about to change, there while subscribers may not know of it."""
SHADOW_REGROUPING: Final = "shadow_regrouping"
"""The same while the generation is not live."""
CROWD_LINKS: Final = "crowd_links"
"""Whom the listing listed when more than a product may have were found around it."""
DIVIDED: Final = "divided"
"""Everybody the listing hung together with when judgements kept some of these apart."""

# Written by whoever follows the products of the generation that is live, forgotten by the group stage once this one is
KEPT_PRODUCT: Final = "kept_product"
"""What this generation told of the product when it was live, there when another one has told of it since."""
KEPT_PRODUCT_ID: Final = "kept_product_id"
"""The product that the listing was in then."""
FURTHER_PRODUCTS: Final = "further_products"
"""Products that say of the listing that they have it, beside the one above; there until all partitions are read."""

# Written by whoever owns the view
MODALITIES: Final = layout.MODALITIES
"""Which modalities the rows of a view are of, so that a search that did not find one knows whether it is there."""

PENDING: Final = {View.RAW: "pending_raw", View.BLENDED: "pending_blended"}
"""What was replaced while those who depend on them may not be marked yet."""


def standing_of(payload: Payload) -> Standing:
    """Which version counts so far."""
    stored = payload.get(STANDING)
    return Standing() if stored is None else Standing.from_json(stored)


def generated_of(payload: Payload) -> Generated:
    """What models say of the photos; nothing in points from before anything was generated."""
    return read_generated(payload.get(GENERATED))


def described(point: Point, view: View) -> Described:
    """A listing as decisions see it in that view."""
    words = point.payload.get(LISTING if view is View.RAW else DETAILS)
    return Described(point.view(view), Details.of(words or {}))


def pending_of(point: Point, view: View) -> list[Described] | None:
    """What was replaced and is on record, oldest first; None where there is no record."""
    record = point.payload.get(PENDING[view])
    if record is None:
        return None
    return [Described(embedding_from_json(one["embedding"]), Details.of(one["details"])) for one in record]


def pending_record(replaced: list[Described], view: View) -> dict[str, Any]:
    """The payload fields that put what is replaced on record."""
    entries = [{"embedding": embedding_to_json(one.embedding), "details": one.details.to_json()} for one in replaced]
    return {PENDING[view]: entries}


def matches_of(payload: Payload) -> MatchList | None:
    """The stored match list, None if there is none."""
    if payload.get(MATCHES) is None:
        return None
    return MatchList(*(tuple(map(Match.from_json, payload.get(name) or ())) for name in LISTS))


def judged_field(judgement: Judgement, listing_id: str) -> tuple[str, dict[str, Any]]:
    """Where one of the two listings keeps a judgement, and what: a field per pair, so that pairs never meet."""
    other = judgement.other(listing_id)
    verdict = {"listing_id": other, "verdict": judgement.verdict, "by": judgement.by, "at": judgement.at}
    return f"{JUDGED}{point_id(other)}", verdict


def verdicts_of(payload: Payload) -> dict[str, Verdict]:
    """What people said of this listing and others, by the other's id."""
    stored = (value for name, value in payload.items() if name.startswith(JUDGED))
    return {one["listing_id"]: Verdict(one["verdict"]) for one in stored if one["verdict"]}


def judgement_on(payload: Payload, listing_id: str, other: str) -> Judgement | None:
    """What the first of two listings keeps of a person's verdict on them; None where there is none."""
    found = payload.get(f"{JUDGED}{point_id(other)}")
    if not found or not found["verdict"]:
        return None
    verdict, by, at = Verdict(found["verdict"]), str(found.get("by") or ""), str(found.get("at") or "")
    return Judgement.on(listing_id, other, verdict, by=by, at=at)


@dataclass(frozen=True, slots=True)
class Heard:
    """What subscribers of `matches` know of a listing: who is in its lists, not how similar.

    Args:
        revision: of the last event they heard.
        matches: ids in the list; None when the listing is gone.
        weak: those of them that are not strong.
        review: ids to be reviewed.
    """

    revision: int
    matches: tuple[str, ...] | None = None
    weak: tuple[str, ...] = ()
    review: tuple[str, ...] = ()

    @classmethod
    def saying(cls, revision: int, list_: MatchList | None) -> Heard:
        """That of an event with this list."""
        if list_ is None:
            return cls(revision)
        weak = tuple(one.listing_id for one in list_.matches if not one.strong)
        matches, review = (tuple(one.listing_id for one in some) for some in (list_.matches, list_.review))
        return cls(revision, matches, weak, review)

    def decides_as(self, list_: MatchList | None) -> bool:
        """Whether a list has the same listings in it, in whatever order and however similar."""
        return self.decision == Heard.saying(self.revision, list_).decision

    @property
    def decision(self) -> tuple[frozenset[str], ...] | None:
        """Who is in the lists, in no order; None when the listing is gone."""
        if self.matches is None:
            return None
        return tuple(map(frozenset, (self.matches, self.weak, self.review)))

    def to_json(self) -> dict[str, Any]:
        """As a payload value."""
        return asdict(self)

    @classmethod
    def of(cls, payload: Payload) -> Heard | None:
        """What a payload says; None where subscribers never heard of the listing."""
        stored = payload.get(HEARD)
        if stored is None:
            return None
        ids = (tuple(stored[name]) for name in ("weak", "review"))
        return cls(stored["revision"], None if stored["matches"] is None else tuple(stored["matches"]), *ids)


@dataclass(frozen=True, slots=True)
class Untold:
    """What was known before a list that those who hear this generation may not have been told of yet.

    Args:
        listing_ids: what they know at least, whichever of the attempts that were cut off told them.
        at_most: what they may know.
    """

    listing_ids: tuple[str, ...]
    at_most: tuple[str, ...] = ()

    def to_json(self) -> dict[str, Any]:
        """As a payload value."""
        return {"listing_ids": list(self.listing_ids), "at_most": list(self.at_most)}

    @classmethod
    def of(cls, payload: Mapping[str, Any]) -> Untold | None:
        """The record in a payload, None if there is none."""
        stored = payload.get(UNTOLD)
        return None if stored is None else cls(tuple(stored["listing_ids"]), tuple(stored.get("at_most", ())))
