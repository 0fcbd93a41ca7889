"""What is in a bundle that `matchstream train` wrote, and what is left beside it."""

from pathlib import Path

import orjson
import pytest
from fakes.trainable import shop_listings, write_shop
from tensorboard.backend.event_processing.event_accumulator import EventAccumulator
from typer.testing import CliRunner

from encoders.bundle import read_bundle
from encoders.training.data import split
from encoders.types import Modality
from streams.cli.labelled_files import read_events
from streams.cli.main import app
from streams.learning import label_catalogue
from streams.learning.examples import examples_with_photos
from streams.learning.learn import learn_matching
from streams.learning.telling import Telling
from streams.settings import Settings


def said_of(text):
    """The figures of the card's row of that name: before training and after."""
    return [float(one) for one in text.split("|")[2:4]]


def test_a_bundle_holds_its_card_its_figures_and_no_pickle(train, shop):
    assert train().exit_code == 0
    files = {str(path.relative_to(shop / "trained")) for path in (shop / "trained").rglob("*") if path.is_file()}
    assert {name for name in files if not name.startswith("text/")} == {
        "README.md",
        "idf.safetensors",
        "image.safetensors",
        "manifest.json",
        "text-curves.png",
        "text-head.safetensors",
        "text-metrics.json",
    }
    assert {name.rpartition(".")[2] for name in files} == {"md", "safetensors", "json", "png"}
    assert (shop / "trained" / "text-curves.png").read_bytes().startswith(b"\x89PNG")
    card = (shop / "trained" / "README.md").read_text()
    assert "only 3 products with several listings were held out" in card
    figures = orjson.loads((shop / "trained" / "text-metrics.json").read_bytes())
    (row,) = [line for line in card.splitlines() if line.startswith("| text mean_f1")]
    before, after = figures["untrained"]["figures"]["mean_f1"], figures["best"]["figures"]["mean_f1"]
    assert said_of(row) == pytest.approx([before, after], abs=1e-4)


@pytest.mark.slow
def test_thresholds_are_chosen_on_the_products_that_were_held_out(train, shop):
    write_shop(shop, shop_listings(products=20, listings=3))
    done = train()
    assert done.exit_code == 0, done.output
    bundle = read_bundle(shop / "trained")
    assert "figures and thresholds are rough" in done.stderr
    events = {event.listing_id: event for event in read_events(shop / "listings.jsonl")}
    held_out = split(examples_of(events), 0.4, 0).held_out
    assert len(held_out) == bundle.provenance["training"]["data"]["held-out listings"]
    assert bundle.matching == thresholds_on([events[one.listing_id] for one in held_out.all], bundle)
    assert bundle.matching != thresholds_on(events.values(), bundle)


def examples_of(events):
    labels = {one: event.raw["product_id"] for one, event in events.items()}
    return examples_with_photos(events, labels, Settings(), None, Telling())


def thresholds_on(events, bundle):
    settings = Settings(image_root=Path.cwd())
    catalogue = label_catalogue(events, "product_id", bundle, settings, kept=None)
    return learn_matching(catalogue, scorer=False).policy.model_dump(mode="json")


@pytest.mark.slow
@pytest.mark.parametrize("recipe", ["softmax", "contrastive", "unified"])
def test_every_recipe_makes_a_bundle_that_can_be_shown(train, shop, recipe):
    done = train("--modality", "all", "--recipe", recipe)
    assert done.exit_code == 0, done.output
    assert "--label product_id --images FOLDER -o BUNDLE" in done.stdout
    shown = CliRunner().invoke(app, ["bundle", "show", "trained"])
    assert shown.exit_code == 0
    assert f"recipe {recipe}" in shown.stdout
    bundle = read_bundle(shop / "trained")
    assert Modality.JOINT in bundle.modalities or bundle.text.head
    assert not {path.suffix for path in bundle.path.rglob("*") if path.is_file()} - {
        ".md",
        ".json",
        ".png",
        ".safetensors",
    }


@pytest.mark.slow
def test_a_run_leaves_logs_that_tensorboard_shows(train, shop):
    assert train("--epochs", "3").exit_code == 0
    events = EventAccumulator(str(shop / "trained.run" / "text" / "tensorboard")).Reload()
    watched = [(one.step, one.value) for one in events.Scalars("validation/mean_f1")]
    figures = orjson.loads((shop / "trained.run" / "text" / "metrics.json").read_bytes())
    assert watched == [
        (one["update"], pytest.approx(one["figures"]["mean_f1"], abs=1e-6)) for one in figures["validations"]
    ]
    assert [one.step for one in events.Scalars("train/loss")] == [1, 2, 3]
