"""The encoder of a whole bundle: each modality's part, and what goes wrong in one kept to that one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor

from encoders.fusion.describing import Asked, Captions, asked, captions_of, described_rows
from encoders.fusion.parts import Parts
from encoders.fusion.photos import Decoding, Photos
from encoders.fusion.texts import Once
from encoders.photos import MAX_PIXELS
from encoders.types import Content, Encoded, Generated, Modality, Row, Tag

_Rows = dict[Modality, dict[int, Row]]


class FusedEncoder:
    """Embeds contents in every modality that it has a part for; implements `encoders.types.Encoder`.

    Args:
        parts: of which bundle.
        max_pixels: images of more are not decoded.
        decoding_threads: images decoded at once, while the titles are embedded.
    """

    def __init__(self, parts: Parts, *, max_pixels: int = MAX_PIXELS, decoding_threads: int = 4) -> None:
        self._parts, self._towers = parts, parts.towers
        self._max_pixels = max_pixels
        self._pool = ThreadPoolExecutor(decoding_threads, thread_name_prefix="decode")

    @property
    def dimensions(self) -> Mapping[Modality, int]:
        """Length of the rows of each dense modality."""
        return self._parts.dimensions

    def encode(self, contents: Sequence[Content]) -> list[Encoded]:
        """Embed each content, in the order given. A title of spaces alone is no title."""
        wanted = asked(contents, self._parts.captioner)
        decoding = self._decoding(contents, wanted)
        text, lexical, joint_text = (Once(encode, self._parts.rounded) for encode in self._parts.readers)
        titles = {i: title for i, content in enumerate(contents) if (title := (content.title or "").strip())}
        rows: _Rows = {
            Modality.TEXT: text.rows(titles),
            Modality.LEXICAL: lexical.rows(titles),
            Modality.JOINT_TEXT: joint_text.rows(titles),
        }
        photos = decoding.wait()
        rows |= {
            modality: self._rounded(photos.rows(place, tower))
            for place, (modality, tower) in enumerate(self._towers.items())
        }
        captions = captions_of(photos.first(len(self._towers)), self._parts.captioner)
        rows |= {
            Modality.TEXT_OR_CAPTION: self._rounded(described_rows(text, wanted, captions)),
            Modality.LEXICAL_OR_CAPTION: self._rounded(described_rows(lexical, wanted, captions)),
        }
        tags = self._tags(rows.get(Modality.JOINT_IMAGE, {}))
        return [
            Encoded(
                embedding={modality: found[i] for modality, found in rows.items() if i in found},
                failures=self._failures(i, wanted, photos, captions),
                generated=Generated(captions.texts.get(i), tags.get(i, {})),
            )
            for i in range(len(contents))
        ]

    def close(self) -> None:
        """Let the decoding threads go."""
        self._pool.shutdown(cancel_futures=True)

    def _decoding(self, contents: Sequence[Content], wanted: Asked) -> Decoding:
        """Every photo is decoded once for all who look at it; the captioner looks only where a title lacks words."""
        photos = {i: content.photos for i, content in enumerate(contents) if content.photos}
        lookers = {i: self._parts.lookers(captioned=i in wanted.lacking) for i in photos}
        return Decoding(photos, lookers, self._pool, self._max_pixels)

    def _rounded(self, rows: Mapping[int, Row]) -> dict[int, Row]:
        return {i: self._parts.rounded(row) for i, row in rows.items()}

    def _tags(self, rows: Mapping[int, Row]) -> dict[int, Mapping[str, Tag]]:
        if self._parts.tagger is None or not rows:
            return {}
        return dict(zip(rows, self._parts.tagger.tags(list(rows.values())), strict=True))

    def _failures(self, i: int, wanted: Asked, photos: Photos, captions: Captions) -> dict[Modality, str]:
        """A photo that can't be read is missing for whoever looks at it, also where there are others."""
        reasons = dict.fromkeys(self._towers, photos.reasons[i]) if i in photos.reasons else {}
        caption = captions.failures.get(i)
        if i in wanted.lacking and i not in captions.texts:
            caption = caption or photos.reasons.get(i)
        return reasons | (dict.fromkeys(self._parts.described, caption) if caption else {})
