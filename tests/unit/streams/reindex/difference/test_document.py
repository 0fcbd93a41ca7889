"""The JSON of a difference holds everything, in fields with a documented name."""

import orjson
import pytest
from fakes.differences import difference

from encoders.metrics.lists import Rates
from streams.reindex.difference.document import to_json


def document(**changes):
    return orjson.loads(orjson.dumps(to_json(difference(**changes))))


def test_figures_and_all_that_would_change():
    made = difference(groups=12)
    found = document(groups=12)
    assert found["pairs"] == {"live": 36, "generation": 36, "kept": 24, "gained": 12, "lost": 12, "share": 0.5}
    assert found["listings"] == {"live": 48, "generation": 48, "concerned": 48}
    assert (len(found["gained"]), len(found["lost"])) == (12, 12)
    assert (found["products"], len(found["merged"]), len(found["split"])) == ({"merged": 6, "split": 6}, 6, 6)
    assert found["lost"][0]["live"] == {
        "place": "match",
        "similarity": 0.91,
        "evidence": {"text": 0.91, "image": 0.8, "rule": "combined>=0.85"},
    }
    assert found["gained"][0]["live"] == {"place": "no", "similarity": None, "evidence": {}}
    assert found["titles"] == dict.fromkeys(made.listings, "Mug, red")
    assert {one["category"] for one in found["categories"]} == {"Mugs", "Lamps", None}


def test_judgements_with_intervals_and_where_the_two_disagree():
    found = document()["judgements"]
    assert (found["same"], found["different"]) == (2, 1)
    assert found["generation"]["precision"]["share"] == 1.0
    assert found["live"]["precision"] == {"share": 0.666667, "interval_95": pytest.approx([0.0943, 0.9916], abs=1e-3)}
    assert [one["verdict"] for one in found["disagreements"]] == ["same", "different"]


def test_what_is_not_known_is_null():
    found = document(judged=())
    assert (found["judgements"], found["labels"], found["behind"]) == (None, None, {})


def test_labels():
    found = document(labelled=(Rates(1, 2, 4), Rates(2, 2, 4)))["labels"]
    assert found["live"] == {"right": 1, "found": 2, "true": 4, "precision": 0.5, "recall": 0.25, "f1": 0.333333}
