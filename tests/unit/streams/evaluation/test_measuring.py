import numpy as np
import pytest
from fakes.labelled import labelled, policy

from encoders.metrics import b_cubed
from streams.cli.truth import score as pair_score
from streams.errors import SettingsError
from streams.evaluation.comparing import Comparer
from streams.evaluation.measuring import FIGURES, by_category, measure, measure_tuned, usable_folds
from streams.evaluation.variations import base_of
from streams.learning import folds
from streams.matching import Catalogue, reference
from streams.matching.grouping import products
from streams.matching.rules import Rules

LIMIT = 50


def compared(catalogue, rules):
    return Comparer(catalogue, Rules(rules)).compare(base_of(rules))


@pytest.mark.parametrize("sure", [{}, {"image": 0.75}])
def test_untuned_figures_are_those_of_the_reference_lists(sure):
    catalogue, rules = labelled([1, 2, 3, 4] * 5, noise=0.9), policy(sure_thresholds=sure, match_threshold=0.75)
    row = measure(compared(catalogue, rules), catalogue, LIMIT)
    details = dict(zip(catalogue.listing_ids, catalogue.details, strict=True))
    lists = {
        one: all_.matches for one, all_ in reference(Catalogue(catalogue.embeddings, details), Rules(rules)).items()
    }
    truth = dict(zip(catalogue.listing_ids, catalogue.labels, strict=True))
    expected = pair_score(lists, truth)
    assert 0 < expected.rates.f1 < 1
    assert row.mean("precision") == pytest.approx(expected.rates.precision)
    assert row.mean("recall") == pytest.approx(expected.rates.recall)
    assert row.mean("f1") == pytest.approx(expected.rates.f1)
    by_hand = [
        2 * len(found & true) / (len(found) + len(true))
        for one in lists
        for found in [{one, *(match.listing_id for match in lists[one])}]
        for true in [{other for other in truth if truth[other] == truth[one]}]
    ]
    assert row.mean("mean_f1") == pytest.approx(np.mean(by_hand))
    groups = {member: i for i, group in enumerate(products(lists, LIMIT).values()) for member in group.members}
    agreement = b_cubed(np.array([groups[one] for one in catalogue.listing_ids]), catalogue.codes)
    assert row.mean("b_cubed_f1") == pytest.approx(agreement.f1)


def test_a_threshold_is_chosen_on_other_products_and_labels_of_its_own_do_not_matter():
    catalogue = labelled([2, 3, 4] * 12, noise=0.9)
    parts = folds(catalogue.labels, 3)
    row = measure_tuned(compared(catalogue, policy()), catalogue, parts, LIMIT)
    # the labels of the first fold are turned upside down: each of its listings is a product of its own
    other = labelled([2, 3, 4] * 12, noise=0.9)
    labels = tuple(f"x{i}" if parts[i] == 0 else label for i, label in enumerate(other.labels))
    spoilt = type(other)(other.listing_ids, other.embeddings, other.details, labels, other.images)
    again = measure_tuned(compared(spoilt, policy()), spoilt, parts, LIMIT)
    assert again.thresholds[0] == row.thresholds[0]
    assert again.parts[0]["mean_f1"] != row.parts[0]["mean_f1"]


def test_figures_are_means_over_folds_with_their_spread():
    catalogue = labelled([2, 3] * 15, noise=0.9)
    row = measure_tuned(compared(catalogue, policy()), catalogue, folds(catalogue.labels, 3), LIMIT)
    values = [part["f1"] for part in row.parts]
    assert len(values) == len(row.thresholds) == 3
    assert row.mean("f1") == pytest.approx(np.mean(values))
    assert row.spread("f1") == pytest.approx(np.std(values))
    assert set(row.parts[0]) == set(FIGURES)


def test_all_listings_together_are_each_judged_by_the_threshold_of_their_fold():
    catalogue = labelled([2, 3] * 15, noise=0.9)
    parts = folds(catalogue.labels, 3)
    row = measure_tuned(compared(catalogue, policy()), catalogue, parts, LIMIT)
    means = [row.counts.at(parts == fold).f1.mean() for fold in range(3)]
    assert means == pytest.approx([part["mean_f1"] for part in row.parts])


def test_too_few_products_to_choose_thresholds_is_told():
    catalogue = labelled([3, 1])
    with pytest.raises(SettingsError, match="2 products"):
        usable_folds(catalogue, folds(catalogue.labels, 5))


def test_categories_are_counted_by_their_listings():
    catalogue = labelled([2] * 9, categories=("a", "b", "b"), noise=0.2)
    row = measure(compared(catalogue, policy()), catalogue, LIMIT)
    found = by_category(row, catalogue.categories)
    assert [(name, one["listings"]) for name, one in found.items()] == [("b", 12), ("a", 6)]
    assert found["a"]["recall"] == 1
