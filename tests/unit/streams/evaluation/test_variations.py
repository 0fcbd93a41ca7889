import pytest
from fakes.labelled import policy

from encoders.types import Modality
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


def test_a_space_that_no_rule_weighs_is_put_beside_and_tried_alone():
    curve = {"x": (0, 1), "y": (0, 1)}
    found = {one.name: one.policy for one in ablation(policy(weights={"text": 1, "image": 3}), list(Modality))}
    assert found["with joint_image"].weights == {"text": 1, "image": 3, "joint_image": 2}
    assert {name for name in found if name.endswith("alone")} == {
        f"joint{one} alone" for one in ("_image", "_text", "")
    }
    assert found["joint alone"].weights == {"joint": 1}
    assert not {name for name in found if "caption" in name}
    calibrated = {one.name: one.policy for one in ablation(policy(calibrations={"text": curve}), [Modality.JOINT])}
    assert not calibrated["without calibration, with joint"].calibrations


def test_a_space_that_the_rules_weigh_is_left_out_part_by_part_and_as_a_whole():
    rules = policy(weights={"text": 1, "joint_image": 1, "joint_text": 2, "joint": 1})
    found = {one.name: one.policy for one in ablation(rules, list(Modality))}
    assert found["without joint_image, joint_text and joint"].weights == {"text": 1}
    assert found["without joint_text"].weights == {"text": 1, "joint_image": 1, "joint": 1}
    assert found["joint alone"].weights == {"joint": 1}
    assert "with joint" not in found


@pytest.mark.parametrize("neighbors", [0, 5])
def test_blending_is_tried_whether_the_rules_have_it_or_not(neighbors):
    found = names(policy(blend={"neighbors": neighbors, "threshold": 0.5}))
    assert ("with blending" in found) == (neighbors == 0)
    assert (NO_BLENDING in found) == (neighbors > 0)
    assert "3 steps of blending" in found
