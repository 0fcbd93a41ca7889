"""How points lie in the engine."""

from types import SimpleNamespace

import numpy as np
import pytest

from encoders.types import Modality
from streams.errors import IndexMismatchError
from streams.index import View
from streams.index.layout import Layout, hits, point_id, score_floor, vector_name

LAYOUT = Layout("g1", {Modality.IMAGE: 3, Modality.TEXT: 2})


def test_a_listings_point_id_is_the_same_for_ever():
    assert point_id("s1-9") == "c47011d1-b533-5b23-87a4-7b3b04939f6c"


def test_vectors_are_named_by_modality_and_view():
    assert vector_name(View.RAW, Modality.IMAGE) == "image_raw"
    assert LAYOUT.vector_names([View.BLENDED]) == ["image_blended", "text_blended", "lexical_blended"]


def test_sparse_modalities_have_no_dimension_even_if_one_is_given():
    assert Layout("g1", {Modality.LEXICAL: 9}).dense_vectors() == {}
    assert LAYOUT.sparse_vectors() == ("lexical_raw", "lexical_blended")


def test_placeholders_read_as_absent():
    vectors = {
        "image_raw": [0.0, 0.0, 0.0],
        "text_raw": [1.0, 0.0],
        "lexical_raw": SimpleNamespace(indices=[], values=[]),
    }
    point = LAYOUT.point(SimpleNamespace(payload={"listing_id": "a", "x": None, "y": 1}, vector=vectors))
    assert (point.listing_id, point.payload, set(point.raw)) == ("a", {"y": 1}, {Modality.TEXT})


def test_a_point_without_vectors_reads_as_empty_views():
    point = LAYOUT.point(SimpleNamespace(payload={"listing_id": "a"}, vector=None))
    assert (point.raw, point.blended) == ({}, {})


def test_the_floor_sent_is_one_step_below_and_hits_are_compared_again():
    floor = float(np.float32(0.25))
    assert score_floor(floor) < floor
    scored = [SimpleNamespace(score=score, payload={"listing_id": "a"}) for score in (0.3, floor, score_floor(floor))]
    assert [hit.similarity for hit in hits(scored, floor)] == [0.3, floor]


@pytest.mark.parametrize("stored", [{}, {"image_raw": 3}, {**LAYOUT.dense_vectors(), "text_raw": 9}])
def test_stored_vectors_that_differ_are_refused(stored: dict[str, int]):
    with pytest.raises(
        IndexMismatchError, match="image_blended 3, image_raw 3, text_blended 2, text_raw 2 wanted; run"
    ):
        LAYOUT.check_stored(stored)


def test_the_same_stored_vectors_are_fine():
    LAYOUT.check_stored(LAYOUT.dense_vectors())
