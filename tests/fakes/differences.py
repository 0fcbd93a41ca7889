"""A difference between two generations, as if it had been read from their topics."""

from __future__ import annotations

from dataclasses import replace

from streams.events import Match
from streams.matching.grouping import BareLink
from streams.reindex.difference import Difference, compare_lists
from streams.reindex.difference.difference import Listed, by_category
from streams.reindex.difference.judged import Judged
from streams.reindex.difference.products import compare_products
from streams.reindex.difference.seen import NOT_SEEN, Place, Seen

CATEGORIES = ("Mugs", "Lamps", "")


def seen(place: Place, similarity: float, rule: str, **evidence: float | str) -> Seen:
    """A pair in a list."""
    return Seen(place, Match("other", similarity, {"text": similarity, **evidence, "rule": rule}))


def difference(groups: int = 4, title: str = "Mug, red", image: str = "photo.jpg", **changes: object) -> Difference:
    """Of groups of four listings: two pairs in each are lost and their product split, or gained and merged."""
    apart: dict[str, dict[str, BareLink]] = {}
    together: dict[str, dict[str, BareLink]] = {}
    link = BareLink(strong=True)
    for number in range(groups):
        a, b, c, d = (f"l{number:02}{letter}" for letter in "abcd")
        before, after = (apart, together) if number % 2 else (together, apart)
        before |= {a: {b: link, c: link}, b: {a: link, d: link}, c: {a: link, d: link}, d: {b: link, c: link}}
        after |= {a: {b: link}, b: {a: link}, c: {d: link}, d: {c: link}}
    lists = compare_lists(together, apart)
    categories = {one: CATEGORIES[int(one[1:3]) % len(CATEGORIES)] for one in together}
    match = seen(Place.MATCH, 0.91, "combined>=0.85", image=0.8)
    review = seen(Place.REVIEW, 0.71, "0.65<=combined<0.85")
    overruled = seen(Place.OVERRULED, 0.88, "judged different", unjudged="match")
    made = Difference(
        live="g1",
        name="g2",
        lists=lists,
        products=compare_products(together, apart, lists.changed, (200, 200)),
        seen=dict.fromkeys(lists.gained, (NOT_SEEN, match)) | dict.fromkeys(lists.lost, (match, review)),
        categories=by_category((together, apart), lists, categories),
        judged=(
            Judged(("l00a", "l00b"), True, "ann", match, match),
            Judged(("l00a", "l01b"), False, "<b>ben</b>", overruled, NOT_SEEN),
            Judged(("l00a", "l01a"), True, "", match, NOT_SEEN),
        ),
        listings={one: Listed(title, categories[one], image, "12.90 EUR") for one in together},
    )
    return replace(made, **changes)
