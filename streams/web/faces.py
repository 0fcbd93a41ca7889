"""The faces of the page: what each keeps of the topics."""

from __future__ import annotations

from typing import Final

from streams.web.catalogue.projection import CATALOGUE
from streams.web.live.projection import LIVE
from streams.web.review.projection import REVIEW
from streams.web.store import Projection

PROJECTIONS: Final[tuple[Projection, ...]] = (CATALOGUE, REVIEW, LIVE)
