"""Explaining one decision: the same outcome as in the lists, in words and numbers."""

import numpy as np
import pytest

from encoders.types import Modality
from streams.events import Verdict
from streams.matching import Compared, Details, Outcome, Policy, Rules, Side, Table, match_lists, similarities
from streams.matching.details import Described
from streams.matching.explanation import explain
from streams.matching.variants import VetoKind

IMAGE, TEXT = Modality.IMAGE, Modality.TEXT
POLICY = Policy(weights={IMAGE: 1, TEXT: 1}, match_threshold=0.8, review_threshold=0.6, sure_thresholds={IMAGE: 0.99})


def at(angle, image=None, title="Phone 64 GB"):
    rows = {TEXT: unit(angle), **({} if image is None else {IMAGE: unit(image)})}
    return Described(rows, Details(title))


def unit(angle):
    return np.array([np.cos(angle), np.sin(angle)], dtype=np.float32)


@pytest.mark.parametrize(
    ("other", "outcome", "reason"),
    [
        (at(0.1, 0.1), Outcome.MATCH, "combined 0.9950>=0.80"),
        (at(0.8, 0.8), Outcome.REVIEW, "combined 0.6967 is between 0.60 and 0.80"),
        (at(1.5, 1.5), Outcome.NO, "not compared: combined 0.07 is below 0.60"),
        (at(1.5, 0.0), Outcome.MATCH, "one modality is sure: image 1.0000>=0.99"),
    ],
)
def test_it_says_what_decided(other, outcome, reason):
    found = explain(at(0.0, 0.0), other, Rules(POLICY))
    assert (found.outcome, found.reason) == (outcome, reason)


def test_a_veto_is_named_and_a_judgement_stands_above_it():
    rules = Rules(POLICY.model_copy(update={"vetoes": frozenset({VetoKind.STORAGE})}))
    one, other = at(0.0, 0.0), at(0.1, 0.1, "Phone 128 GB")
    vetoed = explain(one, other, rules)
    assert (vetoed.outcome, vetoed.reason) == (Outcome.NO, "vetoed: 64 GB against 128 GB")
    judged = explain(one, other, rules, Verdict.SAME)
    assert (judged.outcome, judged.reason) == (Outcome.MATCH, "judged same")
    assert [veto.kind for veto in judged.vetoes] == [VetoKind.STORAGE]
    assert explain(one, at(0.1, 0.1), rules, Verdict.DIFFERENT).reason == "judged different"


def test_a_modality_that_one_lacks_is_not_among_the_numbers():
    found = explain(at(0.0, 0.0), at(0.1), Rules(POLICY))
    assert found.blended == pytest.approx({TEXT: np.cos(0.1)}, abs=1e-6)


def test_the_outcome_is_the_one_in_the_lists():
    rng = np.random.default_rng(3)
    listings = [at(rng.uniform(0, 2), rng.uniform(0, 2) if rng.random() < 0.7 else None) for _ in range(30)]
    ids = [f"l{i:02}" for i in range(len(listings))]
    table = Table.of(dict(zip(ids, (one.embedding for one in listings), strict=True)))
    side = Side(ids, [one.details for one in listings])
    rules = Rules(POLICY)
    lists = match_lists(Compared(side, side, similarities(table, table, POLICY)), rules)
    for i, (one, list_) in enumerate(zip(listings, lists, strict=True)):
        matches, review, _ = ({match.listing_id for match in some} for some in list_)
        for j, other in enumerate(listings):
            outcome = explain(one, other, rules).outcome
            if i != j:
                assert (ids[j] in matches, ids[j] in review) == (outcome is Outcome.MATCH, outcome is Outcome.REVIEW)
