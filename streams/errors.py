"""Errors of the streams.

MatchstreamError
├── SettingsError          a setting can't be used; exit and mend it
├── UnreadableEventError   one message can't be read; it goes to the dead letters
├── ImageFetchError        one image can't be had; its listing goes on without it
│   └── ImageUnavailableError   its server is slow or troubled; try again
├── StageEndedError        a stage stopped by itself; start the worker again
├── LeaseLostError         the worker stood still too long; start it again
├── StageBehindError       stages have not done all that was published; wait
├── VectorIndexError           the index
│   ├── IndexUnavailableError   it does not answer; try again
│   ├── IndexLockedError        another process holds the embedded index; end that one
│   ├── IndexMissingError       nobody has begun it; run a worker
│   ├── UnknownListingError     it does not have a listing; check its id
│   ├── IndexRefusedError       it does not take a call; one message may be at fault
│   └── IndexMismatchError      it was made by other settings; reindex
│       └── IndexRowError           one row does not fit; one message may be at fault
├── GenerationError        the generations beside one another
│   ├── UnknownGenerationError  nobody has begun it; begin it
│   ├── GenerationInUseError    its name or it itself is in use; take another one
│   ├── GenerationSourceError   it can't be filled from that; fill it from something else
│   └── ChangeTooLargeError     subscribers would be told more than expected; look first
├── WebError               the web page
│   ├── StoreError              its file can't be used
│   ├── BusyError               too many ask at a time; ask again
│   └── UploadError             somebody sent what can't be used
└── BrokerError            Kafka
    ├── BrokerUnavailableError  it does not answer; try again
    ├── MessageRefusedError     it never takes this message
    └── TopicMissingError       a topic does not exist; create it

Every message names the subject, what was got, what was wanted, and the remedy; the facts are
attributes too. `retryable` says whether the same call may work later, `may_be_of_a_message` whether
one message can have brought it about: such a one is laid aside, anything else ends a worker.
"""

from __future__ import annotations

import os
from typing import Final

LEASE_LOST: Final = os.EX_TEMPFAIL
"""Exit code of a worker whose lease was lost; nothing is wrong with it."""


class MatchstreamError(Exception):
    """Anything matchstream itself has to say about a failure."""

    retryable = False
    may_be_of_a_message = False

    def __init__(self, subject: str, *, got: str, wanted: str, remedy: str) -> None:
        """Keep the facts as attributes and say them in one line."""
        super().__init__(f"{subject}: {got}, {wanted} wanted; {remedy}")
        self.subject, self.got, self.wanted, self.remedy = subject, got, wanted, remedy


class SettingsError(MatchstreamError):
    """A setting that is missing or can't be used."""


class UnreadableEventError(MatchstreamError):
    """A message that can't be read as what its topic carries."""

    may_be_of_a_message = True


class ImageFetchError(MatchstreamError):
    """An image that can't be fetched or read."""

    may_be_of_a_message = True


class ImageUnavailableError(ImageFetchError):
    """An image whose server did not answer in time, broke off, or said that it can't answer now."""

    retryable = True


class StageEndedError(MatchstreamError):
    """A stage stopped although nobody asked for it."""

    retryable = True


class LeaseLostError(MatchstreamError):
    """A worker that others may have the partitions of, for it stood still or was cut off for too long."""

    retryable = True


class StageBehindError(MatchstreamError):
    """Something that needs all stages to be done was asked for too early."""

    retryable = True


class VectorIndexError(MatchstreamError):
    """Anything about the vector index."""


class IndexUnavailableError(VectorIndexError):
    """The index did not answer."""

    retryable = True


class IndexLockedError(VectorIndexError):
    """Another process has the embedded index open."""


class IndexMissingError(VectorIndexError):
    """There is no index of that generation."""


class UnknownListingError(VectorIndexError):
    """The index does not have a listing, or not all of it yet."""


class IndexRefusedError(VectorIndexError):
    """The index answered that it does not do what it was asked to."""

    may_be_of_a_message = True


class IndexMismatchError(VectorIndexError):
    """The index on disk or on the server does not fit these settings."""


class IndexRowError(IndexMismatchError):
    """A row of a kind or a length that the index does not hold; it was checked when it was opened."""

    may_be_of_a_message = True


class GenerationError(MatchstreamError):
    """Anything about the generations beside one another."""


class UnknownGenerationError(GenerationError):
    """A generation that nobody has begun."""


class GenerationInUseError(GenerationError):
    """A name that another generation has, or a generation that somebody still needs."""


class GenerationSourceError(GenerationError):
    """Something that a generation can't be filled from."""


class ChangeTooLargeError(GenerationError):
    """More pairs would change by a promotion than may without a word."""


class WebError(MatchstreamError):
    """Anything about the web page."""


class StoreError(WebError):
    """The file with what the page knows can't be used."""


class BusyError(WebError):
    """More people ask for something costly than the page has room for."""

    retryable = True


class UploadError(WebError):
    """Something that was sent to the page and can't be used."""

    may_be_of_a_message = True


class BrokerError(MatchstreamError):
    """Anything about Kafka."""


class BrokerUnavailableError(BrokerError):
    """The broker did not answer."""

    retryable = True


class MessageRefusedError(BrokerError):
    """A message that is too large, or that the broker will never take for another reason."""

    may_be_of_a_message = True


class TopicMissingError(BrokerError):
    """A topic that was never created."""
