"""The work behind `matchstream train`: read, train, measure, write."""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from encoders.errors import TrainingError, TrainingStoppedError
from encoders.training.data import Examples
from encoders.training.looping import RunFolder
from encoders.training.order import Order, Trained
from encoders.training.recipes import SHARED, RecipeName
from encoders.training.train import train
from encoders.types import Modality
from streams.cli.console import progress_bar
from streams.cli.labelled_files import read_events, telling_on
from streams.cli.trained_bundle import Making, write_trained
from streams.cli.training_order import ALL, Wish, order_of
from streams.cli.training_told import FewWarnings, progress_on, tell
from streams.errors import SettingsError
from streams.events import ListingEvent
from streams.learning.cache import DEFAULT_FOLDER
from streams.learning.encoders_of import only
from streams.learning.examples import examples_with_photos, examples_with_rows, labels_to_train_on
from streams.learning.listed import listed
from streams.learning.pair_files import read_pairs
from streams.learning.telling import Telling
from streams.settings import Settings, load_settings

_PHOTOS = "photos"
_JOINING = (RecipeName.CONTRASTIVE, RecipeName.FUSION, RecipeName.UNIFIED)
"""What learns joint spaces, those of fewer sources first."""
_TRAINED = (Modality.TEXT, Modality.IMAGE, Modality.JOINT)


@dataclass(frozen=True, slots=True)
class Data:
    """What is learned from.

    Args:
        listed: by listing id.
        labels: the product of each.
        examples: the same for training.
    """

    listed: Mapping[str, ListingEvent]
    labels: Mapping[str, str]
    examples: Examples


def train_and_tell(wish: Wish) -> None:
    """Train, write the bundle, and say what came of it and what to do next."""
    settings = _settings(wish)
    order = order_of(wish, settings)
    with progress_bar() as bars, _saying_how_to_go_on(wish):
        telling = telling_on(bars)
        data = _data(wish, order, settings, telling)
        order = _with_what_there_is(order, wish, data.examples, telling)
        _tell_what_is_left_out(order, wish, telling)
        if wish.restart:
            _restart(wish.run)
        trained = train(order, data.examples, progress_on(bars))
        bundle = write_trained(Making(order, trained, data.listed, data.labels, settings), wish.output, telling)
    _forget_checkpoints(wish.run, trained)
    tell(wish, order, bundle, trained)


def _settings(wish: Wish) -> Settings:
    asked = {"image_root": wish.images and wish.images.resolve(), "device": wish.device}
    return load_settings(**{name: value for name, value in asked.items() if value is not None})


@contextmanager
def _saying_how_to_go_on(wish: Wish) -> Iterator[None]:
    """The same command goes on, unless it says that it begins anew."""
    try:
        yield
    except TrainingStoppedError as error:
        if not wish.restart:
            raise
        remedy = "the same command without --restart goes on from there"
        raise TrainingStoppedError(error.subject, error.got, error.wanted, remedy) from error


def _data(wish: Wish, order: Order, settings: Settings, telling: Telling) -> Data:
    everything = listed(read_events(wish.file, wish.images))
    _check_titles(wish.file, order, everything)
    pairs = read_pairs(wish.pairs) if wish.pairs else None
    labels = labels_to_train_on(everything, wish.label, pairs, telling)
    few = FewWarnings(telling.warn)
    limited = Telling(few.warn, telling.steps)
    if not order.recipe.tunes:
        looking = only(order.base, order.recipe.joins)
        examples = examples_with_rows(everything, labels, looking, settings, kept=DEFAULT_FOLDER, telling=limited)
    else:
        folder = wish.run / _PHOTOS if Modality.IMAGE in order.modalities else None
        examples = examples_with_photos(everything, labels, settings, folder, limited)
    few.tell_how_many_more()
    return Data(everything, labels, examples)


def _check_titles(file: Path, order: Order, everything: Mapping[str, ListingEvent]) -> None:
    """A bundle weighs words by how rare they are in titles: in those of the file or, if it has none, the base's."""
    if order.base.lexical and order.base.lexical.idf:
        return
    if not any(event.listing and (event.listing.title or "").strip() for event in everything.values()):
        got, wanted = f"{len(everything)} listings without a title", "some with one, for the weights of words"
        raise SettingsError(f"file '{file}'", got=got, wanted=wanted, remedy="give listings that have titles")


def _with_what_there_is(order: Order, wish: Wish, examples: Examples, telling: Telling) -> Order:
    """Of all encoders, those that the base has and that there is content for; what was asked for by name stays."""
    if not order.recipe.tunes or wish.modality != ALL:
        return order
    there = tuple(one for one in order.modalities if len(examples.with_content(one)))
    for modality in (Modality.TEXT, Modality.IMAGE):
        if modality not in there:
            telling.warn(f"{modality}: {_why_not(order, modality)}; this modality is left as it is")
    if not there:
        got, wanted = "no title and no photo that the base has an encoder for", "some"
        raise TrainingError("training data", got, wanted, "give titles or photos, or another --base")
    return replace(order, modalities=there)


def _why_not(order: Order, modality: Modality) -> str:
    if modality not in order.modalities:
        return f"bundle '{order.base.name}' has no encoder to start from"
    return "no labelled listing has a title" if modality is Modality.TEXT else "no labelled listing has a photo to read"


def _tell_what_is_left_out(order: Order, wish: Wish, telling: Telling) -> None:
    joint = order.base.joint
    if joint and joint.weights and order.recipe.tunes and not SHARED.issuperset(joint.sources):
        fitting = (one for one in _JOINING if one.joins.issuperset(joint.sources) and one.crosses == joint.cross_modal)
        recipe = next(fitting, RecipeName.FUSION)
        telling.warn(
            f"bundle '{order.base.name}' has a joint space over the encoders that are trained now: it is left out;"
            f" learn one anew with 'matchstream train --recipe {recipe} --base {wish.output}'"
        )


def _restart(run: Path) -> None:
    """Forget what is left of earlier runs, and nothing else that may be in that folder.

    Raises:
        TrainingError: one of them is going on.
    """
    for modality in _TRAINED:
        if (run / modality).is_dir():
            RunFolder(run / modality, {}).clear()


def _forget_checkpoints(run: Path, trained: Trained) -> None:
    """The bundle is written: nothing is left to go on with. Logs, metrics, curves and fetched photos stay."""
    changes = trained.changes
    for modality in trained.outcomes:
        shutil.rmtree(RunFolder(run / modality, {}).checkpoint, ignore_errors=True)
    if changes.text_model:
        shutil.rmtree(changes.text_model, ignore_errors=True)
    for file in (changes.text_head, changes.image_weights, changes.image_head, changes.joint_weights):
        if file:
            Path(file).unlink(missing_ok=True)
