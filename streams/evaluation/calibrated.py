"""A bundle with calibrated thresholds: the same encoders, another `matching`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from datetime import date
from hashlib import blake2b
from pathlib import Path
from typing import Any

import orjson

from encoders.bundle import Bundle, Manifest, write_bundle
from streams.evaluation.calibration import Calibration, Threshold
from streams.evaluation.judged import JudgedCalibration
from streams.learning import LabelledCatalogue
from streams.matching.policy import NEVER, Policy

_DECIMALS = 6


def calibrated_policy(policy: Policy, calibration: Calibration, version: str) -> Policy:
    """The policy with the thresholds found.

    Sure thresholds go: what matches by one modality alone would get round the promise.
    """
    values = policy.model_dump() | {
        "match_threshold": _match(calibration.general),
        "review_threshold": calibration.general.review,
        "categories": {one.category: {"match": _match(one), "review": one.review} for one in calibration.categories},
        "sure_thresholds": {},
        "version": version,
    }
    values["candidate_threshold"] = policy.candidate_threshold if policy.scorer else None
    return Policy.model_validate(values)


@dataclass(frozen=True, slots=True)
class Labels:
    """What thresholds were chosen by, as a bundle tells it.

    Args:
        counts: how much there was of what.
        digest: of all of it.
    """

    counts: Mapping[str, int | str]
    digest: str


def labels_of(catalogue: LabelledCatalogue) -> Labels:
    """Listings that are labelled with their product."""
    counts = {"listings": len(catalogue), "products": len(set(catalogue.labels))}
    return Labels(counts, labels_digest(catalogue))


def labels_of_judged(found: JudgedCalibration) -> Labels:
    """Pairs that people judged."""
    counts = {"pairs": len(found.pairs), "same": found.right, "sample": found.sample.value}
    return Labels(counts, _digest([found.sample, found.right, sorted(found.pairs)]))


def version_of(bundle: Bundle, labels: Labels, calibration: Calibration, day: date) -> str:
    """The day, and a digest of the bundle, the labels and what was promised."""
    return f"{day.isoformat()}-{_digest([bundle.digest, labels.digest, *_promise(calibration)])[:8]}"


def labels_digest(catalogue: LabelledCatalogue) -> str:
    """Of which listing is of which product, and of the words that are compared; in any order."""
    everything = zip(catalogue.listing_ids, catalogue.labels, catalogue.details, strict=True)
    return _digest(sorted([one, label, details.to_json()] for one, label, details in everything))


def write_calibrated(
    bundle: Bundle,
    output: Path,
    policy: Policy,
    calibration: Calibration,
    labels: Labels,
    *,
    expected: Mapping[str, Any] | None = None,
) -> Bundle:
    """Write the bundle with another policy; everything else is copied.

    Args:
        bundle: whose encoders and scorer it has.
        output: where to.
        policy: what it decides by.
        calibration: how that was found.
        labels: by what.
        expected: how similar a listing's nearest ones are; see `streams.matching.drift`.

    Raises:
        BundleError: `output` is something else than a bundle.
    """
    parts: dict[str, Any] = {part.name: getattr(bundle, part.name) for part in fields(Manifest)}
    parts["matching"] = policy.model_dump(mode="json", exclude_defaults=True)
    parts["expected"] = dict(expected or {})
    parts["provenance"] = {**bundle.provenance, "calibration": _provenance(bundle, calibration, labels)}
    return write_bundle(output, Manifest(**parts), {name: bundle.file(name) for name in bundle.files})


def _provenance(bundle: Bundle, calibration: Calibration, labels: Labels) -> Mapping[str, Any]:
    each = {one.category or "(general)": _shown(one) for one in (calibration.general, *calibration.categories)}
    return {
        "bundle": {"name": bundle.name, "digest": bundle.digest},
        "labels": {**labels.counts, "digest": labels.digest},
        "target_precision": calibration.target,
        "confidence": calibration.confidence,
        "thresholds": each,
        "pooled": list(calibration.pooled),
    }


def _shown(threshold: Threshold) -> Mapping[str, Any]:
    return {
        "match": threshold.match,
        "review": threshold.review,
        "pairs": round(threshold.evidence.total, 1),
        "right": round(threshold.evidence.right, 1),
        "independent_pairs": round(threshold.evidence.effective, 1),
        "precision_at_least": round(threshold.bound, _DECIMALS),
        "missing_pairs": threshold.missing,
    }


def _match(threshold: Threshold) -> float:
    return NEVER if threshold.match is None else threshold.match


def _promise(calibration: Calibration) -> list[float]:
    return [calibration.target, calibration.confidence]


def _digest(value: object) -> str:
    return blake2b(orjson.dumps(value), digest_size=16).hexdigest()
