"""The encoders of a bundle alone, in processes of their own: what the pipeline is measured beside."""

from __future__ import annotations

import multiprocessing
import time
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from types import TracebackType
from typing import Self

from encoders.bundle import read_bundle
from encoders.loading import load_encoder
from encoders.types import Content, Encoder
from streams.events import Listing
from streams.settings import Settings
from streams.stages.contents import Looks


@dataclass(frozen=True, slots=True)
class Encoded:
    """How long encoding took.

    Args:
        listings: how many.
        seconds: by the clock, until the last process was done.
        processor_s: of all processes.
    """

    listings: int
    seconds: float
    processor_s: float

    @property
    def per_s(self) -> float:
        """Listings a second."""
        return self.listings / self.seconds


class EncodersAlone:
    """Processes that read photos and encode, as the embed stage does, and nothing else.

    Each has one thread of torch, or as many as settings say, and its encoder is loaded and warm before the clock runs.

    Args:
        settings: bundle, batch size and device.
        listings: to encode; with the first batch of each process it is warmed up, and that is encoded once more.
        images: folder of their photos.
        processes: how many share the listings.
    """

    def __init__(
        self, settings: Settings, listings: Sequence[Listing], images: Path | None, processes: int = 1
    ) -> None:
        self._settings, self._images = settings, images
        self._shares = [list(listings[number::processes]) for number in range(processes)]
        self._pools: list[ProcessPoolExecutor] = []

    def __enter__(self) -> Self:
        """Start the processes and load the encoder in each."""
        fresh = multiprocessing.get_context("spawn")
        self._pools = [ProcessPoolExecutor(1, mp_context=fresh, initializer=_end_quietly) for _ in self._shares]
        try:
            self._encode([share[: self._settings.batch_size] for share in self._shares])
        except BaseException:
            self._stop()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        """End them, after the batch in hand."""
        self._stop()

    def measure(self) -> Encoded:
        """Encode everything once."""
        began = time.perf_counter()
        used = self._encode(self._shares)
        return Encoded(sum(map(len, self._shares)), time.perf_counter() - began, used)

    def _encode(self, shares: Sequence[Sequence[Listing]]) -> float:
        """Seconds of processors that it took."""
        size = self._settings.batch_size
        futures = [
            pool.submit(_encode_batch, self._settings, share[first : first + size], self._images)
            for pool, share in zip(self._pools, shares, strict=True)
            for first in range(0, len(share), size)
        ]
        return sum(future.result() for future in futures)

    def _stop(self) -> None:
        for pool in self._pools:
            pool.shutdown(cancel_futures=True)


def _end_quietly() -> None:
    """A Ctrl-C at the terminal is for the command, which then ends its processes."""
    import signal  # noqa: PLC0415 - only in the child

    signal.signal(signal.SIGINT, signal.SIG_IGN)


def _encode_batch(settings: Settings, listings: Sequence[Listing], images: Path | None) -> float:
    """In the child: seconds of processors that it took."""
    encoder, looks = _loaded(settings.bundle, settings.device, settings.torch_threads)
    began = time.process_time()
    encoder.encode([content_of(one, looks, images) for one in listings])
    return time.process_time() - began


@cache
def _loaded(bundle: str, device: str, threads: int) -> tuple[Encoder, Looks]:
    found = read_bundle(bundle)
    return load_encoder(found, device=device, torch_threads=threads), Looks.of(found)


def content_of(listing: Listing, looks: Looks, images: Path | None) -> Content:
    """What the encoder is given of a listing; photos of the web are left out."""
    paths = [one for one in looks.photos_of(listing) if images is not None and "://" not in one]
    files = [(images / one).read_bytes() for one in paths] if images is not None else []
    described = (listing.title or "") if looks.described(listing) else None
    return Content(listing.title, next(iter(files), None), described, tuple(files[1:]))
