"""Thresholds and weights: what is refused, and how deep searches must go for them."""

import numpy as np
import pytest
from fakes.references import is_match
from hypothesis import given
from hypothesis import strategies as st

from encoders.types import Modality
from streams.errors import SettingsError
from streams.matching import Combination, Policy
from streams.matching.policy import NEVER, SLACK
from streams.matching.similarity import DECIMALS, combine

THRESHOLDS = st.floats(0.0001, 1.0) | st.sampled_from([0.05, 0.5, 0.999999, 1.0])
WEIGHTS = st.dictionaries(st.sampled_from(Modality), st.floats(0.25, 4.0), min_size=1)
POLICIES = st.builds(
    lambda combination, weights, match_threshold, blend_threshold, sure: Policy.model_validate(
        {
            "combination": combination,
            "weights": weights,
            "match_threshold": match_threshold,
            "blend": {"threshold": blend_threshold},
            "sure_thresholds": sure,
        }
    ),
    st.sampled_from(Combination),
    WEIGHTS,
    THRESHOLDS,
    THRESHOLDS,
    st.dictionaries(st.sampled_from(Modality), THRESHOLDS, max_size=2),
)
COSINES = (st.floats(-1, 1) | st.floats(0.9, 1) | st.just(1.0)).map(lambda cosine: round(cosine, DECIMALS))
FOUR = (Modality.IMAGE, Modality.TEXT, Modality.JOINT, Modality.LEXICAL)
"""With as many as there are modalities, a mean of 0.8 needs no words at all."""
SIMILARITIES = st.dictionaries(st.sampled_from(Modality), COSINES, min_size=1)


def combined(single, policy):
    return float(combine({m: np.array([s]) for m, s in single.items()}, policy, (1,))[0])


def found_by_some_search(single, floors):
    return any(single.get(modality, -1.0) >= floor for modality, floor in floors.items())


@given(SIMILARITIES, POLICIES)
def test_whoever_reaches_the_blend_threshold_reaches_the_floor_of_some_search(single, policy):
    if combined(single, policy) >= policy.blend.threshold:
        assert found_by_some_search(single, policy.blend_floors)


@given(SIMILARITIES, POLICIES)
def test_whoever_matches_by_any_rule_reaches_the_floor_of_some_search(single, policy):
    parts = {m: np.array([s]) for m, s in single.items()}
    if is_match(combine(parts, policy, (1,)), parts, policy)[0]:
        assert found_by_some_search(single, policy.match_floors)


@given(SIMILARITIES, WEIGHTS, st.sampled_from(Combination))
def test_whoever_reaches_the_threshold_and_not_a_bit_more_reaches_a_floor(single, weights, combination):
    policy = Policy(combination=combination, weights=weights)
    threshold = combined(single, policy)
    if threshold > 0:
        exact = policy.model_copy(update={"match_threshold": threshold})
        assert found_by_some_search(single, exact.match_floors)


def test_near_a_threshold_of_one_a_product_is_found_by_factors_that_are_not():
    policy = Policy(combination=Combination.PRODUCT, weights=dict.fromkeys(Modality, 1.0), match_threshold=1.0)
    single = dict.fromkeys(Modality, 0.9925)
    assert combined(single, policy) == 1.0
    assert found_by_some_search(single, policy.match_floors)


def test_the_floor_of_a_mean_is_its_threshold_and_words_are_searched_deeper():
    floors = Policy(weights=dict.fromkeys(FOUR, 1.0), match_threshold=0.8).match_floors
    assert floors[Modality.TEXT] == floors[Modality.IMAGE] == floors[Modality.JOINT] == pytest.approx(0.8 - SLACK)
    assert floors[Modality.LEXICAL] == pytest.approx(4 * 0.8 - 3 - SLACK)


@given(st.fixed_dictionaries(dict.fromkeys(FOUR, COSINES)), st.floats(0.8, 1.0))
def test_where_all_modalities_are_there_words_alone_find_whoever_reaches_a_mean(single, threshold):
    policy = Policy(weights=dict.fromkeys(FOUR, 1.0), match_threshold=threshold)
    if combined(single, policy) >= threshold:
        assert single[Modality.LEXICAL] >= policy.match_floors[Modality.LEXICAL]


def test_words_are_never_searched_deeper_than_useful_nor_above_the_threshold():
    weights = dict.fromkeys(Modality, 1.0)
    assert Policy(weights=weights, match_threshold=0.5).match_floors[Modality.LEXICAL] == pytest.approx(0.1 - SLACK)
    assert Policy(weights=weights, match_threshold=0.05).match_floors[Modality.LEXICAL] == pytest.approx(0.05 - SLACK)


