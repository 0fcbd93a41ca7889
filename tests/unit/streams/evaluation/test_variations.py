import pytest
from fakes.labelled import policy

from streams.evaluation.variations import BASE, NO_BLENDING, RULE, ablation


def names(of):
    return [one.name for one in ablation(of)]


def test_every_part_is_left_out_once():
    found = names(policy(weights={"text": 1, "image": 1, "lexical": 1}, vetoes=["pack"]))
    assert found == [
        BASE,
        "without veto",
        "without text",
        "without image",
        "without lexical",
        "text alone",
        "image alone",
        "lexical alone",
        NO_BLENDING,
        "blended query, raw candidates",
        "2 steps of blending",
        "3 steps of blending",
        "5 neighbors",
        "10 neighbors",
        "20 neighbors",
        "product of distances",
    ]


def test_names_are_unique_and_every_row_is_compared_with_an_earlier_one():
    for one in (policy(), policy(scorer="scorer.txt", candidate_threshold=0.3, vetoes=["pack"])):
        seen = []
        for variation in ablation(one):
            assert variation.name not in seen
            assert variation.against in seen or not seen
            seen.append(variation.name)


def test_a_scorer_is_judged_by_itself_and_the_rest_under_the_rule():
    found = ablation(policy(scorer="scorer.txt", candidate_threshold=0.3))
    assert [one.name for one in found if one.policy.scorer] == [BASE]
    assert {one.against for one in found[2:]} == {RULE}


def test_what_a_modality_alone_leaves_has_no_calibration_of_the_others():
    curve = {"x": (0, 1), "y": (0, 1)}
    found = {one.name: one.policy for one in ablation(policy(calibrations={"image": curve, "text": curve}))}
    assert set(found["without image"].calibrations) == {"text"}
    assert not found["without calibration"].calibrations


@pytest.mark.parametrize("neighbors", [0, 5])
def test_blending_is_tried_whether_the_rules_have_it_or_not(neighbors):
    found = names(policy(blend={"neighbors": neighbors, "threshold": 0.5}))
    assert ("with blending" in found) == (neighbors == 0)
    assert (NO_BLENDING in found) == (neighbors > 0)
    assert "3 steps of blending" in found
