"""Draws a contact sheet of what training sees: `python -m encoders.training.augmentation PHOTO... -o sheet.png`."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from PIL import Image
from rich.console import Console

from encoders.errors import ImageError
from encoders.photos import decode_image
from encoders.training.augmentation import PhotoAugmentation, PhotoSettings, TitleAugmentation, TitleSettings
from encoders.training.augmentation.sheet import Sheet

_COMMAND = "python -m encoders.training.augmentation"


def main(arguments: Sequence[str] | None = None) -> None:
    """Draw the sheet and say where it is."""
    options = _options().parse_args(arguments)
    try:
        photos = [_decoded(path) for path in options.photos]
        sheet = _sheet(options)
        sheet.draw(photos, options.title).save(options.output)
    except (ImageError, OSError, ValueError) as error:
        raise SystemExit(f"{_COMMAND}: {error}") from error
    console = Console()
    console.print(f"{options.output}: {len(photos)} photos, {sheet.variants} variants of each", soft_wrap=True)
    console.print("next: look whether each still shows its product; --strength makes them milder")


def _sheet(options: argparse.Namespace) -> Sheet:
    settings = PhotoSettings(strength=options.strength, flip=options.flip)
    return Sheet(
        usual=PhotoAugmentation(options.side, replace(settings, strength=0.0)),
        varied=PhotoAugmentation(options.side, settings),
        retitled=TitleAugmentation(TitleSettings(strength=options.strength)),
        variants=options.variants,
        seed=options.seed,
    )


def _decoded(path: Path) -> Image.Image:
    try:
        return decode_image(path.read_bytes())
    except ImageError as error:
        raise ImageError(f"'{path}': {error}") from error


def _options() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog=_COMMAND, description=(__doc__ or "").split(":", 1)[0])
    parser.add_argument("photos", nargs="+", type=Path, metavar="PHOTO", help="image files, a row for each")
    parser.add_argument("-o", "--output", type=Path, required=True, help="picture to write")
    parser.add_argument("--title", help="written in other words below")
    parser.add_argument("--strength", type=float, default=1.0, help="how far, from 0 to 1 (%(default)s)")
    parser.add_argument("--flip", type=float, default=PhotoSettings().flip, help="share mirrored (%(default)s)")
    parser.add_argument("--side", type=int, default=160, help="pixels of each picture (%(default)s)")
    parser.add_argument("--variants", type=int, default=9, help="beside each photo (%(default)s)")
    parser.add_argument("--seed", type=int, default=0, help="of the first variant (%(default)s)")
    return parser


if __name__ == "__main__":
    main()
