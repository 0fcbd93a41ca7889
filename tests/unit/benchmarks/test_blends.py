import numpy as np
import orjson
import pytest
from benchmarks.blends.catalogues import Halves, crowd
from benchmarks.blends.choosing import NONE, calibrated, choose, grid, measured
from benchmarks.blends.groups import Case, by_crowd, by_margin, by_size
from benchmarks.blends.results import groups_to_json, shown_groups, shown_table, table_to_json
from benchmarks.blends.rows import BOTH, IMAGE, NOTHING, Table, fusion, ways_to_blend
from benchmarks.blends.tightness import right_neighbors, tightness_of

from encoders.types import Modality
from streams.evaluation.variations import Variation
from streams.learning import LabelledCatalogue
from streams.matching import Details, Policy
from streams.matching.policy import BlendPolicy

ALONE = Policy(weights=IMAGE, blend=NONE)


def catalogue_of(labels, image, text=None):
    """Listings l00, l01, ... with a row of each kind; None where they lack it."""
    rows = {}
    for i in range(len(labels)):
        parts = {Modality.IMAGE: image[i], Modality.TEXT: None if text is None else text[i]}
        rows[f"l{i:02}"] = {m: unit(row) for m, row in parts.items() if row is not None}
    size = len(labels)
    return LabelledCatalogue(tuple(rows), rows, (Details(),) * size, tuple(labels), ("",) * size)


def unit(row):
    row = np.asarray(row, dtype=np.float32)
    return row / np.linalg.norm(row)


