from dataclasses import replace
from datetime import date

import orjson
import pytest
from fakes.labelled import labelled, policy

from encoders.bundle import LexicalSpec, Manifest, read_bundle, write_bundle
from encoders.metrics import Evidence
from streams.evaluation import Calibration, Threshold
from streams.evaluation.calibrated import calibrated_policy, labels_digest, labels_of, version_of, write_calibrated
from streams.learning import find_candidates
from streams.matching.decision import Outcome, decide
from streams.matching.details import Details
from streams.matching.policy import NEVER, Policy
from streams.matching.rules import Rules

DAY = date(2026, 1, 2)
SHOWN = Evidence(400, 400, 400)
FOUND = Calibration(
    Threshold("", 0.9, 0.5, SHOWN, 0.99),
    (Threshold("pears", None, 0.4, Evidence(3, 4, 4), 0.2, 290), Threshold("shoes", 0.8, None, SHOWN, 0.99)),
    ("hats",),
    0.99,
    0.95,
)


@pytest.fixture
def bundle(tmp_path):
    matching = {"match_threshold": 0.6, "sure_thresholds": {"lexical": 0.9}}
    manifest = Manifest(lexical=LexicalSpec(), matching=matching, provenance={"titles": {"count": 3}})
    return write_bundle(tmp_path / "bundle", manifest, {"notes.txt": b"kept"})


def test_the_policy_has_the_thresholds_found_and_nothing_that_gets_round_them():
    found = calibrated_policy(policy(sure_thresholds={"image": 0.9}), FOUND, "v1")
    assert (found.match_threshold, found.review_threshold, found.version) == (0.9, 0.5, "v1")
    assert found.thresholds("Shoes").match == 0.8
    assert found.thresholds("pears").match == NEVER
    assert not found.sure_thresholds
    assert found.weights == policy().weights


def test_where_it_abstains_even_identical_listings_go_to_people():
    catalogue = labelled([2, 2], noise=0.0, categories=("Pears", "Shoes"))
    pairs = find_candidates(catalogue.embeddings, catalogue.details, policy(), floor=0.9).pairs
    outcomes = decide(pairs, Rules(calibrated_policy(policy(), FOUND, "v1"))).outcomes
    assert pairs.combined == pytest.approx(1.0)
    assert outcomes.tolist() == [Outcome.REVIEW, Outcome.MATCH]


def test_the_bundle_keeps_its_files_and_tells_where_its_thresholds_are_from(bundle, tmp_path):
    labels = labels_of(labelled([2, 2]))
    base = Policy.from_json(bundle.matching, "bundle")
    new = calibrated_policy(base, FOUND, version_of(bundle, labels, FOUND, DAY))
    written = write_calibrated(bundle, tmp_path / "new", new, FOUND, labels)
    assert (written.path / "notes.txt").read_bytes() == b"kept"
    assert Policy.from_json(read_bundle(tmp_path / "new").matching, "bundle") == new
    told = written.provenance["calibration"]
    assert written.provenance["titles"] == {"count": 3}
    assert told["bundle"]["digest"] == bundle.digest
    assert told["thresholds"]["pears"]["missing_pairs"] == 290
    assert told["labels"]["products"] == 2


def test_the_same_input_gives_the_same_bundle_on_the_same_day(bundle, tmp_path):
    labels = labels_of(labelled([2, 2]))
    new = calibrated_policy(policy(), FOUND, version_of(bundle, labels, FOUND, DAY))
    digests = {write_calibrated(bundle, tmp_path / name, new, FOUND, labels).digest for name in ("one", "two")}
    assert len(digests) == 1


def test_the_version_names_the_day_and_changes_with_what_it_was_made_from(bundle):
    labels = labels_of(labelled([2, 2]))
    version = version_of(bundle, labels, FOUND, DAY)
    assert version.startswith("2026-01-02-")
    others = {
        version_of(bundle, labels_of(labelled([2, 3])), FOUND, DAY),
        version_of(bundle, labels, replace(FOUND, target=0.9), DAY),
        version_of(replace(bundle, digest="0"), labels, FOUND, DAY),
    }
    assert version not in others
    assert len(others) == 3


def test_labels_have_one_digest_in_any_order():
    catalogue = labelled([2, 2])
    assert labels_digest(catalogue) == labels_digest(catalogue.at([3, 1, 0, 2]))
    other = replace(catalogue, details=(Details(title="another"), *catalogue.details[1:]))
    assert labels_digest(other) != labels_digest(catalogue)


def test_what_is_expected_of_similarities_is_that_of_these_thresholds_alone(bundle, tmp_path):
    labels, expected = labels_of(labelled([2, 2])), {"score": {"cuts": [0.5], "counts": [300, 700]}}
    new = calibrated_policy(policy(), FOUND, version_of(bundle, labels, FOUND, DAY))
    written = write_calibrated(bundle, tmp_path / "one", new, FOUND, labels, expected=expected)
    assert read_bundle(written.path).expected == expected
    assert orjson.loads((written.path / "manifest.json").read_bytes())["format"] == 4
    assert not write_calibrated(written, tmp_path / "two", new, FOUND, labels).expected
