"""The generated catalogue: the same bytes for the same seed, a consistent truth, and the difficulties it promises."""

import io
import json
from collections import defaultdict
from decimal import Decimal
from itertools import pairwise

import pytest
from PIL import Image

from encoders.training.catalogue import (
    DEMO_SEED,
    TEST_SEEDS,
    TRAINING_SEED,
    TUNING_SEEDS,
    VALIDATION_SEED,
    generate_catalogue,
    write_catalogue,
)
from encoders.training.catalogue.__main__ import main
from encoders.training.catalogue.products import check_digit, generate_products

SEED = 77


@pytest.fixture(scope="module")
def words():
    return generate_catalogue(400, SEED, photos=False)


@pytest.fixture(scope="module")
def listings():
    return generate_catalogue(30, SEED)


def test_the_same_seed_gives_the_same_bytes(listings):
    assert generate_catalogue(30, SEED) == listings


def test_another_seed_gives_other_listings_of_other_products(listings):
    other = generate_catalogue(30, SEED + 1)
    assert {one.product_id for one in other}.isdisjoint(one.product_id for one in listings)
    assert {one.image for one in other if one.image}.isdisjoint(one.image for one in listings)


def test_leaving_out_the_photos_changes_nothing_else(listings):
    without = generate_catalogue(30, SEED, photos=False)
    assert [one.record() for one in without] == [one.record() for one in listings]
    assert all(one.image is None for one in without)


def test_the_seeds_of_training_tuning_and_showing_are_different():
    seeds = [TRAINING_SEED, VALIDATION_SEED, *TUNING_SEEDS, *TEST_SEEDS, DEMO_SEED]
    assert len(set(seeds)) == len(seeds)


def test_every_product_asked_for_has_one_to_six_offers_of_different_sellers(words):
    sellers = defaultdict(list)
    for listing in words:
        sellers[listing.product_id].append(listing.seller_id)
    assert len(sellers) == 400
    assert all(1 <= len(ids) <= 6 and len(set(ids)) == len(ids) for ids in sellers.values())
    assert {len(ids) for ids in sellers.values()} == {1, 2, 3, 4, 5, 6}


def test_listing_ids_are_unique_and_say_nothing_of_the_product(words):
    assert len({one.listing_id for one in words}) == len(words)
    assert all(one.product_id not in one.listing_id for one in words)


def test_listings_of_one_product_are_scattered(words):
    neighbours = sum(a.product_id == b.product_id for a, b in pairwise(words))
    assert neighbours < 0.05 * len(words)


def test_all_listings_of_a_product_agree_on_category_look_and_gtin(words):
    for name in ("category", "look_id"):
        assert len({(one.product_id, getattr(one, name)) for one in words}) == len({one.product_id for one in words})
    told = {(one.product_id, one.gtin) for one in words if one.gtin}
    assert len({product for product, _ in told}) == len(told) == len({gtin for _, gtin in told})


def test_each_gtin_has_a_valid_check_digit_and_begins_with_2(words):
    gtins = [one.gtin for one in words if one.gtin]
    assert gtins
    for gtin in gtins:
        assert len(gtin) == 13
        assert gtin[0] == "2"
        assert sum(int(d) * (1, 3)[place % 2] for place, d in enumerate(gtin)) % 10 == 0


def test_check_digit_of_a_worked_example():
    assert check_digit("400638133393") == 1


def test_prices_are_decimal_numbers_with_two_places(words):
    assert all(Decimal(one.price) > 0 and Decimal(one.price).as_tuple().exponent == -2 for one in words)


def test_every_listing_has_a_title_or_a_photo(listings):
    assert all(one.title or one.image for one in listings)
    assert all(one.title is None or one.title.strip() for one in listings)


def test_some_listings_have_no_photo_and_some_no_telling_title():
    many = generate_catalogue(60, SEED)
    share_without_photo = sum(one.image is None for one in many) / len(many)
    assert 0.02 < share_without_photo < 0.2
    names = {product.product_id: product.model for product in generate_products(60, SEED)}
    dumb = [one for one in many if not one.title or _silent(one.title, names[one.product_id])]
    assert 0.03 < len(dumb) / len(many) < 0.35
    assert all(one.image for one in dumb)


def _silent(title, model):
    return model.brand.lower() not in title.lower() and model.name.lower() not in title.lower()


def test_sellers_of_one_product_write_different_titles(words):
    titles = defaultdict(list)
    for one in words:
        titles[one.product_id].append(one.title)
    several = [found for found in titles.values() if len(found) > 1]
    assert sum(len(set(found)) == len(found) for found in several) > 0.9 * len(several)


def test_there_are_twins_to_be_mistaken_for_each_other():
    products = generate_products(400, SEED)
    by_look, by_shape, by_name = defaultdict(set), defaultdict(set), defaultdict(set)
    for product in products:
        by_look[product.look].add(product.size)
        by_shape[product.look.shape].add(product.model.brand)
        by_name[product.model.brand, product.model.name].add(product.colour)
    assert sum(len(sizes) > 1 for sizes in by_look.values()) > 8
    assert sum(len(brands) > 1 for brands in by_shape.values()) > 10
    assert sum(len(colours) > 1 for colours in by_name.values()) > 20


def test_a_smaller_catalogue_has_the_first_products_of_a_larger_one():
    assert generate_products(10, SEED) == generate_products(40, SEED)[:10]


def test_photos_are_small_jpeg_files_of_one_size(listings):
    photos = [one.image for one in listings if one.image]
    assert photos
    for photo in photos:
        with Image.open(io.BytesIO(photo)) as image:
            image.load()
            assert (image.format, image.mode, image.size) == ("JPEG", "RGB", (200, 200))
        assert len(photo) < 20_000


def test_two_sellers_photos_of_one_product_differ(listings):
    photos = [one.image for one in listings if one.image]
    assert len(set(photos)) == len(photos)


def test_written_catalogue_names_the_photos_relative_to_its_folder(listings, tmp_path):
    path = write_catalogue(listings, tmp_path)
    records = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    assert [record["listing_id"] for record in records] == [one.listing_id for one in listings]
    for record, listing in zip(records, listings, strict=True):
        assert record["product_id"] == listing.product_id
        assert None not in record.values()
        if listing.image is None:
            assert "image" not in record
        else:
            assert (tmp_path / record["image"]).read_bytes() == listing.image


def test_the_command_writes_a_catalogue_and_says_what_is_in_it(tmp_path, capsys):
    main(["--products", "4", "--seed", "9", "-o", str(tmp_path)])
    written = (tmp_path / "listings.jsonl").read_text(encoding="utf-8").splitlines()
    assert len(written) == len(generate_catalogue(4, 9, photos=False))
    assert f"{len(written)} listings of 4 products" in " ".join(capsys.readouterr().out.split())
