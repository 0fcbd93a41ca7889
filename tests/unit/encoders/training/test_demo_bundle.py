"""The bundle that ships: small enough, and it does what it says of itself."""

import numpy as np
import pytest

from encoders.bundle import read_bundle
from encoders.loading import load_encoder
from encoders.training.catalogue import (
    DEMO_SEED,
    TEST_SEEDS,
    TRAINING_SEED,
    TUNING_SEEDS,
    VALIDATION_SEED,
    generate_catalogue,
)
from encoders.types import Content, Modality


@pytest.fixture(scope="module")
def bundle():
    return read_bundle("demo")


def trained(bundle):
    """What is told of the bundle that its encoders come from."""
    return bundle.provenance["base"]["provenance"]


@pytest.fixture(scope="module")
def listings():
    return generate_catalogue(40, TEST_SEEDS[0])


@pytest.fixture(scope="module")
def encoded(bundle, listings):
    return load_encoder(bundle).encode([Content(one.title, one.image) for one in listings])


def test_weights_are_at_most_8_mb_and_no_pickle(bundle):
    assert {name.rpartition(".")[2] for name in bundle.files} == {"safetensors", "txt"}
    assert (bundle.path / bundle.image.weights).stat().st_size <= 8_000_000
    assert sum((bundle.path / name).stat().st_size for name in bundle.files) < 10_000_000


def test_it_encodes_all_that_a_listing_has(bundle, listings, encoded):
    assert bundle.modalities == {Modality.IMAGE, Modality.TEXT, Modality.LEXICAL}
    for listing, one in zip(listings, encoded, strict=True):
        assert not one.failures
        assert (Modality.IMAGE in one.embedding) == (listing.image is not None)
        assert (Modality.TEXT in one.embedding) == (listing.title is not None)


def test_its_seeds_keep_what_it_learnt_from_away_from_what_it_is_shown_on(bundle):
    seeds = trained(bundle)["seeds"]
    assert seeds == {"training": TRAINING_SEED, "validation": VALIDATION_SEED, "thresholds": list(TUNING_SEEDS)}
    assert {*TEST_SEEDS, DEMO_SEED}.isdisjoint({TRAINING_SEED, VALIDATION_SEED, *TUNING_SEEDS})


def test_it_finds_the_same_look_by_photograph_most_of_the_time(listings, encoded):
    pictured = [
        (one.look_id, row.embedding[Modality.IMAGE]) for one, row in zip(listings, encoded, strict=True) if one.image
    ]
    looks = np.array([look for look, _ in pictured])
    rows = np.stack([row for _, row in pictured])
    similar = rows @ rows.T
    np.fill_diagonal(similar, -1)
    findable = np.array([(looks == look).sum() > 1 for look in looks])
    assert (looks[similar.argmax(1)] == looks)[findable].mean() > 0.75


def test_it_says_how_it_was_made_and_how_good_it_is(bundle):
    metrics = trained(bundle)["metrics"]
    assert metrics["image_recall_at_1"] > 0.7 > metrics["image_recall_at_1_untrained"]
    assert trained(bundle)["command"].startswith("python -m encoders.training.demo")
    assert bundle.provenance["command"][:2] == ["matchstream", "fit"]
    assert bundle.provenance["learned"]["products"] == 800
