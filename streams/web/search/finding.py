"""A search from the form's fields to what is found: the live generation, its encoder, and the catalogue's filters."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Final

from streams.web.search.narrowing import StoredFew
from streams.web.search.photos import photo_at
from streams.web.search.query import Filters, FoundProduct, SearchRequest, refused
from streams.web.search.searching import Searcher
from streams.web.services import Services
from streams.web.tags import tagged

PAGE: Final = 24
"""Products that the page shows."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """What somebody filled in; empty is not asked for.

    Args:
        address: of a photo on the web.
        least: a decimal, like `most`.
        tag: each as in 'colour:red'.
    """

    words: str = ""
    like: str = ""
    address: str = ""
    strength: float = 0.5
    category: str = ""
    seller: str = ""
    currency: str = ""
    least: str = ""
    most: str = ""
    tag: Sequence[str] = ()
    limit: int = PAGE

    @property
    def shows(self) -> bool:
        """Whether something is shown, beside an upload."""
        return bool(self.like or self.address)

    @property
    def empty(self) -> bool:
        """Whether nothing is looked for yet."""
        return not self.words.strip() and not self.shows

    def filters(self) -> Filters:
        """Which listings count.

        Raises:
            UploadError: a price is none.
        """
        return Filters(
            category=self.category.strip() or None,
            seller_id=self.seller.strip() or None,
            currency=self.currency.strip().upper() or None,
            least=_decimal(self.least),
            most=_decimal(self.most),
            tags=tagged(self.tag),
        )


async def find(used: Services, wanted: Wanted, photo: bytes | None = None) -> list[FoundProduct]:
    """The products that fit best, the best first.

    Args:
        used: the index and the encoders are those of the live generation.
        wanted: what somebody filled in.
        photo: that was uploaded, if one was.

    Raises:
        UploadError: it can't be looked for.
        BusyError: too many search.
        IndexUnavailableError: no index answers.
    """
    filters = wanted.filters()
    if photo is None and wanted.address.strip():
        with used.fetching.taken():
            photo = await photo_at(wanted.address, used.images)
    request = SearchRequest(
        words=wanted.words,
        photo=photo,
        like=wanted.like or None,
        strength=wanted.strength,
        filters=filters,
        limit=wanted.limit,
    )
    few = StoredFew(used.store, lambda: used.standing.caught_up)
    with used.asking.taken():
        live = await used.living.now()
        return await Searcher(live.reader, live.encoder, live.settings.search_limit, few).search(request)


def _decimal(text: str) -> Decimal | None:
    if not text.strip():
        return None
    try:
        found = Decimal(text.strip())
    except InvalidOperation:
        found = Decimal("nan")
    if not found.is_finite() or found < 0:
        raise refused("price", f"'{text[:40]}'", "a decimal such as 12.90", "mend it")
    return found
