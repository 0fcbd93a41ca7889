import csv

import pytest
from real_data import WORDS_OF_A_PIECE, grocery, grocery_half, grocery_pieces, is_described

WORDS = "round and red with a crisp bite that keeps for weeks in a cool cellar"


@pytest.fixture
def folder(tmp_path):
    """Sixty products of three photos each."""
    home = tmp_path / "grocery"
    home.mkdir()
    fields = ("path", "product_id", "product", "coarse", "description_path")
    with (home / "photos.csv").open("w", encoding="utf-8", newline="") as file:
        rows = csv.DictWriter(file, fields)
        rows.writeheader()
        for product in range(60):
            (home / f"{product}.txt").write_text(f"Kind {product}\n{WORDS}\n", encoding="utf-8")
            for photo in range(3):
                path = f"train/{product}_{photo}.jpg"
                rows.writerow(dict(zip(fields, (path, product, f"P{product}", "Apple", f"{product}.txt"), strict=True)))
    return tmp_path


def of_both(made, folder):
    return [one for part in ("tune", "score") for one in made(folder, part, 1000)]


def test_about_half_of_the_photos_are_described_and_the_others_have_no_title(folder):
    found = of_both(grocery_half, folder)
    described = [one for one in found if "title" in one]
    assert len(found) == 180
    assert 60 < len(described) < 120
    assert all(is_described(one["image"]) == ("title" in one) for one in found)


def test_a_description_is_the_products_and_never_the_coarse_name(folder):
    titles = {one["image"]: one["title"] for one in of_both(grocery_half, folder) if "title" in one}
    assert all(title == f"Kind {path.split('/')[1].split('_')[0]} {WORDS}" for path, title in titles.items())


def test_pieces_are_words_in_a_row_of_the_description_and_differ(folder):
    whole = {one["listing_id"]: one.get("title") for one in of_both(grocery_half, folder)}
    pieces = {one["listing_id"]: one.get("title") for one in of_both(grocery_pieces, folder)}
    assert {one for one, title in whole.items() if title} == {one for one, title in pieces.items() if title}
    cut = [title for title in pieces.values() if title]
    assert all(title in whole[one] for one, title in pieces.items() if title)
    assert {len(title.split()) for title in cut} == {WORDS_OF_A_PIECE}
    assert len(set(cut)) > len(cut) / 4


def test_a_short_description_is_its_own_piece(folder):
    for file in (folder / "grocery").glob("*.txt"):
        file.write_text("a few words")
    assert {one.get("title") for one in of_both(grocery_pieces, folder)} == {"a few words", None}


def test_the_photos_are_the_same_in_every_set(folder):
    sets = [{one["image"]: one["product_id"] for one in of_both(made, folder)} for made in (grocery, grocery_half)]
    assert sets[0] == sets[1]