def noisy(prefix, seed, products=8, each=6, size=12):
    """Products around random centres; every other listing has a text, which is its product's own."""
    random = np.random.default_rng(seed)
    centres, words = unit_rows(random, products, size), unit_rows(random, products, size)
    labels = [f"{prefix}{product}" for product in range(products) for _ in range(each)]
    image = [centres[i // each] + 0.9 * random.normal(size=size) / np.sqrt(size) for i in range(len(labels))]
    text = [words[i // each] if i % 2 else None for i in range(len(labels))]
    return catalogue_of(labels, image, text)


def unit_rows(random, number, size):
    return [unit(row) for row in random.normal(size=(number, size))]


@pytest.fixture(scope="module")
def halves():
    return Halves(noisy("t", seed=1), noisy("s", seed=2))


def quiet(_what, _total):
    return lambda _done: None


class TestCatalogues:
    def test_a_crowd_has_so_many_of_each_product_that_has_them(self):
        catalogue = catalogue_of("aaabbc", np.eye(6))
        found = crowd(catalogue, 2, draw=0)
        assert sorted(found.labels) == ["a", "a", "b", "b"]
        assert all(catalogue.labels[catalogue.listing_ids.index(one)] == label for one, label in pairs_of(found))

    def test_draws_differ_and_the_same_draw_does_not(self):
        catalogue = catalogue_of("a" * 12, np.eye(12))
        draws = [crowd(catalogue, 4, draw).listing_ids for draw in (0, 0, 1)]
        assert draws[0] == draws[1] != draws[2]

    def test_large_leaves_small_products_out_of_both_halves(self):
        half = catalogue_of("aaabbc", np.eye(6))
        found = Halves(half, half).large(2)
        assert found.tune.labels == found.score.labels == ("a", "a", "a", "b", "b")


def pairs_of(catalogue):
    return zip(catalogue.listing_ids, catalogue.labels, strict=True)


class TestTightness:
    def test_means_by_hand(self):
        catalogue = catalogue_of("aabc", [(1, 0, 0), (0.6, 0.8, 0), (0, 1, 0), (0, 0, 1)])
        found = tightness_of(catalogue, ALONE)
        assert found.inside == pytest.approx([0.6, np.nan, np.nan], nan_ok=True)
        assert found.nearest == pytest.approx([0.4, 0.4, 0.0])
        assert found.margin[0] == pytest.approx(0.2)

    def test_pairs_without_a_common_modality_say_nothing(self):
        catalogue = catalogue_of("aab", [(1, 0), (0.6, 0.8), None], [None, None, (1, 0)])
        found = tightness_of(catalogue, ALONE)
        assert found.inside[0] == pytest.approx(0.6)
        assert np.isnan(found.nearest).all()

    def test_right_neighbors_count_by_weight(self):
        catalogue = catalogue_of("aab", [(1, 0), (0.8, 0.6), (0.6, 0.8)])
        policy = Policy(weights=IMAGE, blend=BlendPolicy(neighbors=2, threshold=0.5))
        assert right_neighbors(catalogue, policy) == pytest.approx([0.8 / 1.4, 0.8 / 1.76, 0.0])

    def test_who_has_no_neighbor_has_no_share(self):
        catalogue = catalogue_of("aa", [(1, 0), (0, 1)])
        policy = Policy(weights=IMAGE, blend=BlendPolicy(neighbors=2, threshold=0.5))
        assert np.isnan(right_neighbors(catalogue, policy)).all()


class TestChoosing:
    def test_the_better_way_is_chosen_with_its_threshold(self, halves):
        worse = Policy(weights={Modality.TEXT: 1.0}, blend=NONE)
        told = []
        chosen = choose(halves.tune, [Variation("", worse), Variation("", ALONE)], told.append)
        alone = choose(halves.tune, [Variation("", ALONE)], told.append)
        assert chosen.variation.policy == alone.variation.policy
        assert (chosen.tried, told) == (2, [1, 1, 1])

    def test_of_equals_the_first_is_chosen(self, halves):
        chosen = choose(halves.tune, [Variation("one", ALONE), Variation("two", ALONE)], lambda _done: None)
        assert chosen.variation.name == "one"

    def test_the_threshold_is_the_tune_halfs_on_the_other_half(self, halves):
        chosen = choose(halves.tune, [Variation("", ALONE)], lambda _done: None)
        row = measured(halves.score, chosen)
        assert row.thresholds == (chosen.variation.policy.match_threshold,)
        assert measured(halves.tune, chosen).mean("mean_f1") == pytest.approx(chosen.mean_f1)

    def test_a_curve_tells_the_share_of_true_pairs(self, halves):
        found = calibrated(halves.tune, Variation("", ALONE)).policy.calibrations[Modality.IMAGE]
        assert found.y[0] < 0.1
        assert found.y[-1] > 0.9

    def test_the_grid_holds_every_combination(self):
        found = [(one.neighbors, one.threshold) for one in grid((3, 5), (0.4, 0.6))]
        assert found == [(3, 0.4), (3, 0.6), (5, 0.4), (5, 0.6)]


@pytest.fixture(scope="module")
def table(halves):
    made = Table(halves, quiet)
    made.add(NOTHING, [Variation(NOTHING, ALONE)])
    made.add(BOTH, ways_to_blend(ALONE, grid((3, 5), (0.4,))), [NOTHING])
    return made


class TestRows:
    def test_a_gain_is_the_difference_of_two_rows(self, table):
        gain = table.gains[BOTH][NOTHING].mean_f1
        means = [table.rows[name].mean("mean_f1") for name in (BOTH, NOTHING)]
        assert gain.estimate == pytest.approx(means[0] - means[1])
        assert gain.low <= gain.estimate <= gain.high

    def test_blending_helps_noisy_crowds(self, table):
        assert table.gains[BOTH][NOTHING].mean_f1.low > 0

    def test_fusion_beats_each_alone_where_half_have_a_text(self, halves):
        found = fusion(halves, quiet)
        for name in ("fused by mean", "fused by mean, calibrated"):
            assert all(gain.mean_f1.estimate > 0 for gain in found.gains[name].values()), name
            assert list(found.gains[name]) == ["image alone", "text alone"]

    def test_results_can_be_written_and_shown(self, table):
        found = orjson.loads(orjson.dumps(table_to_json(table)))
        assert found[BOTH]["gain_over"][NOTHING]["mean_f1"]["estimate"] > 0
        assert found[BOTH]["chosen"]["best_of"] == 2
        assert shown_table("", table).row_count == 2


class TestGroups:
    def test_sizes_divide_all_listings(self):
        half = catalogue_of("aabbbc", [(1, 0), (1, 0.1), (0, 1), (0.1, 1), (0, 1), (1, 1)])
        case = case_of(Halves(half, half))
        found = by_size(case, (1, 2))
        assert [(one.name, one.products, one.listings) for one in found] == [
            ("1", 1, 1),
            ("2", 1, 2),
            ("3 and more", 1, 3),
        ]

    def test_margins_divide_products_in_three(self, table):
        found = by_margin(Case.of(table))
        assert sum(one.products for one in found) == 8
        assert [one.margin for one in found] == sorted(one.margin for one in found)

    def test_gains_of_parts_add_up_to_the_whole(self, table):
        found = by_margin(Case.of(table))
        weighted = sum(one.gain["mean_f1"].estimate * one.listings for one in found) / sum(o.listings for o in found)
        assert weighted == pytest.approx(table.gains[BOTH][NOTHING].mean_f1.estimate)

    def test_crowds_are_pooled_over_draws(self, halves):
        pair, many = by_crowd(halves, IMAGE, (2, 6), 2, quiet)
        assert (pair.products, pair.listings) == (8, 2 * 8 * 2)
        assert (many.products, many.listings) == (8, 2 * 8 * 6)
        assert many.gain["mean_f1"].estimate > 0

    def test_groups_can_be_written_and_shown(self, table):
        found = by_margin(Case.of(table))
        assert len(orjson.loads(orjson.dumps(groups_to_json(found)))) == shown_groups("", found).row_count == 3


def case_of(halves):
    made = Table(halves, quiet)
    made.add(NOTHING, [Variation(NOTHING, ALONE)])
    made.add(BOTH, ways_to_blend(ALONE, grid((3,), (0.4,))), [NOTHING])
    return Case.of(made)
