"""What stages tell of their work, in numbers: an `Observer` that counts."""

from __future__ import annotations

from collections import Counter as Counted
from collections.abc import Iterable, Sequence
from typing import Final

from prometheus_client import CollectorRegistry, Counter

from encoders.types import Embedding, Modality
from streams.matching.decided import OUTCOMES, Decided
from streams.matching.variants import VetoKind
from streams.stages.observer import Why
from streams.telemetry.drifting import Drifting
from streams.telemetry.registry import Sizes

_NEIGHBORS: Final = (0, 1, 2, 3, 5, 8, 13, 21, 34)
_LISTED: Final = (0, 1, 2, 3, 5, 10, 20, 50, 100)


class Work:
    """Counts what the stages of one worker do; see `Observer`.

    Args:
        registry: that it is read by.
        drifting: takes in the similarities of pairs.
    """

    def __init__(self, registry: CollectorRegistry, drifting: Drifting) -> None:
        """All at zero."""
        self._drifting = drifting

        def counter(name: str, words: str, *labels: str) -> Counter:
            return Counter(f"matchstream_{name}", words, labels, registry=registry)

        def sizes(name: str, words: str, buckets: Sequence[int]) -> Sizes:
            return Sizes(f"matchstream_{name}", words, buckets, registry)

        self._computed = counter("embeddings_computed", "Embeddings that encoders made", "modality")
        self._skipped = counter("embeddings_skipped", "Embeddings copied, as their content was as before", "modality")
        self._captions = counter("captions", "Captions made of photos")
        self._busy = counter("encoding_seconds", "Seconds in which batches were encoded, or waited for decoded photos")
        self._photos = counter("listings_without_photo", "Listings of which a photo or a caption failed", "again")
        self._neighborhoods = sizes("neighborhood_size", "Listings that one was blended with", _NEIGHBORS)
        self._lists = sizes("match_list_size", "Matches in the lists that were computed", _LISTED)
        self._decisions = counter("decisions", "Pairs decided on for the lists that were computed", "outcome")
        self._vetoes = counter("vetoes", "Contradictions that kept similar listings apart", "veto")
        self._retries = counter("retries", "Tries after a failure, or after waiting for the index", "stage")
        self._letters = counter("dead_letters", "Messages laid aside", "stage", "reason")
        self._begin()

    def stage(self, name: str) -> None:
        """Count for this stage, from zero on: what begins to be there with its first failure is no growth."""
        self._retries.labels(name)
        for why in Why:
            self._letters.labels(name, why.value)

    def modalities(self, names: Iterable[Modality]) -> None:
        """Likewise for what is encoded."""
        for name in names:
            self._computed.labels(name.value)
            self._skipped.labels(name.value)

    def encoded(self, embeddings: Iterable[Embedding], captions: int) -> None:
        """See `Observer.encoded`."""
        _add(self._computed, embeddings)
        self._captions.inc(captions)

    def reused(self, embeddings: Iterable[Embedding]) -> None:
        """See `Observer.reused`."""
        _add(self._skipped, embeddings)

    def encoder_worked(self, seconds: float) -> None:
        """See `Observer.encoder_worked`."""
        self._busy.inc(seconds)

    def without_photo(self, later: int, for_good: int) -> None:
        """See `Observer.without_photo`."""
        self._photos.labels("yes").inc(later)
        self._photos.labels("no").inc(for_good)

    def blended(self, sizes: Sequence[int]) -> None:
        """See `Observer.blended`."""
        self._neighborhoods.add(sizes)

    def listed(self, sizes: Sequence[int]) -> None:
        """See `Observer.listed`."""
        self._lists.add(sizes)

    def decided(self, decided: Decided) -> None:
        """See `Observer.decided`."""
        for outcome, pairs in decided.outcomes().items():
            self._decisions.labels(outcome).inc(pairs)
        for kind, pairs in Counted(veto.kind for some in decided.decisions.vetoes.values() for veto in some).items():
            self._vetoes.labels(kind.value).inc(pairs)
        self._drifting.add(decided)

    def retried(self, stage: str) -> None:
        """See `Observer.retried`."""
        self._retries.labels(stage).inc()

    def laid_aside(self, stage: str, why: Why, messages: int = 1) -> None:
        """See `Observer.laid_aside`."""
        self._letters.labels(stage, why.value).inc(messages)

    def _begin(self) -> None:
        for outcome in OUTCOMES:
            self._decisions.labels(outcome)
        for kind in VetoKind:
            self._vetoes.labels(kind.value)
        for again in ("yes", "no"):
            self._photos.labels(again)


def _add(counter: Counter, embeddings: Iterable[Embedding]) -> None:
    for modality, rows in Counted(one for embedding in embeddings for one in embedding).items():
        counter.labels(modality.value).inc(rows)
