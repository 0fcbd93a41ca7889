"""The encoder of a whole bundle: each modality's part, and what goes wrong in one kept to that one."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from functools import partial

import numpy as np
from numpy.typing import NDArray

from encoders.errors import ImageError
from encoders.image import ImageEncoder
from encoders.image.decoding import MAX_PIXELS
from encoders.lexical import LexicalEncoder
from encoders.text import TextEncoder
from encoders.types import Content, Encoded, Modality, Row

_Rows = dict[int, Row]
_Prepared = Future[NDArray[np.uint8]]


class FusedEncoder:
    """Embeds contents in every modality that it has a part for; implements `encoders.types.Encoder`.

    Args:
        text: embeds titles.
        image: embeds images.
        lexical: embeds titles by their words.
        max_pixels: images of more are not decoded.
        decoding_threads: images decoded at once, while the titles are embedded.
    """

    def __init__(
        self,
        text: TextEncoder | None = None,
        image: ImageEncoder | None = None,
        lexical: LexicalEncoder | None = None,
        *,
        max_pixels: int = MAX_PIXELS,
        decoding_threads: int = 4,
    ) -> None:
        self._text, self._image, self._lexical = text, image, lexical
        self._max_pixels = max_pixels
        self._pool = ThreadPoolExecutor(decoding_threads, thread_name_prefix="decode")

    @property
    def dimensions(self) -> Mapping[Modality, int]:
        """Length of the rows of each dense modality."""
        parts = {Modality.TEXT: self._text, Modality.IMAGE: self._image}
        return {modality: part.dimensions for modality, part in parts.items() if part is not None}

    def encode(self, contents: Sequence[Content]) -> list[Encoded]:
        """Embed each content, in the order given. A title of spaces alone is no title."""
        decoding = self._start_decoding(contents)
        titles = {i: title for i, content in enumerate(contents) if (title := (content.title or "").strip())}
        rows = {Modality.TEXT: self._text_rows(titles), Modality.LEXICAL: self._lexical_rows(titles)}
        rows[Modality.IMAGE], reasons = self._image_rows(decoding)
        return [
            Encoded(
                embedding={modality: found[i] for modality, found in rows.items() if i in found},
                failures={Modality.IMAGE: reasons[i]} if i in reasons else {},
            )
            for i in range(len(contents))
        ]

    def close(self) -> None:
        """Let the decoding threads go."""
        self._pool.shutdown(cancel_futures=True)

    def _start_decoding(self, contents: Sequence[Content]) -> dict[int, _Prepared]:
        if self._image is None:
            return {}
        prepare: Callable[[bytes], NDArray[np.uint8]] = partial(self._image.prepare, max_pixels=self._max_pixels)
        images = {i: content.image for i, content in enumerate(contents) if content.image is not None}
        return {i: self._pool.submit(prepare, data) for i, data in images.items()}

    def _text_rows(self, titles: Mapping[int, str]) -> _Rows:
        if self._text is None:
            return {}
        return dict(zip(titles, self._text.encode(list(titles.values())), strict=True))

    def _lexical_rows(self, titles: Mapping[int, str]) -> _Rows:
        if self._lexical is None:
            return {}
        rows = zip(titles, self._lexical.encode(list(titles.values())), strict=True)
        return {i: row for i, row in rows if row is not None}

    def _image_rows(self, decoding: Mapping[int, _Prepared]) -> tuple[_Rows, dict[int, str]]:
        """The rows of what could be decoded, and the reasons why the rest could not."""
        pixels: dict[int, NDArray[np.uint8]] = {}
        reasons: dict[int, str] = {}
        for i, prepared in decoding.items():
            try:
                pixels[i] = prepared.result()
            except ImageError as error:
                reasons[i] = str(error)
        if self._image is None or not pixels:
            return {}, reasons
        return dict(zip(pixels, self._image.encode(list(pixels.values())), strict=True)), reasons
