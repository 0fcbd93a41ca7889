"""Rows of what somebody looks for, made by the encoders that made those of the listings."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

from encoders.bundle import Bundle
from encoders.loading import load_encoder, load_joint
from encoders.types import Content, Embedding, Encoded, Encoder, Modality, Row
from streams.settings import Settings
from streams.web.search.query import refused

JoinedRow = Callable[[Embedding], Row | None]
"""The row, in a space where one source finds another, of a text alone or a photo alone."""


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
        self._loaded: tuple[Encoder, JoinedRow | None] | None = None

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
        if reason := encoded.failures.get(Modality.IMAGE):
            got = f"it can't be read ({reason.partition(';')[0]})"
            raise refused("photo", got, "a whole picture", "send it as JPEG, PNG or WebP")
        if Modality.IMAGE not in encoded.embedding:
            remedy = "search by words, or use a bundle with an image encoder"
            raise refused("photo", f"bundle '{self._bundle.name}', which looks at none,", "words", remedy)
        return encoded.embedding

    async def close(self) -> None:
        """Return when the thread has ended."""
        await asyncio.to_thread(self._thread.shutdown, cancel_futures=True)

    async def _encoded(self, content: Content) -> Encoded:
        return await asyncio.get_running_loop().run_in_executor(self._thread, self._encode, content)

    def _encode(self, content: Content) -> Encoded:
        if self._loaded is None:
            self._loaded = self._load_all()
        encoder, joined = self._loaded
        (encoded,) = encoder.encode([content])
        row = joined(encoded.embedding) if joined else None
        return encoded if row is None else Encoded({**encoded.embedding, Modality.JOINT: row}, encoded.failures)

    def _load_all(self) -> tuple[Encoder, JoinedRow | None]:
        encoder = self._load(
            self._bundle,
            device=self._settings.device,
            torch_threads=self._settings.torch_threads,
            max_pixels=self._settings.image_max_pixels,
        )
        across = self._bundle.joint is not None and self._bundle.joint.cross_modal
        joint = load_joint(self._bundle) if across else None
        return encoder, joint.row if joint else None
