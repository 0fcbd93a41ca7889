"""From listings to what encoders are trained on: labels, titles, photos, rows and numbers."""

import numpy as np
import pytest
from fakes.hash_encoder import HashEncoder
from fakes.trainable import events_of, picture

from encoders.types import Modality, Numeric
from streams.errors import SettingsError
from streams.learning import embedding
from streams.learning.cache import RowCache
from streams.learning.embedding import EmbeddingSource
from streams.learning.examples import examples_with_photos, examples_with_rows, labels_to_train_on
from streams.learning.pair_files import SaidPairs
from streams.settings import Settings


@pytest.fixture
def settings(tmp_path):
    """With an image root that has a photo."""
    (tmp_path / "red.png").write_bytes(picture("red"))
    return Settings(_env_file=None, image_root=tmp_path)


def test_a_field_says_the_labels(telling, warnings):
    everything = events_of(a={"product": "p"}, b={"product": 7}, c={})
    assert labels_to_train_on(everything, "product", None, telling) == {"a": "p", "b": "7"}
    assert warnings == ["label 'product': 1 listings lack it and are left out: 'c'"]


def test_pairs_make_labels(telling, warnings):
    everything = events_of(a={}, b={}, c={}, d={})
    pairs = [("b", "a"), ("b", "c"), ("a", "gone")]
    assert labels_to_train_on(everything, None, SaidPairs(pairs), telling) == {"a": "a", "b": "a", "c": "a"}
    assert warnings == [
        "1 of 3 pairs have a listing that is not in the file",
        "1 of 4 listings are in no pair; they are left out",
    ]


def test_labels_and_pairs_add_up_and_only_who_is_in_neither_is_left_out(telling, warnings):
    everything = events_of(a={"product": "p"}, b={}, c={"product": "q"}, d={})
    assert labels_to_train_on(everything, "product", SaidPairs([("a", "b")]), telling) == {"a": "p", "b": "p", "c": "q"}
    assert warnings == ["1 of 4 listings are in no pair and have no label; they are left out"]


def test_pairs_that_are_different_keep_their_listings_apart(telling, warnings):
    everything = events_of(a={}, b={}, c={}, d={}, e={}, f={})
    said = SaidPairs([("a", "b"), ("d", "e")], [("b", "c"), ("d", "e"), ("c", "gone")], [("a", "f")])
    assert labels_to_train_on(everything, None, said, telling) == {"a": "a", "b": "a", "c": "c"}
    assert warnings == [
        "1 of 5 pairs have a listing that is not in the file",
        "1 pairs are said to be different and have one label, 'd' and 'e' among them: these listings are left out",
        "3 of 6 listings are in no pair; they are left out",
    ]


def test_pairs_of_other_listings_are_an_error(telling):
    with pytest.raises(SettingsError, match="pairs: none with both listings in the file, some wanted; give the li"):
        labels_to_train_on(events_of(a={}, b={}), None, SaidPairs([("a", "x")]), telling)


def test_a_field_that_nobody_has_is_an_error_beside_pairs_too(telling):
    with pytest.raises(SettingsError, match="label 'produkt': none of 2 listings has it"):
        labels_to_train_on(events_of(a={}, b={}), "produkt", SaidPairs([("a", "b")]), telling)


def test_examples_with_photos_have_all_that_is_looked_at(settings, telling, tmp_path):
    everything = events_of(
        b={"title": " red shoe ", "image": "red.png", "category": "shoes", "price": "2.50", "currency": "EUR"},
        a={"image": "gone.png"},
        c={"title": None, "image": "red.png"},
        d={},
    )
    labels = {"b": "p", "a": "q", "c": "p"}
    found = examples_with_photos(everything, labels, settings, tmp_path / "kept", telling)
    assert [(one.listing_id, one.label, one.title, one.image, one.category) for one in found.all] == [
        ("a", "q", "red shoe", None, ""),
        ("b", "p", "red shoe", tmp_path / "red.png", "shoes"),
        ("c", "p", "", tmp_path / "red.png", ""),
    ]
    assert found.all[1].numbers[Numeric.LOG_PRICE] == pytest.approx(np.log(2.5))
    assert not found.all[1].rows


def test_where_nobody_looks_at_photos_none_is_read(settings, telling, warnings):
    found = examples_with_photos(events_of(a={"image": "gone.png"}), {"a": "p"}, settings, None, telling)
    assert found.all[0].image is None
    assert warnings == []


def test_examples_with_rows_have_what_frozen_encoders_made_of_them(settings, telling, tmp_path, monkeypatch):
    encoder = HashEncoder({Modality.TEXT: 32}, lexical=False)
    source = EmbeddingSource(lambda: encoder, None, {Modality.TEXT: RowCache(tmp_path, 32, telling.warn)})
    monkeypatch.setattr(embedding, "source_of", lambda *_: source)
    everything = events_of(b={"title": "red shoe 8"}, a={"title": "blue shoe"}, c={})
    found = examples_with_rows(everything, {"a": "p", "b": "p"}, None, settings, kept=tmp_path, telling=telling)
    assert [one.listing_id for one in found.all] == ["a", "b"]
    (wanted,) = encoder.encode([everything["b"].listing])
    assert np.array_equal(found.all[1].rows[Modality.TEXT], wanted.embedding[Modality.TEXT])
    assert found.all[1].numbers[Numeric.NUMBERS] == pytest.approx(np.log(2))
