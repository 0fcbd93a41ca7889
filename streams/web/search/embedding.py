"""Rows of what somebody looks for, made by the encoders that made those of the listings."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from typing import Final

import numpy as np

from encoders.bundle import Bundle
from encoders.loading import load_encoder, load_joint
from encoders.types import Content, Embedding, Encoded, Encoder, Modality, Row
from streams.settings import Settings
from streams.web.search.asking import NO_SCALES, Scales
from streams.web.search.query import refused
from streams.web.search.worth import Above, Across

JoinedRow = Callable[[Embedding], Row | None]
"""The row, in a space where one source finds another, of a text alone or a photo alone."""

_OF_PHOTOS: Final = (Modality.IMAGE, Modality.JOINT_IMAGE)

_UNLIKE: Final = (
    "wooden dining table",
    "running shoes for men",
    "wireless headphones",
    "face cream 50 ml",
    "kitchen knife",
    "children's picture book",
    "garden hose 20 m",
    "silver necklace",
    "car tyre",
    "cotton bed sheets",
)
"""Titles that have nothing in common: how near a text tower puts them is how near it puts all texts."""


@dataclass(frozen=True, slots=True)
class _Loaded:
    encoder: Encoder
    joined: JoinedRow | None
    scales: Scales


class QueryEncoder:
    """Embeds words and photos in a thread of its own, and loads what it takes when somebody asks for the first time.

    Args:
        bundle: of the generation whose index is searched.
        settings: the device, and how large a photo may be.
        load: see `encoders.loading.load_encoder`.
    """

    def __init__(self, bundle: Bundle, settings: Settings, load: Callable[..., Encoder] = load_encoder) -> None:
        self._bundle, self._settings, self._load = bundle, settings, load
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="queries")
        self._loaded: _Loaded | None = None

    async def words(self, words: str) -> Embedding:
        """The rows of a text.

        Raises:
            UploadError: it has none.
        """
        encoded = await self._encoded(Content(title=words))
        if not encoded.embedding:
            remedy = "search by other words, or by a photo"
            raise refused("words", "nothing that the bundle's encoders know", "a text", remedy)
        return encoded.embedding

    async def photo(self, photo: bytes) -> Embedding:
        """The rows of an image file, decoded as carefully as those of listings.

        Raises:
            UploadError: it can't be read, or nobody looks at photos here.
        """
        most = self._settings.web_upload_max_bytes
        if len(photo) > most:
            raise refused("photo", f"{len(photo)} bytes", f"at most {most}", "send a smaller one")
        encoded = await self._encoded(Content(image=photo))
        seen = any(modality in encoded.embedding for modality in _OF_PHOTOS)
        reason = next((encoded.failures[one] for one in _OF_PHOTOS if one in encoded.failures), None)
        if reason and not seen:
            got = f"it can't be read ({reason.partition(';')[0]})"
            raise refused("photo", got, "a whole picture", "send it as JPEG, PNG or WebP")
        if not seen:
            remedy = "search by words, or use a bundle with an encoder of photos"
            raise refused("photo", f"bundle '{self._bundle.name}', which looks at none,", "words", remedy)
        return encoded.embedding

    async def scales(self) -> Scales:
        """What the similarities of these rows and the listings' are worth."""
        return await asyncio.get_running_loop().run_in_executor(self._thread, lambda: self._ready().scales)

    async def close(self) -> None:
        """Return when the thread has ended."""
        await asyncio.to_thread(self._thread.shutdown, cancel_futures=True)

    async def _encoded(self, content: Content) -> Encoded:
        return await asyncio.get_running_loop().run_in_executor(self._thread, self._encode, content)

    def _encode(self, content: Content) -> Encoded:
        loaded = self._ready()
        (encoded,) = loaded.encoder.encode([content])
        row = loaded.joined(encoded.embedding) if loaded.joined else None
        return encoded if row is None else Encoded({**encoded.embedding, Modality.JOINT: row}, encoded.failures)

    def _ready(self) -> _Loaded:
        if self._loaded is None:
            encoder = self._load(
                _looking_only(self._bundle),
                device=self._settings.device,
                torch_threads=self._settings.torch_threads,
                max_pixels=self._settings.image_max_pixels,
            )
            self._loaded = _Loaded(encoder, _joined(self._bundle), _scales(self._bundle, encoder))
        return self._loaded


def _looking_only(bundle: Bundle) -> Bundle:
    """The bundle without what says something of photos: nobody asks that of a query."""
    dimensions = {modality: size for modality, size in bundle.dimensions.items() if modality.stands_in_for is None}
    return replace(bundle, captions=None, tags=None, dimensions=dimensions)


def _joined(bundle: Bundle) -> JoinedRow | None:
    """None where sources do not find each other, or share a space already: then their own rows are compared."""
    if bundle.joint is None or not bundle.joint.cross_modal or bundle.joint.weights is None:
        return None
    joint = load_joint(bundle)
    return joint.row if joint else None


def _scales(bundle: Bundle, encoder: Encoder) -> Scales:
    generated = min(bundle.captions.share, 1.0) if bundle.captions else None
    if bundle.dual is None:
        return replace(NO_SCALES, generated=generated)
    low, high = bundle.dual.worth
    across = Across(low, high) if high > low else None
    return Scales(across, None if bundle.text else _of_titles(encoder), generated)


def _of_titles(encoder: Encoder) -> Above:
    """From which cosine on two texts have something in common."""
    rows = [one.embedding[Modality.JOINT_TEXT] for one in encoder.encode([Content(title=one) for one in _UNLIKE])]
    known = np.array([row for row in rows if isinstance(row, np.ndarray)], np.float64)
    pairs = (known @ known.T)[np.triu_indices(len(known), 1)]
    return Above(min(float(np.median(pairs)), 0.99))
