import numpy as np
import pytest
from fakes.labelled import labelled, policy

from encoders.metrics import pairs_needed
from streams.errors import SettingsError
from streams.evaluation.comparing import Comparer
from streams.evaluation.judged import Sample, calibrate_judged
from streams.evaluation.variations import base_of
from streams.learning.pair_files import SaidPairs
from streams.matching.auditing import by_lot
from streams.matching.rules import Rules

TARGET = 0.95


@pytest.fixture(scope="module")
def shop():
    """A catalogue, rules that match too much, and what a person who knows the products says of every match by lot."""
    catalogue = labelled([2] * 800, noise=0.8, categories=("Lamps",))
    rules = Rules(policy(match_threshold=0.5, review_threshold=0.45, blend={"neighbors": 0, "threshold": 0.5}))
    compared = Comparer(catalogue, rules).compare(base_of(rules.policy))
    found = compared.candidates.at(compared.scores >= 0.5)
    ids, codes = catalogue.listing_ids, catalogue.codes
    truth = {
        (ids[i], ids[j]): bool(codes[i] == codes[j])
        for i, j in zip(found.one.tolist(), found.other.tolist(), strict=True)
    }
    return catalogue, rules, {pair: truth[pair] for pair in by_lot(truth)}


def said_of(truth, number):
    some = list(truth.items())[:number]
    return SaidPairs([pair for pair, same in some if same], [pair for pair, same in some if not same])


def true_precision(catalogue, rules, threshold):
    compared = Comparer(catalogue, rules).compare(base_of(rules.policy))
    at = compared.candidates.at(compared.scores >= threshold)
    return float(at.same(catalogue.codes).mean())


def test_a_stricter_threshold_keeps_the_promise_and_review_stays_where_it_was(shop):
    catalogue, rules, truth = shop
    assert true_precision(catalogue, rules, 0.5) < TARGET
    found = calibrate_judged(catalogue, rules, said_of(truth, 700), TARGET)
    [one] = [each for each in (found.calibration.general, *found.calibration.categories) if each.match is not None]
    assert found.sample is Sample.AUDIT
    assert len(found.pairs) == 700
    assert 0.5 < one.match < 1
    assert true_precision(catalogue, rules, one.match) >= TARGET
    assert one.review == 0.45


def test_what_was_judged_out_of_turn_does_not_count_beside_an_audit(shop):
    catalogue, rules, truth = shop
    audit, ordered = said_of(truth, 700), list(truth)
    out_of_turn = [pair for pair in ordered[-20:] if not truth[pair]]
    assert out_of_turn
    more = SaidPairs(audit.same, [*audit.different, *out_of_turn])
    assert calibrate_judged(catalogue, rules, more, TARGET) == calibrate_judged(catalogue, rules, audit, TARGET)


def test_without_an_audit_all_that_was_judged_counts_and_is_called_so(shop):
    catalogue, rules, truth = shop
    some = list(truth)[1::2]
    said = SaidPairs([one for one in some if truth[one]], [one for one in some if not truth[one]])
    found = calibrate_judged(catalogue, rules, said, TARGET)
    assert (found.sample, len(found.pairs)) == (Sample.JUDGED, len(some))


def test_too_few_verdicts_are_refused_with_how_many_are_missing(shop):
    catalogue, rules, truth = shop
    least = -(-pairs_needed(0.99, 1.0, 0.975) * 3 // 2)
    with pytest.raises(SettingsError) as caught:
        calibrate_judged(catalogue, rules, said_of(truth, 40), 0.99)
    assert caught.value.subject == "audited pairs"
    assert caught.value.wanted == f"enough to show a precision of 0.99: {least - 40} more"


def test_verdicts_that_are_just_too_few_are_refused_too(shop):
    catalogue, rules, truth = shop
    all_same = SaidPairs(list(truth)[:108])
    with pytest.raises(SettingsError, match=r"audited pairs: \d+ of \d+ right in the part that tests.*about \d+ more"):
        calibrate_judged(catalogue, rules, all_same, TARGET)


def test_where_labels_will_not_help_all_goes_to_people(shop):
    catalogue, rules, truth = shop
    random = np.random.default_rng(0)
    pairs = list(truth)[:400]
    guessed = random.random(len(pairs)) < 0.5
    said = SaidPairs(
        [pair for pair, same in zip(pairs, guessed, strict=True) if same],
        [pair for pair, same in zip(pairs, guessed, strict=True) if not same],
    )
    found = calibrate_judged(catalogue, rules, said, TARGET).calibration
    assert (found.general.match, found.general.missing, found.general.review) == (None, None, 0.45)
