"""`matchstream train`: encoders that fit a catalogue better than pretrained ones."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from streams.cli.listing_files import FILE_HELP
from streams.errors import SettingsError

RECIPE_HELP = "arcface, softmax, contrastive, fusion or unified."
IMAGES_HELP = "Folder that image paths are relative to."
_LARGEST_SEED = 2**32 - 1


def train(  # noqa: PLR0913, PLR0917 - each option is one choice of the user's
    file: Annotated[Path | None, typer.Argument(metavar="FILE", help=FILE_HELP)] = None,
    recipe: Annotated[str, typer.Option(metavar="NAME", help=RECIPE_HELP)] = "arcface",
    output: Annotated[Path | None, typer.Option("-o", "--output", help="Folder to write the bundle to.")] = None,
    label: Annotated[str | None, typer.Option(metavar="FIELD", help="Field that names the product.")] = None,
    pairs: Annotated[Path | None, typer.Option(metavar="FILE", help="Pairs that are one product, as JSONL.")] = None,
    base: Annotated[str | None, typer.Option(help="Bundle to start from; by default the one of the settings.")] = None,
    images: Annotated[Path | None, typer.Option(metavar="FOLDER", help=IMAGES_HELP)] = None,
    modality: Annotated[str, typer.Option(help="What arcface and softmax tune: text, image or all.")] = "all",
    changes: Annotated[
        list[str] | None, typer.Option("--set", metavar="NAME=VALUE", help="A setting of the recipe; again for more.")
    ] = None,
    epochs: Annotated[int | None, typer.Option(min=1, help="By default what the recipe needs.")] = None,
    patience: Annotated[int, typer.Option(min=1, help="Looks without gain before it stops.")] = 5,
    accumulate: Annotated[int, typer.Option(min=1, help="Batches to an update.")] = 1,
    held_out: Annotated[float, typer.Option(min=0.01, max=0.5, help="Share of products to measure on.")] = 0.1,
    seed: Annotated[int, typer.Option(min=0, max=_LARGEST_SEED, help="Of products held out, order and chance.")] = 0,
    device: Annotated[str | None, typer.Option(help="auto, cpu, cuda; by default that of the settings.")] = None,
    threads: Annotated[int | None, typer.Option(min=1, help="CPU threads; by default all there are.")] = None,
    precision: Annotated[str, typer.Option(help="auto, bf16 or fp32.")] = "auto",
    run: Annotated[Path | None, typer.Option(metavar="FOLDER", help="Of checkpoints and logs: BUNDLE.run.")] = None,
    restart: Annotated[bool, typer.Option("--restart", help="Forget an interrupted run.")] = False,  # noqa: FBT002 - typer's way to declare a flag
    recipes: Annotated[bool, typer.Option("--recipes", help="Show the recipes and their settings.")] = False,  # noqa: FBT002 - likewise
) -> None:
    """Train encoders on labelled listings and write a bundle with them.

    Products are held back to measure on, and to choose thresholds by. A run that was interrupted goes on when the
    same command is given again. TensorBoard shows it: tensorboard --logdir BUNDLE.run
    """
    if recipes:
        from streams.cli.recipes_shown import show_recipes  # noqa: PLC0415 - it brings torch

        show_recipes()
        return
    if file is None or output is None:
        missing = "FILE" if file is None else "-o BUNDLE"
        raise SettingsError("train", got=f"no {missing}", wanted="both", remedy="see 'matchstream train --help'")
    from streams.cli.training import train_and_tell  # noqa: PLC0415 - it brings torch
    from streams.cli.training_order import Wish  # noqa: PLC0415 - likewise

    train_and_tell(
        Wish(
            file=file,
            output=output,
            recipe=recipe,
            label=label,
            pairs=pairs,
            base=base,
            images=images,
            modality=modality,
            changes=tuple(changes or ()),
            epochs=epochs,
            course={"patience": patience, "accumulate": accumulate, "seed": seed, "precision": precision},
            held_out=held_out,
            device=device,
            threads=threads,
            run=run or Path(f"{output}.run"),
            restart=restart,
        )
    )
