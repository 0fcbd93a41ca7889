"""A contact sheet of photos beside what is made of them, to look at before training."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from PIL import Image, ImageDraw, ImageFont
from torch import Tensor
from torchvision.transforms.v2 import functional

_GAP = 6
_LINE = 20
_BACKDROP, _INK, _FAINT = "lightgray", "black", "dimgray"


Photos = Callable[[Image.Image, int], Tensor]
"""Makes a picture of a photo, (3, side, side) uint8, decided by a seed."""


@dataclass(frozen=True, slots=True)
class Sheet:
    """What a contact sheet shows.

    Args:
        usual: makes the first picture of each row, as evaluation sees the photo.
        varied: makes the others.
        retitled: makes titles of a title.
        variants: pictures beside each photo, and titles below a title.
        seed: of the first variant; the others have those that follow.
    """

    usual: Photos
    varied: Photos
    retitled: Callable[[str, int], str]
    variants: int = 9
    seed: int = 0

    def draw(self, photos: Sequence[Image.Image], title: str | None = None) -> Image.Image:
        """A row for each photo, and a line for each title."""
        rows = [self._row(photo, self.seed + place * self.variants) for place, photo in enumerate(photos)]
        titles = (
            []
            if title is None
            else [title, *(self.retitled(title, self.seed + number) for number in range(self.variants))]
        )
        pictures = sum(row.height + _GAP for row in rows)
        sheet = Image.new("RGB", (rows[0].width + 2 * _GAP, pictures + len(titles) * _LINE + 2 * _GAP), _BACKDROP)
        for number, row in enumerate(rows):
            sheet.paste(row, (_GAP, _GAP + number * (row.height + _GAP)))
        draw, font = ImageDraw.Draw(sheet), ImageFont.load_default(_LINE - 6)
        for number, text in enumerate(titles):
            draw.text((_GAP, pictures + _GAP + number * _LINE), text, _INK if number else _FAINT, font)
        return sheet

    def _row(self, photo: Image.Image, seed: int) -> Image.Image:
        made = [self.usual(photo, 0), *(self.varied(photo, seed + number) for number in range(self.variants))]
        pictures: list[Image.Image] = [functional.to_pil_image(one) for one in made]
        side = pictures[0].width
        row = Image.new("RGB", (len(pictures) * (side + _GAP) - _GAP, side), _BACKDROP)
        for number, picture in enumerate(pictures):
            row.paste(picture, (number * (side + _GAP), 0))
        return row
