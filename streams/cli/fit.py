"""`matchstream fit`: make an encoder bundle for a catalogue."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import orjson
import typer

from encoders.bundle import read_bundle
from streams.cli.console import out, warn
from streams.cli.listing_files import BrokenLine, read_lines
from streams.errors import SettingsError
from streams.matching import Policy
from streams.settings import load_settings

Triple = tuple[float, float, float]


def fit(  # noqa: PLR0913, PLR0917 - each option is one choice of the user's
    file: Annotated[Path, typer.Argument(help="Listings to learn from, one JSON object per line.")],
    output: Annotated[Path, typer.Option("-o", "--output", help="Folder to write the bundle to.")],
    base: Annotated[str | None, typer.Option(help="Bundle to start from; by default the one of the settings.")] = None,
    text_model: Annotated[str | None, typer.Option(help="A BERT-family model: a folder, or a name on the hub.")] = None,
    image_backbone: Annotated[str | None, typer.Option(help="A torchvision classification model, by name.")] = None,
    image_weights: Annotated[str | None, typer.Option(help="A state dict file, or 'published'.")] = None,
    image_mean: Annotated[Triple | None, typer.Option(help="Normalisation of the image weights, per channel.")] = None,
    image_std: Annotated[Triple | None, typer.Option(help="Likewise.")] = None,
    image_resize: Annotated[int | None, typer.Option(help="Pixels of the shorter side before the crop.")] = None,
    image_crop: Annotated[int | None, typer.Option(help="Pixels of the square that is looked at.")] = None,
    no_text: Annotated[bool, typer.Option("--no-text", help="Leave the text encoder out.")] = False,  # noqa: FBT002 - typer's way to declare a flag
    no_image: Annotated[bool, typer.Option("--no-image", help="Leave the image encoder out.")] = False,  # noqa: FBT002 - likewise
    matching: Annotated[Path | None, typer.Option(help="JSON file with thresholds; by default the base's.")] = None,
) -> None:
    """Learn frozen IDF weights from a file of listings and write a bundle with them."""
    from encoders.fitting import Changes, fit_bundle  # noqa: PLC0415 - it brings torch

    changes = Changes(
        text=not no_text,
        text_model=text_model,
        image=not no_image,
        image_backbone=image_backbone,
        image_weights=image_weights,
        image_mean=image_mean,
        image_std=image_std,
        image_resize=image_resize,
        image_crop=image_crop,
    )
    titles = _titles(file)
    bundle = fit_bundle(
        titles,
        output,
        base=read_bundle(base or load_settings().bundle),
        changes=changes,
        matching=_matching(matching),
        origin={"command": ["matchstream", *sys.argv[1:]]},
    )
    out.print(f"wrote bundle '{bundle.name}' to {bundle.path}, IDF weights from {len(titles)} titles")
    out.print(f"Next: MATCHSTREAM_BUNDLE={bundle.path} matchstream match {file}", markup=False)


def _titles(file: Path) -> list[str]:
    titles = []
    for line in read_lines(file, "listings"):
        if isinstance(line, BrokenLine):
            warn(str(line))
        elif line.event.listing and line.event.listing.title:
            titles.append(line.event.listing.title)
    return titles


def _matching(file: Path | None) -> dict[str, object] | None:
    """The thresholds of a file, looked at before a bundle is made of them."""
    if file is None:
        return None
    try:
        value = orjson.loads(file.read_bytes())
    except (OSError, orjson.JSONDecodeError) as error:
        got = str(error)
        raise SettingsError(f"--matching '{file}'", got=got, wanted="a JSON file", remedy="check the path") from error
    return Policy.from_json(value, f"--matching '{file}'").model_dump(mode="json")
