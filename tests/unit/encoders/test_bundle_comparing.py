from dataclasses import replace

import numpy as np
import pytest
from safetensors.numpy import save

from encoders.bundle import JointSpec, LexicalSpec, Manifest, TextSpec, write_bundle
from encoders.bundle.comparing import Standing, compare_bundles
from encoders.bundle.origins import facts_in_words, in_words, leaves, metrics_of, origins_of
from encoders.types import Modality

TEXT, JOINT, LEXICAL = Modality.TEXT, Modality.JOINT, Modality.LEXICAL
WORDS = Manifest(lexical=LexicalSpec(), matching={"match_threshold": 0.6, "weights": {"lexical": 1}})
BOTH = replace(WORDS, text=TextSpec("some/model"), dimensions={TEXT: 4})


def joined(value):
    return save({"text.0.weight": np.full((3, 4), value, np.float32), "text.0.bias": np.zeros(3, np.float32)})


@pytest.fixture
def make(tmp_path):
    """Writes a bundle under the next letter."""

    def write(manifest, files=None):
        name = "abc"[len(list(tmp_path.iterdir()))]
        return write_bundle(tmp_path / name, manifest, files or {})

    return write


def test_a_bundle_is_no_other_than_itself(make):
    one = make(replace(BOTH, provenance={"metrics": {"recall": 0.5}}))
    comparison = compare_bundles(one, one)
    assert comparison.rows == {TEXT: Standing.SAME, LEXICAL: Standing.SAME}
    assert not comparison.differences
    assert not comparison.reindex
    assert comparison.metrics == {"recall": (0.5, 0.5)}


def test_fields_that_differ_are_named_with_both_values(make):
    matching = {"match_threshold": 0.7, "weights": {"lexical": 1, "text": 2}}
    comparison = compare_bundles(make(WORDS), make(replace(WORDS, matching=matching), {"notes.txt": b""}))
    found = {one.path: (one.first, one.second) for one in comparison.differences}
    assert found.pop(("files", "notes.txt"))[0] is None
    assert found == {
        ("matching", "match_threshold"): (0.6, 0.7),
        ("matching", "weights", "text"): (None, 2),
    }
    assert not comparison.reindex


def test_matching_is_compared_as_it_is_told(make):
    one, other = make(WORDS), make(replace(WORDS, matching={}))
    assert compare_bundles(one, other, ({"list_limit": 5}, {"list_limit": 5})).differences == []


def test_what_only_one_encodes_is_encoded_on_the_way_to_it_alone(make):
    words, both = make(WORDS), make(BOTH)
    there, back = compare_bundles(words, both), compare_bundles(both, words)
    assert there.rows == {TEXT: Standing.SECOND, LEXICAL: Standing.SAME}
    assert back.rows == {TEXT: Standing.FIRST, LEXICAL: Standing.SAME}
    assert (there.encode_again, back.encode_again) == ([TEXT], [])
    assert there.reindex
    assert back.reindex


def test_other_joint_rows_of_the_same_sources_need_nothing_encoded(make):
    manifest = replace(BOTH, joint=JointSpec("j.safetensors", (TEXT,)), dimensions={TEXT: 4, JOINT: 3})
    one, other = (make(manifest, {"j.safetensors": joined(value)}) for value in (1, 2))
    comparison = compare_bundles(one, other)
    assert comparison.rows == {TEXT: Standing.SAME, JOINT: Standing.OTHER, LEXICAL: Standing.SAME}
    assert comparison.encode_again == []
    assert comparison.reindex


GRANDPARENT = {"metrics": {"recall": 0.1, "other": {"deep": 3}}, "base": None}
PARENT = {"metrics": {"recall": 0.2}, "base": {"name": "first", "digest": "f" * 64, "provenance": GRANDPARENT}}


