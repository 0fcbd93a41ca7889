import numpy as np
import pytest

from encoders.types import Modality
from streams.learning.generated_words import with_generated_words
from streams.matching import Policy
from streams.matching.similarity import combine

PLAIN = {Modality.TEXT, Modality.LEXICAL, Modality.IMAGE}
SEEING = PLAIN | {Modality.TEXT_OR_CAPTION, Modality.LEXICAL_OR_CAPTION}
BASE = {"weights": {"image": 2.0, "text": 1.0, "lexical": 3.0}, "match_threshold": 0.7}
HALVED = {"image": 2.0, "text": 0.5, "text_or_caption": 0.5, "lexical": 1.5, "lexical_or_caption": 1.5}


def similarity(single, policy):
    return float(combine({one: np.array(value) for one, value in single.items()}, policy, ()))


def test_half_the_weight_of_the_sellers_words_goes_to_what_stands_in_for_them():
    assert with_generated_words(BASE, SEEING, "bundle") == {**BASE, "weights": HALVED}
    assert with_generated_words(with_generated_words(BASE, SEEING, "bundle"), SEEING, "bundle")["weights"] == HALVED


def test_the_default_weights_are_halved_where_the_base_states_none():
    weights = with_generated_words({}, SEEING, "bundle")["weights"]
    assert weights == {"image": 2.0, "text": 0.5, "text_or_caption": 0.5, "lexical": 1.0, "lexical_or_caption": 1.0}


def test_two_titles_that_say_enough_are_as_similar_as_before_and_generated_words_count_half():
    before, after = (Policy.from_json(one, "bundle") for one in (BASE, with_generated_words(BASE, SEEING, "bundle")))
    own = {Modality.TEXT: 0.8, Modality.LEXICAL: 0.3, Modality.IMAGE: 0.6}
    long = {**own, Modality.TEXT_OR_CAPTION: 0.8, Modality.LEXICAL_OR_CAPTION: 0.3}
    assert similarity(long, after) == pytest.approx(similarity(own, before))
    untitled = {Modality.IMAGE: 0.6, Modality.TEXT_OR_CAPTION: 0.8, Modality.LEXICAL_OR_CAPTION: 0.3}
    assert similarity(untitled, after) == pytest.approx((2 * 0.6 + 0.5 * 0.8 + 1.5 * 0.3) / 4)


def test_where_captions_are_left_out_the_sellers_words_have_all_their_weight_again():
    assert with_generated_words({**BASE, "weights": HALVED}, PLAIN, "bundle") == BASE


def test_what_stands_in_is_calibrated_and_blended_like_what_it_stands_for():
    curve = {"x": [0.0, 1.0], "y": [0.0, 0.5]}
    blend = {"neighbors": 5, "threshold": 0.5, "narrower": {"lexical": {"neighbors": 2, "threshold": 0.6}}}
    found = with_generated_words({**BASE, "calibrations": {"text": curve}, "blend": blend}, SEEING, "bundle")
    assert found["calibrations"] == {"text": curve, "text_or_caption": curve}
    assert found["blend"]["narrower"]["lexical_or_caption"] == {"neighbors": 2, "threshold": 0.6}
    assert Policy.from_json(found, "bundle").weights[Modality.TEXT_OR_CAPTION] == 0.5


@pytest.mark.parametrize("matching", [BASE, {**BASE, "combination": "product"}])
def test_nothing_changes_where_there_is_nothing_to_divide(matching):
    modalities = PLAIN if "combination" not in matching else SEEING
    assert with_generated_words(matching, modalities, "bundle") == matching
