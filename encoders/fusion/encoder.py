"""The encoder of a whole bundle: each modality's part, and what goes wrong in one kept to that one."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from encoders.captions import Captioner
from encoders.dual import DualEncoder
from encoders.errors import CaptionError
from encoders.fusion.mixing import mixed
from encoders.fusion.photos import Decoding, Looker, Photos, Pixels, Tower
from encoders.image import ImageEncoder
from encoders.image.decoding import MAX_PIXELS
from encoders.lexical import LexicalEncoder
from encoders.tags import Tagger
from encoders.text import TextEncoder
from encoders.types import Content, Encoded, Generated, Modality, Row, Tag

_Rows = dict[int, Row]
_Captions = dict[int, str]
_Reasons = Mapping[int, Mapping[Modality, str]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Parts:
    """What a bundle's encoder is made of; whatever is None is not looked at.

    Args:
        text: embeds titles.
        image: embeds photos.
        lexical: embeds titles by their words.
        dual: embeds both into one space.
        captioner: says what a photo shows where the title says too little; needs `text`.
        tagger: names what a photo shows; needs `dual`.
    """

    text: TextEncoder | None = None
    image: ImageEncoder | None = None
    lexical: LexicalEncoder | None = None
    dual: DualEncoder | None = None
    captioner: Captioner | None = None
    tagger: Tagger | None = None

    @property
    def towers(self) -> dict[Modality, Tower]:
        """Who makes rows of photos."""
        parts: Mapping[Modality, Tower | None] = {
            Modality.IMAGE: self.image,
            Modality.JOINT_IMAGE: self.dual.photos if self.dual else None,
        }
        return {modality: part for modality, part in parts.items() if part is not None}

    @property
    def lookers(self) -> list[Looker]:
        """Who looks at photos: the towers in their order, then the captioner."""
        return [*self.towers.values(), *([self.captioner] if self.captioner else [])]


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
        parts = self._parts
        encoders = {
            Modality.TEXT: parts.text,
            Modality.IMAGE: parts.image,
            Modality.JOINT_IMAGE: parts.dual,
            Modality.JOINT_TEXT: parts.dual,
            Modality.TEXT_OR_CAPTION: parts.text if parts.captioner else None,
        }
        return {modality: part.dimensions for modality, part in encoders.items() if part is not None}

    def encode(self, contents: Sequence[Content]) -> list[Encoded]:
        """Embed each content, in the order given. A title of spaces alone is no title."""
        decoding = Decoding(contents, self._parts.lookers, self._pool, self._max_pixels)
        titles = {i: title for i, content in enumerate(contents) if (title := (content.title or "").strip())}
        rows = {
            Modality.TEXT: self._text_rows(titles),
            Modality.LEXICAL: self._lexical_rows(titles),
            Modality.JOINT_TEXT: self._joint_text_rows(titles),
        }
        photos = decoding.wait()
        rows |= self._photo_rows(photos)
        captions, too_long = self._captions(contents, photos)
        rows |= self._described_rows(contents, captions)
        tags = self._tags(rows.get(Modality.JOINT_IMAGE, {}))
        reasons = _reasons(photos.reasons, self._towers, too_long)
        return [
            Encoded(
                embedding={modality: found[i] for modality, found in rows.items() if i in found},
                failures=reasons.get(i, {}),
                generated=Generated(captions.get(i), tags.get(i, {})),
            )
            for i in range(len(contents))
        ]

    def close(self) -> None:
        """Let the decoding threads go."""
        self._pool.shutdown(cancel_futures=True)

    def _text_rows(self, titles: Mapping[int, str]) -> _Rows:
        if self._parts.text is None:
            return {}
        return dict(zip(titles, self._parts.text.encode(list(titles.values())), strict=True))

    def _lexical_rows(self, titles: Mapping[int, str]) -> _Rows:
        if self._parts.lexical is None:
            return {}
        rows = zip(titles, self._parts.lexical.encode(list(titles.values())), strict=True)
        return {i: row for i, row in rows if row is not None}

    def _joint_text_rows(self, titles: Mapping[int, str]) -> _Rows:
        if self._parts.dual is None:
            return {}
        return dict(zip(titles, self._parts.dual.texts.encode(list(titles.values())), strict=True))

    def _photo_rows(self, photos: Photos) -> dict[Modality, _Rows]:
        towers = enumerate(self._towers.items())
        return {modality: photos.rows(place, tower) for place, (modality, tower) in towers}

    def _captions(self, contents: Sequence[Content], photos: Photos) -> tuple[_Captions, dict[int, str]]:
        """Captions of the first photos of listings whose title says too little, and why one is missing."""
        captioner = self._parts.captioner
        if captioner is None:
            return {}, {}
        seen = photos.first(len(self._towers))
        wanted: dict[int, Pixels] = {
            i: pixels
            for i, pixels in seen.items()
            if (title := contents[i].described) is not None and captioner.wanted(title)
        }
        found = dict(zip(wanted, captioner.caption(list(wanted.values())), strict=True))
        captions = {i: caption for i, caption in found.items() if isinstance(caption, str) and caption}
        return captions, {i: str(error) for i, error in found.items() if isinstance(error, CaptionError)}

    def _described_rows(self, contents: Sequence[Content], captions: _Captions) -> dict[Modality, _Rows]:
        captioner = self._parts.captioner
        if captioner is None:
            return {}
        titles = {i: title for i, one in enumerate(contents) if (title := (one.described or "").strip())}
        found = {}
        for modality, encode in (
            (Modality.TEXT_OR_CAPTION, self._text_rows),
            (Modality.LEXICAL_OR_CAPTION, self._lexical_rows),
        ):
            own, generated = encode(titles), encode(captions)
            both = {i: mixed(own.get(i), generated.get(i), captioner.share) for i in own.keys() | generated.keys()}
            found[modality] = {i: row for i, row in both.items() if row is not None}
        return found

    def _tags(self, rows: _Rows) -> dict[int, Mapping[str, Tag]]:
        if self._parts.tagger is None or not rows:
            return {}
        return dict(zip(rows, self._parts.tagger.tags(list(rows.values())), strict=True))


def _reasons(photos: Mapping[int, str], towers: Iterable[Modality], captions: Mapping[int, str]) -> _Reasons:
    """Why a modality is missing: a photo that can't be read is missing for whoever looks at it."""
    reasons: dict[int, dict[Modality, str]] = {i: dict.fromkeys(towers, reason) for i, reason in photos.items()}
    for i, reason in captions.items():
        reasons.setdefault(i, {})[Modality.TEXT_OR_CAPTION] = reason
    return reasons
