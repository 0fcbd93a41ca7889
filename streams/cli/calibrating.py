"""The work behind `matchstream calibrate`: thresholds by labels or by what people said, and the bundle with them."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

from encoders.bundle import Bundle
from streams.cli.console import counted, out, progress_bar, warn
from streams.cli.labelled_files import read_every, read_labelled, telling_on
from streams.evaluation import Calibration
from streams.evaluation.calibrated import (
    Labels,
    calibrated_policy,
    labels_of,
    labels_of_judged,
    version_of,
    write_calibrated,
)
from streams.evaluation.calibrating import calibrate_catalogue
from streams.evaluation.judged import JudgedCalibration, Sample, calibrate_judged
from streams.learning import LabelledCatalogue
from streams.learning.expecting import expected_similarities
from streams.learning.pair_files import SaidPairs, read_pairs
from streams.matching.bundled import rules_of
from streams.reindex.difference.topics import judgements
from streams.settings import Settings

TOPIC = "topic"


@dataclass(frozen=True, slots=True)
class Order:
    """What is asked for; see the options of the command."""

    file: Path
    bundle: Bundle
    settings: Settings
    images: Path | None
    target: float


@dataclass(frozen=True, slots=True)
class Found:
    """What came out.

    Args:
        calibration: the thresholds.
        labels: what they were chosen by.
        catalogue: whose pairs.
    """

    calibration: Calibration
    labels: Labels
    catalogue: LabelledCatalogue


def by_labels(order: Order, label: str) -> Found:
    """Thresholds by listings that are labelled with their product."""
    with progress_bar() as progress:
        catalogue = read_labelled(order.file, label, order.settings, order.images, progress, bundle=order.bundle)
        found = calibrate_catalogue(catalogue, rules_of(order.bundle), order.target, telling_on(progress))
    return Found(found, labels_of(catalogue), catalogue)


def by_judgements(order: Order, source: str) -> Found:
    """Thresholds by pairs that people judged."""
    said = asyncio.run(_said(order.settings)) if source == TOPIC else read_pairs(Path(source))
    with progress_bar() as progress:
        catalogue = read_every(order.file, order.settings, order.images, progress, bundle=order.bundle)
        found = calibrate_judged(catalogue, rules_of(order.bundle), said, order.target, telling_on(progress))
    _tell_sample(found, said)
    return Found(found.calibration, labels_of_judged(found), catalogue)


def write(order: Order, found: Found, target: Path) -> tuple[Bundle, str]:
    """Write the bundle with the thresholds, and what is expected of similarities; it and the thresholds' version."""
    rules, made = rules_of(order.bundle), found.calibration
    version = version_of(order.bundle, found.labels, made, datetime.now(UTC).date())
    policy = calibrated_policy(rules.policy, made, version)
    with progress_bar() as progress:
        expected = expected_similarities(found.catalogue, replace(rules, policy=policy), telling_on(progress))
    return write_calibrated(order.bundle, target, policy, made, found.labels, expected=expected), version


async def _said(settings: Settings) -> SaidPairs:
    said = SaidPairs()
    for pair, judgement in (await judgements(settings, lambda _doing, _more: None)).items():
        if judgement.verdict is not None:
            said.of(judgement.verdict).append(pair)
    return said


def _tell_sample(found: JudgedCalibration, said: SaidPairs) -> None:
    used = f"{counted(len(found.pairs), 'pair')} of {len(said)} judged ones"
    if found.sample is Sample.AUDIT:
        out.print(f"by the audit: {used}, matches that were drawn by lot")
        return
    warn(
        f"by {used}: no match was audited, and these were judged because they were doubtful or for other reasons;"
        " what is shown holds for pairs chosen like them. Audit matches on the page's /review?queue=audit"
    )
