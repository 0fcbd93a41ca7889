"""Drift as a worker tells it: nothing without a bundle that expects something, and the right pairs with one."""

from dataclasses import replace

import numpy as np
import pytest
from prometheus_client import CollectorRegistry

from encoders.bundle import read_bundle
from encoders.types import Modality
from streams.errors import SettingsError
from streams.matching import Decisions, Pairs
from streams.matching.decided import Decided
from streams.matching.drift import expected_of
from streams.telemetry.drifting import Drifting

MATCHING = {"weights": {"text": 1.0}, "candidate_threshold": 0.3, "match_threshold": 0.8}


def values(seed=0, size=4_000, shift=0.0):
    return np.clip(np.random.default_rng(seed).beta(5, 3, size) + shift, 0, 1)


def decided_on(scores):
    places = np.arange(len(scores))
    pairs = Pairs([], [], places, places, {Modality.TEXT: scores}, scores)
    return Decided(pairs, Decisions(np.zeros(len(scores), np.int8), scores, np.zeros(len(scores), np.int8)))


@pytest.fixture
def registry():
    return CollectorRegistry()


def bundle_that_expects(expected):
    return replace(read_bundle("demo"), matching=MATCHING, expected=expected)


def drift_of(registry, of="score"):
    return registry.get_sample_value("matchstream_similarity_drift", {"of": of})


def expected_by_floor():
    kept = values()[values() >= 0.3]
    return expected_of({"score": kept, "text": kept})


def test_a_bundle_that_expects_nothing_has_no_drift(registry):
    drifting = Drifting(registry)
    drifting.expect(bundle_that_expects({}))
    drifting.add(decided_on(values()))
    assert drift_of(registry) is None
    assert registry.get_sample_value("matchstream_similarity_drift_listings", {"of": "score"}) is None


def test_what_is_looked_at_is_compared_by_score_and_by_modality(registry):
    drifting = Drifting(registry)
    drifting.expect(bundle_that_expects(expected_by_floor()))
    drifting.add(decided_on(values(seed=1)))
    assert drift_of(registry) < 0.02
    counted = registry.get_sample_value("matchstream_similarity_drift_listings", {"of": "score"})
    assert counted == (values(seed=1) >= 0.3).sum()
    drifting.add(decided_on(values(seed=2, size=20_000, shift=0.2)))
    assert drift_of(registry) > 0.25
    assert drift_of(registry, "text") > 0.25


def test_of_too_few_only_how_many_there_are_is_told(registry):
    drifting = Drifting(registry)
    drifting.expect(bundle_that_expects(expected_by_floor()))
    drifting.add(decided_on(values(size=100)))
    assert drift_of(registry) is None
    assert registry.get_sample_value("matchstream_similarity_drift_listings", {"of": "score"}) > 50


def test_a_bundle_that_says_something_else_does_not_begin(registry):
    with pytest.raises(SettingsError, match="expected similarities"):
        Drifting(registry).expect(bundle_that_expects({"score": "high"}))
