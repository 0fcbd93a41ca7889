"""From what training gave to a bundle that can be used: IDF, thresholds, figures and a card beside the encoders."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from encoders.bundle import Bundle, write_bundle
from encoders.bundle.card import CARD, card_of
from encoders.fitting import fit_bundle
from encoders.training.looping import RunFolder
from encoders.training.order import Order, Trained
from streams.cli.trained_card import facts_of, origin_of, too_few_held_out
from streams.cli.training_told import FewWarnings
from streams.errors import SettingsError
from streams.events import ListingEvent
from streams.learning.cache import DEFAULT_FOLDER
from streams.learning.labelled import LabelledCatalogue, embed_labelled
from streams.learning.learn import learn_matching
from streams.learning.telling import Telling
from streams.settings import Settings

_REMEDY = "hold more back with --held-out, or give more listings"


@dataclass(frozen=True, slots=True)
class Making:
    """What a bundle is made of.

    Args:
        order: what was asked for.
        trained: what came of it.
        listed: all listings, by listing id.
        labels: the product of those that have one.
        settings: device, batches and images.
    """

    order: Order
    trained: Trained
    listed: Mapping[str, ListingEvent]
    labels: Mapping[str, str]
    settings: Settings


def write_trained(making: Making, output: Path, telling: Telling) -> Bundle:
    """Write the bundle: encoders, IDF of all titles, thresholds chosen on the products that were held out, a card.

    Args:
        making: what it is made of.
        output: the folder to make.
        telling: where progress and warnings go.

    Raises:
        BundleError: it can't be written; what was there is left as it was.
    """
    order, trained = making.order, making.trained
    titles = [event.listing.title for event in making.listed.values() if event.listing and event.listing.title]
    origin = origin_of(order, trained)
    with TemporaryDirectory(prefix=".bundle-", dir=order.folder) as folder:
        path = Path(folder) / "bundle"
        bare = fit_bundle(titles, path, base=order.base, changes=trained.changes, matching={}, origin=origin)
        manifest = replace(bare, **_thresholds(making, bare, telling))
        files: dict[str, bytes | Path] = {name: bare.path / name for name in bare.files}
        card = card_of(manifest, facts_of(output.name, order, trained)).encode()
        return write_bundle(output, manifest, {**files, CARD: card, **_reports(order.folder, trained)})


def _thresholds(making: Making, bundle: Bundle, telling: Telling) -> dict[str, Any]:
    """Matching, by the threshold rule, on products that no encoder was trained on; too few of them choose nothing."""
    held_out = {one.listing_id for one in making.trained.split.held_out.all}
    labels = {one: label for one, label in making.labels.items() if one in held_out}
    few = FewWarnings(telling.warn)
    limited = Telling(few.warn, telling.steps)
    catalogue = embed_labelled(making.listed, labels, bundle, making.settings, kept=DEFAULT_FOLDER, telling=limited)
    few.tell_how_many_more()
    advance = telling.steps("thresholds", 1)
    found = _learned(catalogue, too_few_held_out(making.trained), telling)
    advance(1)
    return found


def _learned(catalogue: LabelledCatalogue, too_few: str, telling: Telling) -> dict[str, Any]:
    try:
        learned = learn_matching(catalogue, scorer=False, telling=Telling(telling.warn))
    except SettingsError as error:
        telling.warn(f"thresholds are not learned, since {too_few or error}; {_REMEDY}")
        return {"matching": {}}
    if too_few:
        telling.warn(f"figures and thresholds are rough, since {too_few}; {_REMEDY}")
    return {"matching": learned.policy.model_dump(mode="json"), "expected": learned.expected}


def _reports(run: Path, trained: Trained) -> dict[str, bytes | Path]:
    """Metrics and curves of each training, to be kept in the bundle."""
    folders = {modality: RunFolder(run / modality, {}) for modality in trained.outcomes}
    return {
        f"{modality}-{file.name}": file
        for modality, folder in folders.items()
        for file in (folder.metrics, folder.curves)
        if file.is_file()
    }
