"""Labelled listings, and what of them towers look at."""

import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from fakes.tiny_models import TINY_IMAGE
from PIL import Image

from encoders.bundle import TextSpec
from encoders.errors import TrainingError
from encoders.photos import prepare
from encoders.training.data import Example, Examples, Photos, Titles
from encoders.training.towers import ImageTower, TextTower
from encoders.types import Modality, Numeric

SHOE = Example("b", "shoe", "red shoe", category="shoes", numbers={Numeric.WORDS: 1.0})
THREE = Examples.of([SHOE, Example("c", "phone", "phone"), Example("a", "shoe", category="shoes")])


@pytest.fixture
def photo(tmp_path):
    path = tmp_path / "photo.png"
    Image.new("RGB", (48, 40), "red").save(path)
    return path


@pytest.fixture(scope="module")
def text_tower(tiny_bert):
    return TextTower(TextSpec(str(tiny_bert)))


@pytest.fixture(scope="module")
def image_tower(tiny_weights):
    return ImageTower(TINY_IMAGE, tiny_weights)


def test_listings_are_in_the_order_of_their_ids_and_products_in_that_of_their_labels():
    assert [one.listing_id for one in THREE.all] == ["a", "b", "c"]
    assert THREE.codes.tolist() == [1, 1, 0]
    assert THREE.counts.tolist() == [1, 2]
    assert THREE.groups.tolist() == [1, 1, 0]
    assert (len(THREE), THREE.products, THREE.several) == (3, 2, 1)


def test_no_listings_are_no_products():
    nobody = Examples(())
    assert (len(nobody), nobody.products, nobody.several) == (0, 0, 0)


def test_those_with_content_can_be_looked_at(photo):
    examples = Examples.of([*THREE.all, Example("d", "phone", image=photo)])
    assert [one.listing_id for one in examples.with_content(Modality.TEXT).all] == ["b", "c"]
    assert [one.listing_id for one in examples.with_content(Modality.IMAGE).all] == ["d"]


def test_the_digest_is_the_same_in_any_order_and_on_any_machine(photo):
    examples = [*THREE.all, Example("d", "phone", image=photo)]
    moved = photo.parent / "elsewhere" / photo.name
    moved.parent.mkdir()
    shutil.copy(photo, moved)
    elsewhere = [*THREE.all, Example("d", "phone", image=moved)]
    assert Examples.of(reversed(elsewhere)).digest() == Examples.of(elsewhere).digest()
    assert Examples.of(examples).digest() == Examples.of(elsewhere).digest()


@pytest.mark.parametrize(
    "change",
    [
        {"listing_id": "bb"},
        {"label": "boot"},
        {"title": "blue shoe"},
        {"category": "boots"},
        {"numbers": {Numeric.WORDS: 2.0}},
        {"numbers": {Numeric.NUMBERS: 1.0}},
        {"rows": {Modality.TEXT: np.ones(2, np.float32)}},
    ],
    ids=lambda change: next(iter(change)),
)
def test_the_digest_is_of_all_that_is_learned_from(change):
    assert Examples.of([replace(SHOE, **change)]).digest() != Examples.of([SHOE]).digest()


def test_the_digest_of_rows_is_of_their_numbers():
    one, other = (Examples.of([replace(SHOE, rows={Modality.TEXT: np.full(2, value, np.float32)})]) for value in (1, 2))
    assert one.digest() == other.digest()
    assert one.rows_digest() != other.rows_digest()


def test_a_photo_that_is_gone_is_told(photo, image_tower):
    examples = Examples.of([Example("d", "phone", image=photo)])
    photo.unlink()
    told = "listing 'd': a photo that can't be read .*; mend or remove it"
    with pytest.raises(TrainingError, match=told):
        examples.digest()
    with pytest.raises(TrainingError, match=told):
        Photos(image_tower, TINY_IMAGE).inputs(examples.all)


def test_a_photo_that_is_none_is_told(photo, image_tower):
    photo.write_bytes(b"<html>not found</html>")
    with pytest.raises(TrainingError, match="listing 'd': a photo that can't be read"):
        Photos(image_tower, TINY_IMAGE).inputs([Example("d", "phone", image=photo)])


def test_titles_are_rewritten_by_their_seeds_and_only_while_training(text_tower):
    asked = []

    def augment(title, seed):
        asked.append((title, seed))
        return "blue"

    titles = Titles(text_tower, augment)
    plain = titles.inputs([SHOE])["input_ids"]
    assert torch.equal(plain, text_tower.prepare(["red shoe"])["input_ids"])
    rewritten = titles.inputs([SHOE, SHOE], [3, 4])["input_ids"]
    assert asked == [("red shoe", 3), ("red shoe", 4)]
    assert torch.equal(rewritten, text_tower.prepare(["blue", "blue"])["input_ids"])
    assert torch.equal(Titles(text_tower).inputs([SHOE], [3])["input_ids"], plain)


def test_photos_are_taken_anew_by_their_seeds_and_only_while_training(photo, image_tower):
    def augment(image: Image.Image, seed: int) -> torch.Tensor:
        assert image.mode == "RGB"
        return torch.full((3, 32, 32), seed, dtype=torch.uint8)

    one = Example("d", "phone", image=photo)
    photos = Photos(image_tower, TINY_IMAGE, augment)
    plain = photos.inputs([one])["pixels"]
    with Image.open(photo) as image:
        assert np.array_equal(plain[0].permute(1, 2, 0).numpy(), prepare(image, TINY_IMAGE))
    assert photos.inputs([one, one], [3, 4])["pixels"][:, 0, 0, 0].tolist() == [3, 4]
    assert torch.equal(Photos(image_tower, TINY_IMAGE).inputs([one], [3])["pixels"], plain)


def test_many_photos_stay_in_order(tmp_path, image_tower):
    examples = []
    for shade in range(20):
        path = Path(tmp_path / f"{shade}.png")
        Image.new("RGB", (40, 40), (shade, 0, 0)).save(path)
        examples.append(Example(path.stem, "grey", image=path))
    assert Photos(image_tower, TINY_IMAGE).inputs(examples)["pixels"][:, 0, 0, 0].tolist() == list(range(20))
