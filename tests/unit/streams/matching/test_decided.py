"""What was decided, as it is counted: outcomes, and the similarities of pairs that are looked at."""

import numpy as np

from encoders.types import Modality
from streams.events import Verdict
from streams.matching import Compared, Pairs, Policy, Rules, Side, Similarities, match_lists
from streams.matching.decided import OUTCOMES, SCORE, similarities_of
from streams.matching.details import Details

POLICY = Policy(match_threshold=0.9, review_threshold=0.7, candidate_threshold=0.5, weights={Modality.TEXT: 1.0})


def decided_on(combined, verdicts=None):
    """Of one listing beside others with these similarities, what is told."""
    ids, told = [f"l{i}" for i in range(len(combined))], []
    row = np.array([combined])
    others = Side(ids, [Details()] * len(ids))
    found = Similarities(row, {Modality.TEXT: row, Modality.IMAGE: np.full_like(row, 0.1)})
    compared = Compared(Side(["me"], [Details()]), others, found, {"me": verdicts} if verdicts else {})
    match_lists(compared, Rules(POLICY), told.append)
    [one] = told
    return one


def test_every_candidate_comes_to_one_thing_and_what_people_say_counts_apart():
    said = {"l0": Verdict.DIFFERENT, "l3": Verdict.SAME, "l1": Verdict.UNSURE}
    found = decided_on([0.95, 0.92, 0.8, 0.6, 0.55, 0.4], said).outcomes()
    assert found == {"no": 1, "review": 1, "match": 1, "judged_same": 1, "judged_different": 1}
    assert tuple(found) == OUTCOMES


def found_in(own, other, scores, text, **options):
    places = np.array(own, np.intp), np.array(other, np.intp)
    pairs = Pairs([], [], *places, {Modality.TEXT: np.array(text)}, np.array(scores))
    found = similarities_of(pairs, np.array(scores), POLICY, **options)
    return {name: some.tolist() for name, some in found.items()}


def test_for_drift_each_listing_counts_by_what_is_nearest_to_it():
    nan = float("nan")
    found = found_in([0, 0, 1, 3], [5, 6, 5, 6], [0.6, 0.9, 0.7, 0.8], [0.9, 0.1, nan, 0.3])
    assert found == {SCORE: [0.9, 0.7, 0.8], "text": [0.9, 0.3]}


def test_pairs_that_are_there_once_count_for_both():
    assert found_in([0, 0], [1, 2], [0.6, 0.9], [0.5, 0.5], both_sides=True)[SCORE] == [0.9, 0.6, 0.9]


def test_only_what_is_looked_at_without_a_judgement_counts():
    """A pair that people brought in, however unlike, is none that thresholds were chosen on."""
    assert decided_on([0.2, 0.1], {"l1": Verdict.SAME}).similarities(POLICY)[SCORE].tolist() == []
    found = decided_on([0.6, 0.1], {"l1": Verdict.SAME}).similarities(POLICY)
    assert {name: some.tolist() for name, some in found.items()} == {SCORE: [0.6], "text": [0.6]}


def test_without_pairs_there_is_nothing():
    assert set(decided_on([0.1]).outcomes().values()) == {0}
