"""Records of labelled pairs become listings, and stay apart where labels keep them apart."""

import pytest
from benchmarks.labelled.records import AS_THEY_STAND, Titles, as_listing, fields_of, read_pairs
from benchmarks.labelled.table import already_in

LAPTOP = "COL title VAL thinkpad x60 COL brand VAL lenovo COL modelno VAL 41-U4820 COL price VAL 9.0 "
DRYER = "COL name VAL electric dryer COL description VAL electric dryer white with steam COL price VAL  "


def record(title):
    return f"COL title VAL {title} COL price VAL 1.0 "


def written(folder, *lines):
    file = folder / "train.txt"
    file.write_text("".join("\t".join(line) + "\n" for line in lines), encoding="utf-8")
    return file


def test_a_record_is_read_by_its_columns_and_empty_ones_are_empty():
    assert fields_of(DRYER) == {
        "name": "electric dryer",
        "description": "electric dryer white with steam",
        "price": "",
    }


def test_a_listing_has_everything_but_the_price():
    listing = as_listing("left", LAPTOP, AS_THEY_STAND)
    assert listing.pop("listing_id").startswith("left-")
    assert listing == {"title": "thinkpad x60", "brand": "lenovo", "attributes": {"modelno": "41-U4820"}}


def test_a_model_number_is_written_behind_a_title_that_lacks_it():
    assert as_listing("left", LAPTOP, Titles())["title"] == "thinkpad x60 41-U4820"


def test_a_model_number_that_the_title_spells_otherwise_is_not_written_twice():
    titled = LAPTOP.replace("thinkpad x60", "thinkpad x60 41U4820")
    assert as_listing("left", titled, Titles())["title"] == "thinkpad x60 41U4820"


@pytest.mark.parametrize(("words", "title"), [(0, "electric dryer"), (4, "electric dryer white with")])
def test_a_short_title_is_filled_up_with_the_words_of_the_description_that_it_lacks(words, title):
    assert as_listing("left", DRYER, Titles(words=words))["title"] == title


def test_a_record_has_the_same_id_in_every_file_and_another_on_the_other_side():
    ids = [as_listing(side, LAPTOP, titles)["listing_id"] for side in ("left", "right") for titles in (Titles(),) * 2]
    assert ids[0] == ids[1] != ids[2] == ids[3]


def test_records_that_read_alike_on_one_side_are_one(tmp_path):
    found = read_pairs(written(tmp_path, (record("a"), record("b"), "1"), (record("a"), record("a"), "0")), Titles())
    assert len(found.listing_ids) == 3
    assert found.own.tolist() == [0, 0]
    assert found.other.tolist() == [1, 2]
    assert found.same.tolist() == [True, False]


def test_only_pairs_of_the_same_product_join_groups(tmp_path):
    lines = [("a", "b", "1"), ("c", "b", "1"), ("c", "d", "0")]
    found = read_pairs(written(tmp_path, *((record(i), record(j), label) for i, j, label in lines)), Titles())
    group = dict(zip([one.title for one in found.listings], found.groups.tolist(), strict=True))
    assert group["a"] == group["b"] == group["c"] != group["d"]


@pytest.mark.parametrize("line", [(record("a"), record("b")), (record("a"), record("b"), "yes")])
def test_a_line_that_is_no_labelled_pair_is_named(tmp_path, line):
    with pytest.raises(ValueError, match=r"train\.txt:2: .* wanted"):
        read_pairs(written(tmp_path, (record("a"), record("b"), "1"), line), Titles())


def test_pairs_that_read_alike_in_both_files_are_known(tmp_path):
    train = read_pairs(written(tmp_path, (record("a"), record("b"), "1"), (record("c"), record("d"), "0")), Titles())
    valid = read_pairs(written(tmp_path, (record("c"), record("b"), "0"), (record("c"), record("d"), "1")), Titles())
    assert already_in(train, valid).tolist() == [False, True]
