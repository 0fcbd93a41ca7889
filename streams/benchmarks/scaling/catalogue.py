"""A catalogue, as far as its size and what happens to it in a day matter."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

DAY_S: Final = 86_400
WEEK_S: Final = 7 * DAY_S


@dataclass(frozen=True, slots=True)
class Catalogue:
    """What there is, and what comes.

    Args:
        name: in words.
        listings: how many.
        changes_a_day: new listings, and titles or photos that changed; each is encoded and looked around.
        prices_a_day: updates of prices, attributes and links alone; nothing of them is encoded.
        photos: the share of listings with a photo.
        peak: how many times the mean rate of a day its busiest hour has.
        sweep_s: every listing is looked at again within so long (`MATCHSTREAM_SWEEP_PERIOD_S`); 0 for never.
        replicas: of each topic.
    """

    name: str
    listings: int
    changes_a_day: float
    prices_a_day: float
    photos: float = 1.0
    peak: float = 4.0
    sweep_s: float = WEEK_S
    replicas: int = 3

    @property
    def changes_per_s(self) -> float:
        """In the busiest hour."""
        return self.peak * self.changes_a_day / DAY_S

    @property
    def prices_per_s(self) -> float:
        """Likewise."""
        return self.peak * self.prices_a_day / DAY_S

    @property
    def swept_per_s(self) -> float:
        """All day long."""
        return self.listings / self.sweep_s if self.sweep_s else 0.0


def catalogue(
    name: str, listings: int, changes_a_day: float | None = None, prices_a_day: float | None = None
) -> Catalogue:
    """One of which, unless told, two listings in a hundred are new or changed in a day, and twenty have a new price."""
    changes = 0.02 * listings if changes_a_day is None else changes_a_day
    return Catalogue(name, listings, changes, 0.2 * listings if prices_a_day is None else prices_a_day)


SMALL: Final = catalogue("10 million", 10_000_000)
LARGE: Final = catalogue("200 million", 200_000_000)
