"""Messages of the topic `refetch`: a listing that was embedded without its photo, to be tried again later."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Final, Self

from pydantic import ValidationError

from streams.events.embeddings import EmbeddingEvent
from streams.events.listing_model import Listing
from streams.events.records import Message
from streams.events.refusals import not_ours

_ATTEMPT: Final = "attempt"
_DIGITS: Final = 10


@dataclass(frozen=True, slots=True)
class Refetch:
    """A photo to be fetched again.

    It carries all that was told of the listing, so that it depends on no other message having been
    applied and the rows of its title are the same to the last bit.

    Args:
        event: what was told without the photo, and why it was missing.
        attempt: which one this is, counted from 1; the fetch when the listing came does not count.
    """

    event: EmbeddingEvent
    attempt: int = 1

    def once_more(self, event: EmbeddingEvent) -> Refetch:
        """The one after this one, with what was learned."""
        return replace(self, event=event, attempt=self.attempt + 1)

    def headers(self) -> Mapping[str, bytes]:
        """What stands beside the event."""
        return {_ATTEMPT: str(self.attempt).encode()}

    @classmethod
    def from_message(cls, message: Message) -> Self:
        """Back from `event` and `headers`.

        Raises:
            UnreadableEventError: somebody else wrote into the topic, or we did before a field had a meaning.
        """
        event = EmbeddingEvent.from_bytes(message.key, message.value)
        what, attempt = "a photo to fetch again of", message.headers.get(_ATTEMPT) or b""
        if event.version is None or event.listing is None or not _is_count(attempt):
            error = ValueError(f"attempt {attempt[:20]!r} at version {event.version}")
            wanted, remedy = "what the embed stage writes", "give each generation topics of its own"
            raise not_ours(what, message.key, error, wanted=wanted, remedy=remedy)
        try:
            Listing.model_validate(event.listing)
        except ValidationError as error:  # it was embedded when less was asked of listings
            wanted, remedy = "a listing as it may be now", "mend it and publish the listing again"
            raise not_ours(what, message.key, error, wanted=wanted, remedy=remedy) from error
        return cls(event, int(attempt))


def _is_count(text: bytes) -> bool:
    return text.isdigit() and len(text) < _DIGITS and int(text) > 0
