import numpy as np
import orjson
import pytest
from fakes.labelled import SquaredScorer, labelled, policy

from streams.errors import SettingsError
from streams.evaluation import FIGURES, Options, evaluate
from streams.evaluation.charts import DARK, charts, thinned
from streams.evaluation.documents import to_json
from streams.evaluation.variations import BASE, NO_BLENDING, RULE
from streams.matching.rules import Rules

ORIGIN = {"file": "listings.jsonl", "bundle": "b@123", "command": "matchstream evaluate"}
PNG = b"\x89PNG\r\n"


@pytest.fixture(scope="module")
def catalogue():
    return labelled([1, 2, 3, 4] * 8, noise=0.9, categories=("Shoes", "Phones"))


@pytest.fixture(scope="module")
def ablated(catalogue):
    return evaluate(catalogue, Rules(policy()), Options(ablation=True, folds=3, mistakes=5))


def test_an_ablation_has_a_row_and_a_difference_for_every_part(ablated):
    names = [row.name for row in ablated.rows]
    assert names[0] == BASE
    assert {NO_BLENDING, "without text", "without image", "product of distances"} <= set(names)
    assert len(ablated.differences) == len(names) - 1
    assert ablated.tuned
    assert all(len(row.thresholds) == 3 for row in ablated.rows)


def test_blending_is_told_against_none_and_at_equal_precision(ablated):
    blending = next(one for one in ablated.differences if NO_BLENDING in {one.one, one.other})
    assert (blending.one, blending.other) == (BASE, NO_BLENDING)
    assert blending.recall is not None


def test_only_the_rows_that_are_looked_at_again_keep_their_pairs(ablated):
    assert len(ablated.rows[0].compared.candidates)
    assert not any(len(row.compared.candidates) for row in ablated.rows[1:])


def test_without_tuning_the_thresholds_are_those_of_the_bundle(catalogue):
    found = evaluate(catalogue, Rules(policy(match_threshold=0.83)), Options())
    assert found.rows[0].thresholds == (0.83,)
    assert not found.tuned
    assert len(found.rows) == 1


def test_listings_alone_are_counted(catalogue):
    found = evaluate(catalogue, Rules(policy()), Options())
    assert (found.listings, found.products, found.alone) == (80, 32, 8)


def test_a_scorer_is_compared_with_the_rule(catalogue):
    rules = Rules(policy(scorer="s.txt", candidate_threshold=0.3), SquaredScorer())
    found = evaluate(catalogue, rules, Options(ablation=True, folds=3))
    assert found.rows[1].name == RULE
    assert "probability" in found.histograms
    # a growing function of the same similarity ranks alike
    assert found.rows[0].mean("recall@1") == pytest.approx(found.rows[1].mean("recall@1"), abs=0.05)


def test_histograms_hold_every_candidate_that_has_the_modality(ablated):
    row = ablated.rows[0]
    same = row.compared.candidates.same(labelled([1, 2, 3, 4] * 8).codes)
    assert set(ablated.histograms) == {"text", "image", "combined"}
    for histogram in ablated.histograms.values():
        assert (histogram.same.sum(), histogram.different.sum()) == (same.sum(), (~same).sum())


def test_everything_is_in_the_document_and_it_is_json(ablated, catalogue):
    document = orjson.loads(orjson.dumps(to_json(ablated, catalogue, ORIGIN)))
    assert document["origin"] == ORIGIN
    assert [set(row["figures"]) for row in document["rows"]] == [set(FIGURES)] * len(ablated.rows)
    assert set(document["categories"]) == {"Shoes", "Phones"}
    assert document["differences"][0]["figures"]["mean_f1"]["interval_95"]
    assert document["worst_false"][0]["listings"][0]["title"].startswith("thing")
    assert document["rows"][0]["policy"]["blend"]["neighbors"] == 3


def test_the_same_catalogue_gives_the_same_document(ablated, catalogue):
    again = evaluate(catalogue, Rules(policy()), Options(ablation=True, folds=3, mistakes=5))
    assert to_json(again, catalogue, ORIGIN) == to_json(ablated, catalogue, ORIGIN)


def test_charts_are_png_files_in_any_look(ablated):
    found = charts(ablated)
    assert set(found) == {"thresholds", "similarities-text", "similarities-image", "similarities-combined"}
    assert all(data.startswith(PNG) for data in found.values())
    assert charts(ablated, DARK)["thresholds"] != found["thresholds"]


def test_a_long_curve_is_thinned_but_keeps_its_ends(ablated):
    points = thinned(ablated.curve, 10)
    assert len(points["precision"]) == 10
    assert points["thresholds"][0] == pytest.approx(ablated.curve.thresholds[0])
    assert points["recall"][-1] == pytest.approx(ablated.curve.recall[-1], abs=1e-6)


def test_groups_of_one_alone_have_nothing_to_be_found():
    with pytest.raises(SettingsError, match=r"6 listings of 6 products.*name the field"):
        evaluate(labelled([1] * 6), Rules(policy()), Options())


def test_one_product_is_measured_but_not_tuned():
    one = labelled([4])
    assert evaluate(one, Rules(policy()), Options()).rows[0].mean("precision") == 1
    with pytest.raises(SettingsError, match="leave --tune out"):
        evaluate(one, Rules(policy()), Options(tune=True))


def test_listings_that_nothing_is_like_are_missed_not_an_error():
    found = evaluate(labelled([2, 2], noise=50.0), Rules(policy(match_threshold=0.999)), Options())
    assert found.mistakes.all_missed == 2
    assert np.isfinite([found.rows[0].mean(name) for name in FIGURES]).all()
    assert all(data.startswith(PNG) for data in charts(found).values())
