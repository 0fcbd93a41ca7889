"""Stories in words for people."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final

from streams.events.matches import Match
from streams.web.live.causes import Cause, cause_of
from streams.web.live.reading import Shown, Told
from streams.web.live.stories import Story, StoryKind
from streams.web.wording import reason

LABELS: Final[Mapping[StoryKind, str]] = {
    StoryKind.FOUND: "Match found",
    StoryKind.LOST: "Match lost",
    StoryKind.REVIEW: "For review",
    StoryKind.JUDGED: "Judged",
    StoryKind.MERGED: "Products merged",
    StoryKind.SPLIT: "Product split",
    StoryKind.DROP: "Price drop",
    StoryKind.RISE: "Price rise",
    StoryKind.WITHDRAWN: "Withdrawn",
}
_TONES: Final = {StoryKind.FOUND: "good", StoryKind.DROP: "good", StoryKind.LOST: "bad", StoryKind.SPLIT: "bad"}
_NAMED: Final = 3
"""Listings that a story shows; the others are counted."""


@dataclass(frozen=True, slots=True)
class Line:
    """A story as the page shows it.

    Args:
        label: its kind.
        tone: of the label: good, bad or none.
        at: ISO 8601.
        time: for people, until the browser puts its own.
        listings: what it is about, the first ones.
        further: how many listings it does not show.
        sentences: what happened and why.
        compare: two listings to be explained.
        product: whose page has more.
    """

    id: int
    kind: StoryKind
    label: str
    tone: str
    at: str
    time: str
    listings: tuple[Shown, ...]
    further: int
    sentences: tuple[str, ...]
    compare: tuple[str, str] | None
    product: str


def line_of(told: Told, known: Mapping[str, Shown], judges: Mapping[str, str]) -> Line:
    """One story in words.

    Args:
        told: the story.
        known: listings by id.
        judges: who judged last on a listing.
    """
    story = told.story
    ids = (story.about, *story.others)
    at = datetime.fromtimestamp(story.at_ms / 1000, UTC)
    return Line(
        id=told.id,
        kind=story.kind,
        label=LABELS[story.kind],
        tone=_TONES.get(story.kind, ""),
        at=at.isoformat(timespec="milliseconds"),
        time=f"{at:%H:%M:%S} UTC",
        listings=tuple(known.get(one, Shown(one)) for one in ids[:_NAMED]),
        further=max(0, len(ids) - _NAMED),
        sentences=tuple(filter(None, _SENTENCES[story.kind](story, judges))),
        compare=(story.about, story.others[0]) if story.kind in _PAIRS else None,
        product=str(story.facts.get("product_id", story.about)),
    )


_PAIRS: Final = frozenset({StoryKind.FOUND, StoryKind.LOST, StoryKind.REVIEW, StoryKind.JUDGED})


def _found(story: Story, judges: Mapping[str, str]) -> tuple[str, ...]:
    if not (match := _first(story)):
        return (_because(story, judges),)
    weak = "" if match.strong else "Weak: it joins products only where both match a third listing."
    return _sentence(reason(match.evidence, match.similarity)), weak


def _lost(story: Story, judges: Mapping[str, str]) -> tuple[str, ...]:
    return "No longer the same product.", _because(story, judges)


def _review(story: Story, _judges: Mapping[str, str]) -> tuple[str, ...]:
    match = _first(story)
    return (_sentence(reason(match.evidence, match.similarity)) if match else "Somebody should look at it.",)


def _judged(story: Story, _judges: Mapping[str, str]) -> tuple[str, ...]:
    by, verdict = story.facts.get("by") or "Somebody", story.facts.get("verdict")
    if verdict is None:
        return ("A judgement on these two was taken back.",)
    said = {"same": "these are the same product", "different": "these are different products"}
    return (f"{by}: {said.get(verdict, 'it can not be told whether these are the same product')}.",)


def _merged(story: Story, judges: Mapping[str, str]) -> tuple[str, ...]:
    facts = story.facts
    return f"Two products are one now: {_counted(facts['is'])}, {facts['was']} before.", _because(story, judges)


def _split(story: Story, judges: Mapping[str, str]) -> tuple[str, ...]:
    facts = story.facts
    words = f"A product of {_counted(facts['was'])} came apart: {facts['is']} stay together, {len(story.others)} left."
    return words.replace("1 stay together", "1 stays"), _because(story, judges)


def _price(story: Story, _judges: Mapping[str, str]) -> tuple[str, ...]:
    facts = story.facts
    currency, best = facts["currency"], facts.get("best")
    words = f"{facts['old']} → {facts['new']} {currency}."
    return words, f"Best offer now {best['new']} {currency}, {best['old']} before." if best else ""


def _withdrawn(story: Story, _judges: Mapping[str, str]) -> tuple[str, ...]:
    if not story.others:
        return ("The seller took the listing back.",)
    return (f"The seller took the listing back; it matched {_counted(len(story.others))}.",)


_SENTENCES: Final = {
    StoryKind.FOUND: _found,
    StoryKind.LOST: _lost,
    StoryKind.REVIEW: _review,
    StoryKind.JUDGED: _judged,
    StoryKind.MERGED: _merged,
    StoryKind.SPLIT: _split,
    StoryKind.DROP: _price,
    StoryKind.RISE: _price,
    StoryKind.WITHDRAWN: _withdrawn,
}


def _because(story: Story, judges: Mapping[str, str]) -> str:
    """What led to it."""
    cause = cause_of(story.cause)
    if cause.by_people:
        return _by_people(cause, story, judges)
    if cause.listing_id is not None:
        what = "was withdrawn" if cause.withdrawn else "has news"
        return f"Because listing '{cause.listing_id}' {what}."
    if story.cause.startswith("generation "):
        return f"Because {story.cause} became live."
    return _sentence(f"because: {story.cause}") if story.cause else ""


def _by_people(cause: Cause, story: Story, judges: Mapping[str, str]) -> str:
    if cause.verdict == "taken back":
        return "Because a judgement was taken back."
    names = (judges.get(one) for one in (cause.listing_id, story.about, *story.others) if one is not None)
    by = next(filter(None, names), "somebody")
    return f"By a judgement of {by}: {cause.verdict}."


def _first(story: Story) -> Match | None:
    found: dict[str, Any] | None = (story.facts.get("pairs") or {}).get(story.others[0])
    return Match.from_json(found) if found else None


def _sentence(words: str) -> str:
    return words[:1].upper() + words[1:] + "."


def _counted(listings: int) -> str:
    return f"{listings} listing{'' if listings == 1 else 's'}"
