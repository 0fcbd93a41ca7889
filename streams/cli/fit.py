"""`matchstream fit`: make an encoder bundle for a catalogue."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import orjson
import typer

from encoders.bundle import MOST_PHOTOS, Precision, read_bundle
from streams.errors import SettingsError
from streams.matching import Policy
from streams.settings import load_settings

Triple = tuple[float, float, float]


class Numbers(StrEnum):
    """What encoders compute with."""

    AUTO = "auto"
    FLOAT32 = "float32"
    BFLOAT16 = "bfloat16"

    @property
    def asked(self) -> Precision | None:
        """None where it is to be chosen."""
        asked: dict[Numbers, Precision] = {Numbers.FLOAT32: "float32", Numbers.BFLOAT16: "bfloat16"}
        return asked.get(self)


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
    joint_model: Annotated[
        str | None, typer.Option(help="A CLIP or SigLIP model, photos and words in one space: a folder, or a name.")
    ] = None,
    joint_revision: Annotated[str | None, typer.Option(help="Of its repository; the one that was pulled.")] = None,
    no_joint: Annotated[bool, typer.Option("--no-joint", help="Leave the joint encoder and joint space out.")] = False,  # noqa: FBT002 - likewise
    caption_model: Annotated[
        str | None, typer.Option(help="A BLIP model that describes photos of listings with hardly a title, likewise.")
    ] = None,
    caption_revision: Annotated[str | None, typer.Option(help="Of its repository, likewise.")] = None,
    caption_min_words: Annotated[
        int | None, typer.Option(min=1, max=100, help="Titles of fewer words get a caption; 3 unless the base says.")
    ] = None,
    no_captions: Annotated[bool, typer.Option("--no-captions", help="Leave captions out.")] = False,  # noqa: FBT002 - likewise
    tags: Annotated[bool, typer.Option("--tags", help="Tell what photos show by the lists that come along.")] = False,  # noqa: FBT002 - likewise
    tag_lists: Annotated[
        Path | None,
        typer.Option(metavar="FOLDER", help="Lists of your own, as colour.txt, beside or in place of those."),
    ] = None,
    tag_precision: Annotated[
        float, typer.Option(min=0.5, max=0.999, help="Share of right tags to go by where sellers state the word.")
    ] = 0.9,
    no_tags: Annotated[bool, typer.Option("--no-tags", help="Leave tags out.")] = False,  # noqa: FBT002 - likewise
    photos: Annotated[
        int | None, typer.Option(min=1, max=MOST_PHOTOS, help="Photos of a listing that are looked at, the first ones.")
    ] = None,
    precision: Annotated[
        Numbers, typer.Option(help="What encoders compute with; auto: bfloat16 where this machine is fast at it.")
    ] = Numbers.AUTO,
    matching: Annotated[
        Path | None,
        typer.Option(help="JSON file with thresholds; with --label, of weights and blending, which are then kept."),
    ] = None,
    label: Annotated[
        str | None, typer.Option(metavar="FIELD", help="Field that names the product: learn how to match from it.")
    ] = None,
    images: Annotated[
        Path | None, typer.Option(metavar="FOLDER", help="Folder of image paths, with --label or a joint encoder.")
    ] = None,
    no_scorer: Annotated[bool, typer.Option("--no-scorer", help="Train no pair scorer.")] = False,  # noqa: FBT002 - likewise
    seed: Annotated[int, typer.Option(min=0, help="Of folds and training.")] = 0,
) -> None:
    """Learn frozen IDF weights from a file of listings and write a bundle with them.

    With --label, how listings are matched is learned too: weights, blending, calibrations, vetoes, thresholds and
    the pair scorer, each measured on other products than it was learned from. Fit on products that are not those
    you measure on, and that did not train the encoders.

    With a joint encoder, some photos are looked at, too: how near they are to titles, and from which probability tags
    are right as often as --tag-precision asks, by what sellers state (attributes such as colour, or the category).
    """
    from encoders.fitting import Changes, choose_precision  # noqa: PLC0415 - it brings torch
    from streams.cli.console import out  # noqa: PLC0415 - with the others
    from streams.cli.fit_seen import with_lists  # noqa: PLC0415 - likewise
    from streams.cli.fitting import Order, fit_and_tell  # noqa: PLC0415 - likewise

    settings = load_settings()
    numbers = choose_precision(precision.asked, settings.device)
    out.print(f"precision {numbers.words}")
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
        dual=not no_joint,
        dual_model=joint_model,
        dual_revision=joint_revision,
        captions=not no_captions,
        caption_model=caption_model,
        caption_revision=caption_revision,
        caption_min_words=caption_min_words,
        tags=not no_tags,
        photos=photos,
        precision=numbers.precision,
    )
    start = read_bundle(base or settings.bundle)
    asked = changes if no_tags else with_lists(changes, start, output, shipped=tags, own=tag_lists)
    order = Order(
        file=file,
        output=output,
        base=start,
        changes=asked,
        matching=_matching(matching),
        label=label,
        images=images,
        scorer=not no_scorer,
        seed=seed,
        tag_precision=tag_precision,
    )
    fit_and_tell(order)


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
