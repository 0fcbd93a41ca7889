"""Match lists: who is in them, in which order, and what is told about each."""

import numpy as np
import pytest
from fakes.references import list_of

from encoders.types import Modality
from streams.events import Match
from streams.matching import Policy, Similarities

IMAGE, TEXT, LEXICAL = Modality.IMAGE, Modality.TEXT, Modality.LEXICAL
NAN = float("nan")
POLICY = Policy(match_threshold=0.9, sure_thresholds={IMAGE: 0.98, LEXICAL: 0.95})


def matches(combined, single=None, policy=POLICY, listing_id="me"):
    """The list of a listing from its combined similarities, by id, and single ones in the same order."""
    rows = {modality: np.array([row]) for modality, row in (single or {}).items()}
    found = Similarities(np.array([list(combined.values())]), rows)
    return list_of(listing_id, list(combined), 0, found, policy).matches


def ids(list_):
    return [match.listing_id for match in list_]


def test_a_match_tells_its_similarities_and_the_rule_that_decided():
    found = matches({"b": 0.941234}, {IMAGE: [0.91], TEXT: [0.888888], LEXICAL: [0.77]})
    evidence = {"image": 0.91, "text": 0.8889, "lexical": 0.77, "rule": "combined>=0.90"}
    assert found == (Match("b", 0.9412, evidence),)


def test_a_modality_that_one_of_the_two_lacks_is_no_evidence():
    assert matches({"b": 0.95}, {IMAGE: [NAN], TEXT: [0.95]})[0].evidence == {"text": 0.95, "rule": "combined>=0.90"}


def test_similar_to_exactly_the_threshold_is_a_match():
    assert ids(matches({"a": 0.9, "b": 0.899999})) == ["a"]
    exact = np.round(np.array([[0.1 + 0.2 + 0.6]]), 6)
    assert ids(list_of("me", ["a"], 0, Similarities(exact, {}), POLICY).matches) == ["a"]


def test_one_sure_modality_is_enough_and_is_named():
    found = matches({"a": 0.5, "b": 0.5, "c": 0.5}, {IMAGE: [0.98, 0.97, NAN], LEXICAL: [0.1, 0.95, 0.94]})
    assert [(match.listing_id, match.evidence["rule"]) for match in found] == [
        ("a", "image>=0.98"),
        ("b", "lexical>=0.95"),
    ]


def test_a_modality_without_a_weight_can_be_sure():
    policy = Policy(weights={TEXT: 1}, match_threshold=0.9, sure_thresholds={IMAGE: 0.98})
    found = matches({"a": -1.0}, {IMAGE: [1.0]}, policy)
    assert found == (Match("a", -1.0, {"image": 1.0, "rule": "image>=0.98"}),)


def test_the_combined_rule_is_named_before_a_sure_one():
    assert matches({"a": 0.9}, {IMAGE: [1.0]})[0].evidence["rule"] == "combined>=0.90"


@pytest.mark.parametrize(
    ("threshold", "rule"),
    [(0.9, "0.90"), (1.0, "1.00"), (0.85, "0.85"), (0.855, "0.855"), (0.8734, "0.8734"), (0.123456, "0.123456")],
)
def test_a_rule_tells_its_threshold_with_every_digit(threshold, rule):
    policy = Policy(match_threshold=threshold, sure_thresholds={IMAGE: threshold})
    assert matches({"a": 1.0}, {IMAGE: [1.0]}, policy)[0].evidence["rule"] == f"combined>={rule}"
    assert matches({"a": 0.0}, {IMAGE: [1.0]}, policy)[0].evidence["rule"] == f"image>={rule}"


def test_the_most_similar_come_first_and_equals_by_id():
    assert ids(matches({"d": 0.95, "b": 0.99, "c": 0.95, "a": 0.92})) == ["b", "c", "d", "a"]


def test_differences_too_small_to_be_shown_still_order_the_list():
    found = matches({"a": 0.950001, "b": 0.950002})
    assert ids(found) == ["b", "a"]
    assert {match.similarity for match in found} == {0.95}


def test_the_list_ends_at_its_limit_with_the_most_similar():
    policy = POLICY.model_copy(update={"list_limit": 2})
    assert ids(matches({"a": 0.91, "b": 0.99, "c": 0.95}, policy=policy)) == ["b", "c"]


def test_a_listing_is_never_in_its_own_list_nor_takes_a_place_in_it():
    policy = POLICY.model_copy(update={"list_limit": 1})
    assert ids(matches({"me": 1.0, "a": 0.91}, policy=policy)) == ["a"]


def test_each_listing_is_judged_by_its_own_row():
    found = Similarities(np.array([[0.0, 0.95], [0.95, 0.0]]), {TEXT: np.array([[NAN, 0.95], [0.95, NAN]])})
    assert [ids(list_of(i, ["a", "b"], row, found, POLICY).matches) for row, i in enumerate("ab")] == [["b"], ["a"]]


def test_among_nobody_there_is_no_match():
    assert matches({}) == ()
