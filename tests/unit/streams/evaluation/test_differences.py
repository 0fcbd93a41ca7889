import numpy as np
import pytest
from fakes.labelled import labelled, policy

from encoders.metrics import recall_at_precision, sweep
from streams.evaluation.comparing import Comparer
from streams.evaluation.differences import difference, difference_at_precision
from streams.evaluation.measuring import measure_tuned
from streams.evaluation.variations import Variation
from streams.learning import folds
from streams.matching.rules import Rules


@pytest.fixture(scope="module")
def compared():
    catalogue = labelled([5] * 25, noise=1.2)
    comparer = Comparer(catalogue, Rules(policy()))
    parts = folds(catalogue.labels, 3)
    blend = policy(blend={"neighbors": 4, "threshold": 0.3})
    rows = {
        steps: measure_tuned(comparer.compare(Variation(str(steps), blend, steps=steps)), catalogue, parts, 50)
        for steps in (0, 1)
    }
    return catalogue, comparer, rows


def test_the_difference_is_that_of_the_lists_of_all_listings(compared):
    catalogue, _, rows = compared
    found = difference(rows[1], rows[0], catalogue.codes)
    assert found["mean_f1"].estimate == pytest.approx(rows[1].counts.f1.mean() - rows[0].counts.f1.mean())
    assert found["f1"].estimate == pytest.approx(rows[1].counts.rates.f1 - rows[0].counts.rates.f1)


def test_blending_helps_where_products_have_many_listings_around_a_centre(compared):
    catalogue, _, rows = compared
    found = difference(rows[1], rows[0], catalogue.codes)
    assert found["mean_f1"].clear
    assert found["mean_f1"].low > 0


def test_a_row_less_itself_is_nothing(compared):
    catalogue, _, rows = compared
    for interval in difference(rows[0], rows[0], catalogue.codes).values():
        assert (interval.estimate, interval.low, interval.high) == (0, 0, 0)


def test_recalls_are_compared_at_the_precision_that_the_other_has(compared):
    catalogue, comparer, rows = compared
    precision, recall = difference_at_precision(rows[1], rows[0], catalogue.codes)
    assert precision == rows[0].counts.rates.precision
    curves = {steps: sweep(comparer.entries(row.compared)) for steps, row in rows.items()}
    by_curve = recall_at_precision(curves[1], precision) - recall_at_precision(curves[0], precision)
    assert recall.estimate == pytest.approx(by_curve)
    assert recall.low <= recall.estimate <= recall.high
    assert np.isfinite([recall.low, recall.high]).all()
