"""What goes wrong with `matchstream train` is one line with the remedy, and leaves what was there."""

import pytest
from fakes.full_disk import files_of_at_most
from fakes.trainable import rewrite, tiny_bundle
from typer.testing import CliRunner

from encoders.bundle import read_bundle
from encoders.errors import BundleError, TrainingError
from streams.cli.main import app
from streams.errors import SettingsError

SMALL_FILES = 600_000
"""More than a checkpoint of the text model, less than the image encoder that goes into the bundle beside it."""


def failure_of(done, kind):
    assert isinstance(done.exception, kind), done.output
    assert done.exit_code == 1
    assert "\n" not in str(done.exception)
    return str(done.exception)


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (("--recipe", "magic"), "--recipe: 'magic', one of arcface, softmax, contrastive, fusion, unified wanted"),
        (("--modality", "smell"), "--modality: 'smell', one of text, image, all wanted"),
        (
            ("--recipe", "unified", "--modality", "text"),
            "--modality: 'text' with recipe 'unified', which joins all there are, arcface or softmax beside it wanted",
        ),
        (("-o", "."), "--output '.': something that is no bundle, a bundle or nothing wanted; choose"),
        (("-o", "photos"), "--output 'photos': something that is no bundle, a bundle or nothing wanted"),
        (("-o", "listings.jsonl"), "--output 'listings.jsonl': something that is no bundle"),
        (("-o", "listings.jsonl/x"), "--output 'listings.jsonl/x': File exists, a place for a folder"),
        (("--run", "trained/run"), "--run 'trained/run': a folder inside the bundle's, one beside it"),
        (("-o", "caf\udce9"), "--output 'caf\udce9': a name that is not UTF-8, one that is wanted; name"),
        (("--run", "caf\udce9/run"), "--run 'caf\udce9/run': a name that is not UTF-8"),
        (("--images", "nowhere"), "--images 'nowhere': no folder, a folder wanted"),
        (("--device", "abacus"), "setting MATCHSTREAM_DEVICE: 'abacus', "),
    ],
)
def test_what_can_not_be_is_refused_before_anything_is_made(train, shop, options, said):
    before = sorted(shop.rglob("*"))
    assert failure_of(train(*options), SettingsError).startswith(said)
    assert sorted(shop.rglob("*")) == before


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (("--set", "magic=1"), "recipe 'arcface': 'magic=1', NAME=VALUE with one of margin, scale, "),
        (("--set", "margin=wide"), "recipe 'arcface': margin=wide, "),
        (
            ("--recipe", "fusion", "--modality", "all"),
            "recipe 'fusion': bundle 'base' without a dual encoder, one of photos and titles",
        ),
        (("--precision", "fp8"), "setting 'precision': fp8, auto, bf16 or fp32 wanted"),
    ],
)
def test_settings_that_can_not_be_are_refused_before_anything_is_made(train, shop, options, said):
    before = sorted(shop.rglob("*"))
    assert failure_of(train(*options), TrainingError).startswith(said)
    assert sorted(shop.rglob("*")) == before


@pytest.mark.parametrize(("arguments", "missing"), [([], "FILE"), (["listings.jsonl"], "-o BUNDLE")])
@pytest.mark.usefixtures("shop")
def test_file_and_bundle_have_to_be_named(arguments, missing):
    said = failure_of(CliRunner().invoke(app, ["train", *arguments]), SettingsError)
    assert said == f"train: no {missing}, both wanted; see 'matchstream train --help'"


def test_products_have_to_be_known_from_somewhere(train, shop):
    assert failure_of(train(label=None), SettingsError) == (
        "train: neither --label nor --pairs, one of them, or both wanted; "
        "name the field of the product: --label product_id"
    )
    assert not (shop / "trained.run").exists()


def test_a_base_of_a_newer_version_is_refused_before_anything_is_made(train, shop):
    (shop / "newer").mkdir()
    (shop / "newer" / "manifest.json").write_bytes(b'{"format": 99}')
    said = failure_of(train("--base", "newer"), BundleError)
    assert said == "bundle 'newer': format 99, format 4 or older wanted; update matchstream"
    assert not (shop / "trained.run").exists()


def test_one_product_alone_can_not_be_learned_from(train, shop):
    rewrite(shop / "listings.jsonl", lambda one: {**one, "product_id": "p"})
    said = failure_of(train(), TrainingError)
    assert said.startswith("training data: 1 of 1 products with more than one listing, at least 4")
    assert not (shop / "trained").exists()


def test_products_with_one_photo_each_can_not_train_an_image_encoder(train, shop):
    rewrite(shop / "listings.jsonl", lambda one: one if one["listing_id"].startswith("s0") else {**one, "image": None})
    said = failure_of(train("--modality", "image"), TrainingError)
    assert said.startswith("training data, image: 0 products with more than one photo to learn from, at least 2 wanted")
    assert "--modality" in said
    assert not (shop / "trained").exists()


def test_a_file_without_titles_is_refused_before_training(train, shop):
    rewrite(shop / "listings.jsonl", lambda one: {**one, "title": None})
    assert failure_of(train(), SettingsError) == (
        "file 'listings.jsonl': 24 listings without a title, some with one, for the weights of words wanted; "
        "give listings that have titles"
    )


def test_an_encoder_that_is_asked_for_has_to_be_there(train, tmp_path_factory):
    bare = tiny_bundle(tmp_path_factory.mktemp("bare"), image=False).path
    said = failure_of(train("--modality", "image", "--base", str(bare)), TrainingError)
    assert said.startswith("bundle 'base': no image encoder, one to start from wanted; name another with --base")


def test_a_loss_that_is_no_number_ends_it_and_the_old_bundle_stays(train, shop):
    old = tiny_bundle(shop / "old", image=False)
    (shop / "old" / "base").rename(shop / "trained")
    wild = ("--set", "rate=1e9", "--set", "head_rate=1e9", "--epochs", "9")
    said = failure_of(train(*wild), TrainingError)
    assert "finite" in said
    assert "lower the learning rate" in said
    assert read_bundle(shop / "trained").digest == old.digest


def test_a_full_disk_ends_it_and_the_same_command_goes_on(train, shop):
    old = tiny_bundle(shop / "old", image=False)
    (shop / "old" / "base").rename(shop / "trained")
    with files_of_at_most(1000):
        said = failure_of(train(), TrainingError)
    assert "make room or write access, then run the same command" in said
    with files_of_at_most(SMALL_FILES):
        said = failure_of(train(), BundleError)
    assert "File too large" in said
    assert "make room for" in said
    assert read_bundle(shop / "trained").digest == old.digest
    assert not list((shop / "trained.run").glob(".bundle*"))
    done = train()
    assert done.exit_code == 0, done.output
    assert read_bundle(shop / "trained").digest != old.digest


@pytest.mark.slow
def test_another_order_does_not_go_on_with_what_is_there_unless_it_begins_anew(train, shop):
    with files_of_at_most(SMALL_FILES):
        failure_of(train(), BundleError)
    (shop / "trained.run" / "notes.txt").write_text("mine")
    (shop / "trained.run" / "text" / "notes.txt").write_text("mine")
    assert "--restart" in failure_of(train("--set", "scale=9"), TrainingError)
    done = train("--set", "scale=9", "--restart")
    assert done.exit_code == 0, done.output
    assert len(list((shop / "trained.run").rglob("notes.txt"))) == 2, "what is not the run's own stays"
