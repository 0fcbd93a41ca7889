"""What stages tell of their work to whoever counts it: facts and sizes, never which listing."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from enum import StrEnum
from typing import Final, Protocol

from encoders.types import Embedding
from streams.matching.decided import Decided


class Why(StrEnum):
    """Why messages were laid aside."""

    UNREADABLE = "unreadable"
    """They are no messages of their topic."""
    FAILED = "failed"
    """The stage failed with them alone, again and again."""
    DIED = "died"
    """The worker ended with them alone, again and again."""


class Observer(Protocol):
    """Hears of everything once for each batch, and again when a batch is worked off again."""

    def encoded(self, embeddings: Iterable[Embedding], captions: int) -> None:
        """Encoders made these, and so many captions."""

    def reused(self, embeddings: Iterable[Embedding]) -> None:
        """These were in the index already: nothing was encoded for them."""

    def encoder_worked(self, seconds: float) -> None:
        """A batch was with the encoder so long, with what it waited for photos to be decoded."""

    def without_photo(self, later: int, for_good: int) -> None:
        """Of so many listings a photo could not be had and is fetched again, or is not."""

    def blended(self, sizes: Sequence[int]) -> None:
        """Neighborhoods of these sizes were found."""

    def listed(self, sizes: Sequence[int]) -> None:
        """Match lists of these lengths were made."""

    def decided(self, decided: Decided) -> None:
        """Pairs were decided on, for the lists of those on one side."""

    def retried(self, stage: str) -> None:
        """A stage tries again what failed."""

    def laid_aside(self, stage: str, why: Why, messages: int = 1) -> None:
        """So many messages went to the dead letters."""


class Silent:
    """Tells nobody."""

    def encoded(self, embeddings: Iterable[Embedding], captions: int) -> None:
        """See `Observer.encoded`."""

    def reused(self, embeddings: Iterable[Embedding]) -> None:
        """See `Observer.reused`."""

    def encoder_worked(self, seconds: float) -> None:
        """See `Observer.encoder_worked`."""

    def without_photo(self, later: int, for_good: int) -> None:
        """See `Observer.without_photo`."""

    def blended(self, sizes: Sequence[int]) -> None:
        """See `Observer.blended`."""

    def listed(self, sizes: Sequence[int]) -> None:
        """See `Observer.listed`."""

    def decided(self, decided: Decided) -> None:
        """See `Observer.decided`."""

    def retried(self, stage: str) -> None:
        """See `Observer.retried`."""

    def laid_aside(self, stage: str, why: Why, messages: int = 1) -> None:
        """See `Observer.laid_aside`."""


SILENT: Final = Silent()