def test_origins_are_a_chain_and_the_newest_figure_counts(make):
    bundle = make(replace(WORDS, provenance={"base": {"name": "second", "digest": "d", "provenance": PARENT}}))
    assert [origin.name for origin in origins_of(bundle)] == ["a", "second", "first"]
    assert metrics_of(bundle) == {"recall": 0.2, "other.deep": 3.0}
    comparison = compare_bundles(bundle, make(WORDS))
    assert ("provenance", "based on") in {one.path for one in comparison.differences}
    assert comparison.metrics["recall"] == (0.2, None)


@pytest.mark.parametrize(
    "provenance",
    [
        {"base": "a name"},
        {"base": {"provenance": ["a list"]}},
        {"metrics": "good", "learned": "much", "command": 3, "libraries": [1], "titles": {}},
        {"metrics": {"recall": True}, "learned": {"findings": [1, {"mean_f1": "high"}]}},
        {"training": {"runs": {"image": 3, "text": {"trained": [1]}}}},
        {"training": {"runs": "two"}},
        {"x": 1, "y": 2},
    ],
)
def test_provenance_may_say_anything(make, provenance):
    bundle = make(replace(WORDS, provenance=provenance))
    assert all(isinstance(words, str) for one in origins_of(bundle) for _, words in facts_in_words(one.facts))
    assert metrics_of(bundle) == {}
    assert compare_bundles(bundle, bundle).differences == []


def test_figures_of_training_are_named_by_their_modality(make):
    runs = {"image": {"untrained": {"recall@1": 0.5}, "trained": {"recall@1": 0.8}}, "text": {"trained": {"map": 0.7}}}
    bundle = make(replace(WORDS, provenance={"training": {"recipe": "arcface", "runs": runs}}))
    assert metrics_of(bundle) == {"image recall@1": 0.8, "text map": 0.7}


def test_objects_within_objects_have_a_line_each():
    training = {"recipe": "arcface", "seed": 3, "data": {"listings": 9}, "runs": {"image": {"trained": {"r": 0.5}}}}
    assert list(facts_in_words({"training": training})) == [
        ("training", "recipe arcface, seed 3"),
        ("", "data: listings 9"),
        ("", "runs: image.trained.r 0.5"),
    ]


def test_facts_are_told_a_line_each():
    facts = {
        "command": ["matchstream", "fit", "my file.jsonl"],
        "learned": {"seed": 3, "findings": [{"choice": "threshold", "chosen": "0.5", "mean_f1": 0.81239}]},
        "titles": {"count": 2, "digest": "0123456789abcdef" * 2},
    }
    assert list(facts_in_words(facts)) == [
        ("command", "matchstream fit 'my file.jsonl'"),
        ("learned", "seed 3"),
        ("", "threshold: 0.5, mean F1 0.812"),
        ("titles", "count 2, digest 0123456789ab"),
    ]
    assert list(facts_in_words({"command": "python -m made"})) == [("command", "python -m made")]


@pytest.mark.parametrize(
    ("value", "words"),
    [
        (True, "yes"),
        (0.123456789, "0.123457"),
        ([1, 2.5], "[1, 2.5]"),
        ({"a": {"b": 1}, "c": "x"}, "a.b 1, c x"),
        ("sixteen 0123456789abcdef", "sixteen 0123456789abcdef"),
    ],
)
def test_values_are_told_in_short(value, words):
    assert in_words(value) == words


def test_long_values_are_told_by_a_seal_that_tells_them_apart():
    one, other = in_words(list(range(65))), in_words(list(range(1, 66)))
    assert one.startswith("65 values (")
    assert one != other
    assert in_words({"x": [0, 1], "y": [0, 1]}) != in_words({"x": [0, 1], "y": [0.5, 1]})


def test_a_curve_is_one_value_and_what_is_empty_is_none():
    curve = {"x": [0, 1], "y": [0, 1]}
    assert dict(leaves({"curves": {"text": curve}, "none": None, "empty": {}, "nothing": []})) == {
        ("curves", "text"): curve
    }
