"""What the encoder of a bundle is made of."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from encoders.captions import Captioner
from encoders.dual import DualEncoder
from encoders.fusion.photos import Looker, Tower
from encoders.image import ImageEncoder
from encoders.lexical import LexicalEncoder
from encoders.rounding import Numbers, rounding_to
from encoders.tags import Tagger
from encoders.text import TextEncoder
from encoders.types import Modality, Row

_Read = Callable[[list[str]], Iterable[Row | None]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Parts:
    """What a bundle's encoder is made of; whatever is None is not looked at.

    Args:
        text: embeds titles.
        image: embeds photos.
        lexical: embeds titles by their words.
        dual: embeds both into one space.
        captioner: says what a photo shows where the title says too little; its words are for `text` and `lexical`.
        tagger: names what a photo shows; needs `dual`.
        rows: what numbers they are made of.
    """

    text: TextEncoder | None = None
    image: ImageEncoder | None = None
    lexical: LexicalEncoder | None = None
    dual: DualEncoder | None = None
    captioner: Captioner | None = None
    tagger: Tagger | None = None
    rows: Numbers = "float32"

    @property
    def rounded(self) -> Callable[[Row], Row]:
        """What each row passes before anything is made of it."""
        return rounding_to(self.rows)

    @property
    def towers(self) -> dict[Modality, Tower]:
        """Who makes rows of photos."""
        parts: Mapping[Modality, Tower | None] = {
            Modality.IMAGE: self.image,
            Modality.JOINT_IMAGE: self.dual.photos if self.dual else None,
        }
        return {modality: part for modality, part in parts.items() if part is not None}

    def lookers(self, *, captioned: bool) -> list[Looker]:
        """Who looks at photos: the towers in their order, then the captioner where a caption is wanted."""
        return [*self.towers.values(), *([self.captioner] if self.captioner and captioned else [])]

    @property
    def readers(self) -> tuple[_Read | None, _Read | None, _Read | None]:
        """Who makes rows of texts: of `TEXT`, `LEXICAL` and `JOINT_TEXT`."""
        return (
            self.text.encode if self.text else None,
            self.lexical.encode if self.lexical else None,
            self.dual.texts.encode if self.dual else None,
        )

    @property
    def described(self) -> tuple[Modality, ...]:
        """The modalities that captions have a part in."""
        readers = {Modality.TEXT_OR_CAPTION: self.text, Modality.LEXICAL_OR_CAPTION: self.lexical}
        return tuple(modality for modality, part in readers.items() if part)

    @property
    def dimensions(self) -> dict[Modality, int]:
        """Length of the rows of each dense modality."""
        parts = {
            Modality.TEXT: self.text,
            Modality.IMAGE: self.image,
            Modality.JOINT_IMAGE: self.dual,
            Modality.JOINT_TEXT: self.dual,
            Modality.TEXT_OR_CAPTION: self.text if self.captioner else None,
        }
        return {modality: part.dimensions for modality, part in parts.items() if part is not None}
