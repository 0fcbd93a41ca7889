"""`matchstream fit`: make an encoder bundle for a catalogue."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import orjson
import typer

from encoders.bundle import read_bundle
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
    matching: Annotated[
        Path | None,
        typer.Option(help="JSON file with thresholds; with --label, of weights and blending, which are then kept."),
    ] = None,
    label: Annotated[
        str | None, typer.Option(metavar="FIELD", help="Field that names the product: learn how to match from it.")
    ] = None,
    images: Annotated[Path | None, typer.Option(metavar="FOLDER", help="Folder of image paths, with --label.")] = None,
    no_scorer: Annotated[bool, typer.Option("--no-scorer", help="Train no pair scorer.")] = False,  # noqa: FBT002 - likewise
    seed: Annotated[int, typer.Option(min=0, help="Of folds and training.")] = 0,
) -> None:
    """Learn frozen IDF weights from a file of listings and write a bundle with them.

    With --label, how listings are matched is learned too: weights, blending, calibrations, vetoes, thresholds and
    the pair scorer, each measured on other products than it was learned from. Fit on products that are not those
    you measure on, and that did not train the encoders.
    """
    from encoders.fitting import Changes  # noqa: PLC0415 - it brings torch
    from streams.cli.fitting import Order, fit_and_tell  # noqa: PLC0415 - likewise

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
    start = read_bundle(base or load_settings().bundle)
    fit_and_tell(Order(file, output, start, changes, _matching(matching), label, images, not no_scorer, seed))


def _matching(file: Path | None) -> dict[str, object] | None:
    """The thresholds of a file, looked at before a bundle is made of them."""
    if file is None:
        return None
    try:
        value = orjson.loads(file.read_bytes())
    except (OSError, orjson.JSONDecodeError) as error:
        got = str(error)
        raise SettingsError(f"--matching '{file}'", got=got, wanted="a JSON file", remedy="check the path") from error
    Policy.from_json(value, f"--matching '{file}'")
    return dict(value)
