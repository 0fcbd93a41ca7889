import pytest

from encoders.types import Modality
from streams.matching.policy import NEVER, Policy
from streams.matching.policy_words import policy_in_words


def words(**fields):
    return dict(policy_in_words(Policy.model_validate(fields)))


CURVE = {"x": [0, 1], "y": [0, 1]}


@pytest.mark.parametrize(
    ("fields", "what", "told"),
    [
        ({"weights": {"image": 4, "text": 1}}, "similarity", "mean of image 4 : text 1"),
        ({"weights": {"text": 3}}, "similarity", "text alone"),
        (
            {"weights": {"image": 1, "text": 1}, "combination": "product"},
            "similarity",
            "one minus the product of the distances of image, text",
        ),
        ({"blend": {"neighbors": 0}}, "blended", "with nobody"),
        (
            {"blend": {"neighbors": 5, "narrower": {"text": {"neighbors": 2, "threshold": 0.8}}}},
            "blended",
            "with the 5 nearest from 0.5; text with 2 from 0.8",
        ),
        ({"match_threshold": 0.7}, "match", "from similarity 0.7"),
        ({"match_threshold": 0.7, "review_threshold": 0.5}, "match", "from similarity 0.7, for review from 0.5"),
        ({"match_threshold": NEVER, "review_threshold": 0.5}, "match", "never by itself, for review from 0.5"),
        ({"scorer": "s.txt", "candidate_threshold": 0.2, "match_threshold": 0.5}, "match", "from probability 0.5"),
        ({"strong_threshold": 0.9}, "strong", "from 0.9 one match joins two products"),
        ({"sure_thresholds": {"image": 0.99}}, "sure", "by itself: image from 0.99"),
        ({"vetoes": ["size", "gtin"]}, "kept apart", "by gtin, size"),
        ({}, "kept apart", "by nothing"),
        ({"version": "2026-01-01-ab"}, "thresholds", "2026-01-01-ab"),
        (
            {"categories": {"shoes": {"match": 0.9, "review": 0.5}}},
            "categories",
            "shoes from similarity 0.9, for review",
        ),
    ],
)
def test_each_part_of_a_policy_is_told(fields, what, told):
    assert words(**fields)[what].startswith(told)


def test_what_is_not_used_is_not_told():
    assert not words().keys() & {"calibrated", "decided by", "strong", "sure", "categories", "thresholds"}
    scored = words(scorer="s.txt", candidate_threshold=0.2, sure_thresholds={"image": 0.9})
    assert "sure" not in scored
    assert "the pair scorer s.txt, for pairs whose similarity is 0.2 or more" in scored["decided by"]
    assert words(calibrations={"text": CURVE})["calibrated"].startswith("text: ")


def test_many_categories_are_counted():
    told = words(categories={f"category {number}": {"match": 0.5} for number in range(9)})["categories"]
    assert told.endswith("category 5 from similarity 0.5; and 3 more")


def test_every_modality_can_be_weighed():
    told = words(weights=dict.fromkeys(Modality, 1.0))["similarity"]
    assert all(modality in told for modality in Modality)
