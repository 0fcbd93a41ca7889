from dataclasses import replace

import numpy as np
import orjson
import pytest
from fakes.hash_encoder import HashEncoder

from encoders.types import Modality
from streams.errors import SettingsError
from streams.events import Message, read_listing_event
from streams.learning import embedding, label_catalogue
from streams.learning.cache import RowCache
from streams.learning.embedding import EmbeddingSource
from streams.learning.telling import Telling
from streams.settings import Settings


def event(number, **fields):
    listing = {"listing_id": f"l{number}", "title": f"red shoe {number}", **fields}
    return read_listing_event(Message("listings", f"l{number}".encode(), orjson.dumps(listing), offset=number))


class Bundled:
    """Stands for a bundle: only what errors name is asked of it."""

    modalities = frozenset({Modality.TEXT})


class Broken(HashEncoder):
    """An encoder whose rows for one title are no numbers."""

    def encode(self, contents):
        return [
            replace(one, embedding={**one.embedding, Modality.TEXT: np.full(32, np.nan, np.float32)})
            if content.title == "red shoe 1"
            else one
            for content, one in zip(contents, super().encode(contents), strict=True)
        ]


@pytest.fixture
def label(monkeypatch, warnings):
    """Labels events, embedded by an encoder without torch whose rows are kept in a folder."""

    def run(events, field="product", encoder=None, kept=None):
        dense = encoder or HashEncoder({Modality.TEXT: 32}, lexical=False)
        cache = RowCache(kept, 32, warnings.append)
        source = EmbeddingSource(lambda: dense, HashEncoder({}), {Modality.TEXT: cache})
        monkeypatch.setattr(embedding, "source_of", lambda *_: source)
        return label_catalogue(events, field, Bundled(), Settings(), kept=None, telling=Telling(warnings.append))

    return run


def test_listings_come_with_their_labels_words_and_rows(label):
    found = label([event(1, product="a", category="shoes"), event(2, product=7, image="x.jpg")])
    assert found.listing_ids == ("l1", "l2")
    assert found.labels == ("a", "7")
    assert found.categories == ("shoes", "")
    assert found.images == ("", "x.jpg")
    assert found.details[0].title == "red shoe 1"
    assert set(found.embeddings["l1"]) == {Modality.TEXT, Modality.LEXICAL}


def test_groups_of_one_are_fine(label):
    assert label([event(1, product="a"), event(2, product="b")]).codes.tolist() == [0, 1]


@pytest.mark.parametrize("nothing", [None, "", "  ", True, 1.5, ["a"], {"id": "a"}])
def test_listings_without_a_usable_label_are_named_and_left_out(label, warnings, nothing):
    found = label([event(1, product="a"), event(2, product=nothing), event(3)])
    assert found.listing_ids == ("l1",)
    assert warnings == ["label 'product': 2 listings lack it and are left out: 'l2', 'l3'"]


def test_a_label_that_nobody_has_is_an_error_that_names_the_fields_there_are(label):
    with pytest.raises(
        SettingsError, match="label 'produkt': none of 1 listings has it; their fields are listing_id, p"
    ):
        label([event(1, product="a")], field="produkt")


def test_a_listing_without_any_modality_is_named_and_left_out(label, warnings):
    found = label([event(1, product="a"), event(2, product="a", title=None, image="x.jpg")])
    assert found.listing_ids == ("l1",)
    assert warnings == ["1 listings have nothing that could be embedded and are left out: 'l2'"]


def test_nothing_that_can_be_embedded_is_an_error(label):
    with pytest.raises(SettingsError, match="nothing that could be embedded, something to compare: text wanted"):
        label([event(2, product="a", title=None, image="x.jpg")])


def test_rows_that_are_no_numbers_are_left_out_and_never_kept(label, warnings, tmp_path):
    events = [event(1, product="a"), event(2, product="a")]
    found = label(events, encoder=Broken({Modality.TEXT: 32}, lexical=False), kept=tmp_path)
    assert set(found.embeddings["l1"]) == {Modality.LEXICAL}
    assert set(found.embeddings["l2"]) == {Modality.TEXT, Modality.LEXICAL}
    assert warnings == ["listing 'l1': its text embedding is not a number in some places; it is compared without"]
    assert set(label(events, kept=tmp_path).embeddings["l1"]) == {Modality.TEXT, Modality.LEXICAL}


def test_a_second_run_embeds_only_what_is_new(label, tmp_path):
    encoder = HashEncoder({Modality.TEXT: 32}, lexical=False)
    first = label([event(1, product="a"), event(2, product="a")], encoder=encoder, kept=tmp_path)
    assert encoder.encoded == 2
    again = label([event(1, product="a"), event(2, product="a"), event(3, product="b")], encoder=encoder, kept=tmp_path)
    assert encoder.encoded == 3
    assert np.array_equal(first.embeddings["l1"][Modality.TEXT], again.embeddings["l1"][Modality.TEXT])


def test_the_newest_version_of_a_listing_counts(label):
    found = label([event(1, product="a", version=2), event(1, product="b", version=1)])
    assert found.labels == ("a",)


def test_part_of_a_catalogue_keeps_everything_in_step(shop):
    catalogue = shop(5)
    some = catalogue.at([3, 1])
    assert some.listing_ids == ("l0003", "l0001")
    assert list(some.embeddings) == ["l0003", "l0001"]
    assert some.labels == (catalogue.labels[3], catalogue.labels[1])
    assert some.details[0] is catalogue.details[3]
