"""Bundles with a small CLIP in them, and projections learned over their rows."""

from __future__ import annotations

from pathlib import Path

import torch

from encoders.bundle import Bundle, read_bundle
from encoders.fitting import Changes, fit_bundle
from encoders.training.looping import Course, Progress
from encoders.training.order import Order
from encoders.training.recipes import RecipeName
from encoders.training.train import train
from streams.cli.listing_files import Line, read_lines
from streams.learning.encoders_of import only
from streams.learning.examples import examples_with_rows
from streams.learning.labelled import LabelledCatalogue, embed_labelled
from streams.learning.listed import listed
from streams.learning.telling import Telling
from streams.settings import Settings, load_settings

LABEL = "product_id"
_HELD_OUT = 0.1


class Listings:
    """Generated listings in a folder, with the product of each.

    Args:
        folder: as `write_catalogue` made it.
        kept: folder of rows from before.
    """

    def __init__(self, folder: Path, kept: Path) -> None:
        lines = read_lines(folder / "listings.jsonl", "listings", folder)
        self.listed = listed(line.event for line in lines if isinstance(line, Line))
        self.labels = {one: str((event.raw or {})[LABEL]) for one, event in self.listed.items()}
        self.settings: Settings = load_settings(device="cpu", image_root=folder.resolve())
        self.kept = kept

    def embedded(self, bundle: Bundle) -> LabelledCatalogue:
        """With every row that a bundle has of them."""
        return embed_labelled(self.listed, self.labels, bundle, self.settings, kept=self.kept, telling=Telling())

    def joined(self, recipe: str, base: Bundle, output: Path, seed: int, epochs: int | None) -> Bundle:
        """The base with a joint space that a recipe learned from these listings."""
        name = RecipeName(recipe)
        looking = only(base, name.joins)
        examples = examples_with_rows(
            self.listed, self.labels, looking, self.settings, kept=self.kept, telling=Telling()
        )
        order = Order(
            recipe=name,
            base=base,
            modalities=(),
            settings=name.settings(),
            course=Course(seed=seed, patience=5),
            epochs=epochs,
            held_out=_HELD_OUT,
            device=torch.device("cpu"),
            threads=1,
            folder=Path(f"{output}.run"),
            draws=False,
        )
        return fit_bundle((), output, base=base, changes=train(order, examples, Progress()).changes)


def dual_bundle(clip: Path, output: Path, *, image: bool) -> Bundle:
    """The demo's encoders, its encoder of photos among them or not, with a CLIP beside them."""
    return fit_bundle((), output, base=read_bundle("demo"), changes=Changes(dual_model=str(clip), image=image))
