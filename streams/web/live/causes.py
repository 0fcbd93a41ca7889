"""What led to an event, read out of the words that events carry."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

_LISTING: Final = re.compile(r"listing (?P<listing>.+) (?P<what>published|withdrawn)", re.DOTALL)
_JUDGED: Final = re.compile(r"judged (?P<verdict>\w+) as listing '(?P<listing>.+)'", re.DOTALL)
TAKEN_BACK: Final = "a judgement was taken back"


@dataclass(frozen=True, slots=True)
class Cause:
    """What led to an event.

    Args:
        listing_id: that was published, withdrawn, or judged beside the event's own; None where none is named.
        withdrawn: whether it was withdrawn.
        verdict: what people said, if that is the cause.
    """

    listing_id: str | None = None
    withdrawn: bool = False
    verdict: str | None = None

    @property
    def by_people(self) -> bool:
        """Whether a judgement led to it."""
        return self.verdict is not None


def cause_of(words: str) -> Cause:
    """Out of the words of an event; they are for people, so what is not known says nothing."""
    if found := _LISTING.fullmatch(words):
        return Cause(found["listing"], withdrawn=found["what"] == "withdrawn")
    if found := _JUDGED.fullmatch(words):
        return Cause(found["listing"], verdict=found["verdict"])
    return Cause(verdict="taken back") if words == TAKEN_BACK else Cause()
