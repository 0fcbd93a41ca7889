import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import cohen_kappa_score

from streams.web.review.agreement import Said, cohen_kappa, fleiss_kappa, in_twos, together

VERDICTS = st.sampled_from(["same", "different", "unsure"])

# Fourteen people put ten things into five kinds; the example that is worked through wherever Fleiss' kappa is taught.
FOURTEEN = [
    (0, 0, 0, 0, 14),
    (0, 2, 6, 4, 2),
    (0, 0, 3, 5, 6),
    (0, 3, 9, 2, 0),
    (2, 2, 8, 1, 1),
    (7, 7, 0, 0, 0),
    (3, 2, 6, 3, 0),
    (2, 5, 3, 2, 2),
    (6, 5, 2, 1, 0),
    (0, 2, 2, 3, 7),
]


def test_fleiss_kappa_of_a_known_table():
    counts = [{str(kind): number for kind, number in enumerate(row)} for row in FOURTEEN]
    assert fleiss_kappa(counts) == pytest.approx(0.210, abs=5e-4)


def test_fleiss_kappa_of_two_pairs_by_hand():
    # the first has three votes that agree, the second one agreement of three: (1 + 1/3) / 2; chance (4/6)² + (2/6)²
    counts = [{"same": 3}, {"same": 1, "different": 2}]
    assert fleiss_kappa(counts) == pytest.approx((2 / 3 - 5 / 9) / (4 / 9))


@given(st.lists(st.tuples(VERDICTS, VERDICTS), min_size=1, max_size=30))
def test_cohen_kappa_is_that_of_scikit_learn(both):
    ones, others = zip(*both, strict=True)
    found = cohen_kappa(both)
    if len({*ones, *others}) == 1:
        assert found is None  # chance would agree as well; scikit-learn says nan or 1, by its version
    else:
        assert found == pytest.approx(cohen_kappa_score(ones, others))
        assert found == cohen_kappa([(b, a) for a, b in both])


def test_votes_on_one_pair_are_compared_with_each_other():
    first, second, alone = ("a", "b"), ("a", "c"), ("b", "c")
    votes = [
        Said(first, "ann", "same"),
        Said(first, "ben", "same"),
        Said(first, "eva", "different"),
        Said(second, "ann", "unsure"),
        Said(second, "ben", "unsure"),
        Said(alone, "ann", "same"),
    ]
    found = together(votes)
    assert found[:3] == (2, 2, 4)  # of three pairs of votes on the first one agrees, and the one on the second
    ann_ben, ann_eva, ben_eva = in_twos(votes)
    assert (ann_ben.one, ann_ben.other, ann_ben.pairs, ann_ben.agreed, ann_ben.kappa) == ("ann", "ben", 2, 2, 1.0)
    assert (ann_eva.pairs, ann_eva.agreed, ben_eva.kappa) == (1, 0, 0.0)


def test_without_votes_there_is_nothing_to_tell():
    assert together([Said(("a", "b"), "ann", "same")]) == (0, 0, 0, None)
    assert (cohen_kappa([]), in_twos([])) == (None, [])


@given(st.lists(st.dictionaries(VERDICTS, st.integers(2, 9), min_size=1), min_size=1, max_size=12))
def test_kappa_is_one_exactly_where_all_agree_and_never_more(counts):
    found = fleiss_kappa(counts)
    said = {verdict for one in counts for verdict in one}
    if len(said) == 1:
        assert found is None
    else:
        assert found <= 1
        assert (found == pytest.approx(1)) == all(len(one) == 1 for one in counts)