def test_the_floor_of_a_product_is_the_root_of_its_distance():
    policy = Policy(combination=Combination.PRODUCT, weights={"image": 1, "text": 1}, match_threshold=0.91)
    assert policy.match_floors == pytest.approx({Modality.IMAGE: 0.7, Modality.TEXT: 0.7}, abs=1e-4)


def test_a_sure_threshold_lowers_the_floor_of_its_modality_only():
    policy = Policy(weights={"text": 1}, match_threshold=0.8, sure_thresholds={"image": 0.95, "text": 0.7})
    assert policy.match_floors == pytest.approx({Modality.TEXT: 0.7 - SLACK, Modality.IMAGE: 0.95 - SLACK})
    assert policy.blend_floors.keys() == {Modality.TEXT}


def test_what_no_decision_is_made_on_is_not_compared_unless_there_is_nothing_else():
    policy = Policy(weights={"text": 1, "joint_image": 1}, match_threshold=0.8, sure_thresholds={"joint_text": 0.9})
    everything = dict.fromkeys(Modality, np.ones(1, np.float32))
    left_out = {Modality.TEXT_OR_CAPTION, Modality.LEXICAL_OR_CAPTION}
    assert set(everything) - set(policy.compared(everything)) == left_out
    alone = dict.fromkeys(left_out, np.ones(1, np.float32))
    assert policy.compared(alone) == alone
    assert policy.compared({}) == {}


REFUSED = [
    ({"match_threshold": 0}, "match_threshold", "0", "greater than 0"),
    ({"match_threshold": 1.01}, "match_threshold", "1.01", "less than or equal to 1"),
    ({"match_threshold": float("nan")}, "match_threshold", "nan", "finite number"),
    ({"review_threshold": 0.9}, "", "{'review_threshold': 0.9}", "above"),
    ({"scorer": "scorer.txt"}, "", "{'scorer': 'scorer.txt'}", "needs a candidate_threshold"),
    ({"calibrations": {"text": {"x": [0], "y": [1]}}}, "calibrations.text.x", "[0]", "at least 2 items"),
    ({"vetoes": ["smell"]}, "vetoes.0", "'smell'", "'gtin'"),
    ({"sure_thresholds": {"image": 2}}, "sure_thresholds.image", "2", "less than or equal to 1"),
    ({"weights": {}}, "weights", "{}", "at least 1 item"),
    ({"weights": {"text": 0}}, "weights.text", "0", "greater than 0"),
    ({"weights": {"text": float("inf")}}, "weights.text", "inf", "finite number"),
    ({"weights": {"smell": 1}}, "weights.smell.[key]", "'smell'", "'image', 'text', "),
    ({"blend": {"neighbors": -1}}, "blend.neighbors", "-1", "greater than or equal to 0"),
    ({"blend": {"neighbours": 3}}, "blend.neighbours", "3", "not permitted"),
    ({"combination": "max"}, "combination", "'max'", "'mean' or 'product'"),
    ({"list_limit": 0}, "list_limit", "0", "greater than or equal to 1"),
    ({"treshold": 0.5}, "treshold", "0.5", "not permitted"),
]


@pytest.mark.parametrize(("value", "where", "got", "wanted"), REFUSED)
def test_a_policy_that_can_not_be_used_is_refused_with_the_place_and_the_remedy(value, where, got, wanted):
    with pytest.raises(SettingsError) as caught:
        Policy.from_json(value, "bundle 'demo'")
    error = caught.value
    assert (error.subject, error.got) == (f"bundle 'demo': matching.{where}".removesuffix("."), got)
    assert wanted in error.wanted
    assert error.remedy == "mend its manifest.json"


def test_a_threshold_that_is_never_reached_leaves_all_to_people():
    assert Policy(match_threshold=NEVER, review_threshold=0.5).candidates == 0.5


def test_a_changed_policy_forgets_what_was_computed_of_the_old_one():
    policy = Policy(match_threshold=0.9)
    assert policy.candidates == 0.9
    assert policy.changed(match_threshold=0.7).candidates == 0.7


def test_a_policy_comes_back_from_json():
    policy = Policy(combination=Combination.PRODUCT, sure_thresholds={"image": 0.97}, weights={"text": 2})
    assert Policy.from_json(policy.model_dump(mode="json"), "bundle") == policy
