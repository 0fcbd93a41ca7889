"""From the options of `matchstream train` to what is asked for; whatever can be refused is refused before training."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from encoders.bundle import Bundle, read_bundle
from encoders.bundle.reading import MANIFEST
from encoders.loading import choose_device
from encoders.training.looping import Course
from encoders.training.order import Order
from encoders.training.project import check_base
from encoders.training.recipes import RecipeName
from encoders.training.tasks import settings_of
from encoders.types import Modality
from streams.errors import SettingsError
from streams.settings import Settings

ALL = "all"
_MODALITIES = {"text": (Modality.TEXT,), "image": (Modality.IMAGE,), ALL: (Modality.TEXT, Modality.IMAGE)}


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """What is asked for; see the options of the command."""

    file: Path
    output: Path
    recipe: str
    label: str | None
    pairs: Path | None
    base: str | None
    images: Path | None
    modality: str
    changes: tuple[str, ...]
    epochs: int | None
    course: Mapping[str, Any]
    held_out: float
    device: str | None
    threads: int | None
    run: Path
    restart: bool


def order_of(wish: Wish, settings: Settings) -> Order:
    """What is to be trained.

    Raises:
        EncoderError: the base can't be read, or a setting or the device is not to be had.
        SettingsError: an option that can't be, or the bundle can't be put where it is wanted.
    """
    recipe, modalities = _recipe(wish), _modalities(wish)
    if wish.label is None and wish.pairs is None:
        got, wanted = "neither --label nor --pairs", "one of them, or both"
        raise SettingsError("train", got=got, wanted=wanted, remedy="name the field of the product: --label product_id")
    _check_places(wish)
    base = read_bundle(wish.base or settings.bundle)
    _check_name("--base", base.name)
    order = Order(
        recipe=recipe,
        base=base,
        modalities=_encoded(modalities, base) if wish.modality == ALL else modalities,
        settings=settings_of(recipe.settings, wish.changes, recipe),
        course=Course(**wish.course),
        epochs=wish.epochs,
        held_out=wish.held_out,
        device=choose_device(settings.device),
        threads=wish.threads or os.cpu_count() or 1,
        folder=wish.run,
    )
    check_base(order)
    return order


def _recipe(wish: Wish) -> RecipeName:
    try:
        return RecipeName(wish.recipe)
    except ValueError:
        wanted, remedy = f"one of {', '.join(RecipeName)}", "see 'matchstream train --recipes'"
        raise SettingsError("--recipe", got=f"'{wish.recipe}'", wanted=wanted, remedy=remedy) from None


def _modalities(wish: Wish) -> tuple[Modality, ...]:
    if wish.modality not in _MODALITIES:
        wanted = f"one of {', '.join(_MODALITIES)}"
        raise SettingsError("--modality", got=f"'{wish.modality}'", wanted=wanted, remedy="choose one")
    if wish.modality != ALL and not RecipeName(wish.recipe).tunes:
        got = f"'{wish.modality}' with recipe '{wish.recipe}', which joins all there are"
        raise SettingsError("--modality", got=got, wanted="arcface or softmax beside it", remedy="leave it out")
    return _MODALITIES[wish.modality]


def _encoded(modalities: tuple[Modality, ...], base: Bundle) -> tuple[Modality, ...]:
    return tuple(one for one in modalities if one in base.modalities)


def _check_places(wish: Wish) -> None:
    output, subject = wish.output, f"--output '{wish.output}'"
    _check_name("--output", str(output))
    _check_name("--run", str(wish.run))
    if output.name in {"", ".."} or (output.exists() and not _may_be_replaced(output)):
        got, remedy = "something that is no bundle", "choose another folder"
        raise SettingsError(subject, got=got, wanted="a bundle or nothing", remedy=remedy)
    if wish.run.resolve().is_relative_to(output.resolve()):
        got, remedy = "a folder inside the bundle's", "choose another, or leave it out"
        raise SettingsError(f"--run '{wish.run}'", got=got, wanted="one beside it", remedy=remedy)
    try:
        output.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        got, remedy = error.strerror or str(error), "choose another folder"
        raise SettingsError(subject, got=got, wanted="a place for a folder", remedy=remedy) from error


def _may_be_replaced(output: Path) -> bool:
    return (output / MANIFEST).is_file() or (output.is_dir() and not any(output.iterdir()))


def _check_name(option: str, name: str) -> None:
    """Cards and manifests name bundles in UTF-8, and TensorBoard its files."""
    try:
        name.encode()
    except UnicodeEncodeError as error:
        subject, got = f"{option} '{name}'", "a name that is not UTF-8"
        raise SettingsError(subject, got=got, wanted="one that is", remedy="name the folder otherwise") from error
