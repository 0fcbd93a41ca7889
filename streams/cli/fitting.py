"""The work behind `matchstream fit`: a bundle of encoders, then what labelled listings teach about matching."""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from encoders.bundle import Bundle, write_bundle
from encoders.fitting import Changes, fit_bundle
from streams.cli.console import counted, err, out, progress_bar, table, warn
from streams.cli.labelled_files import read_events, telling_on
from streams.events import ListingEvent
from streams.learning.cache import DEFAULT_FOLDER
from streams.learning.findings import Finding, Learned
from streams.learning.labelled import LabelledCatalogue, label_catalogue
from streams.learning.learn import learn_matching
from streams.matching import Policy
from streams.settings import load_settings

_SHOWN = 2
_OF_SCORES = (
    "scorer",
    "candidate_threshold",
    "match_threshold",
    "review_threshold",
    "strong_threshold",
    "categories",
    "version",
)
"""What means nothing without the scorer that it was chosen for."""


@dataclass(frozen=True, slots=True)
class Order:
    """What is asked for; see the options of the command."""

    file: Path
    output: Path
    base: Bundle
    changes: Changes
    matching: Mapping[str, object] | None
    label: str | None
    images: Path | None
    scorer: bool
    seed: int


def fit_and_tell(order: Order) -> None:
    """Write the bundle, say what was chosen and what to do next."""
    events = list(read_events(order.file, order.images))
    titles = [event.listing.title for event in events if event.listing and event.listing.title]
    learns = order.label is not None
    bundle = _fit_and_learn(order, titles, events) if learns else _fit(order, titles, order.output, _kept(order))
    out.print(f"wrote bundle '{bundle.name}' to {bundle.path}, IDF weights from {len(titles)} titles")
    what = f"MATCHSTREAM_BUNDLE={bundle.path} matchstream"
    if order.label:
        out.print(f"Next, on other products: {what} evaluate OTHERS.jsonl --label {order.label}")
    else:
        out.print(f"Next: {what} match {order.file}")


def _fit(order: Order, titles: Sequence[str], output: Path, matching: Mapping[str, object]) -> Bundle:
    origin = {"command": ["matchstream", *sys.argv[1:]]}
    return fit_bundle(titles, output, base=order.base, changes=order.changes, matching=matching, origin=origin)


def _kept(order: Order) -> Mapping[str, object]:
    """The thresholds asked for, or those of the base that still mean something; says which do not."""
    if order.matching is not None:
        return Policy.model_validate(order.matching).model_dump(mode="json")
    kept = dict(order.base.matching)
    learn = "learn them with --label, or give them with --matching"
    if kept.get("scorer"):
        warn(f"the pair scorer of bundle '{order.base.name}' is for its own IDF weights and is left out; {learn}")
        kept = {name: value for name, value in kept.items() if name not in _OF_SCORES}
    elif _changes_encoders(order.changes):
        warn(f"the thresholds of bundle '{order.base.name}' were chosen for other encoders; {learn}")
    return kept


def _changes_encoders(changes: Changes) -> bool:
    return changes != Changes()


def _fit_and_learn(order: Order, titles: Sequence[str], events: Sequence[ListingEvent]) -> Bundle:
    settings = load_settings(**({} if order.images is None else {"image_root": order.images.resolve()}))
    with TemporaryDirectory(prefix="matchstream-") as folder:
        bare = _fit(order, titles, Path(folder) / "bundle", {})
        with progress_bar() as progress:
            telling = telling_on(progress)
            label = order.label or ""
            catalogue = label_catalogue(events, label, bare, settings, kept=DEFAULT_FOLDER, telling=telling)
            start, keep = _start(order)
            learned = learn_matching(catalogue, start, keep=keep, scorer=order.scorer, seed=order.seed, telling=telling)
        _show(learned.findings, catalogue)
        manifest = replace(
            bare,
            matching=learned.policy.model_dump(mode="json"),
            provenance={**bare.provenance, "learned": _origin(order, catalogue, learned)},
        )
        files = {name: bare.path / name for name in bare.files}
        return write_bundle(order.output, manifest, {**files, **learned.files})


def _start(order: Order) -> tuple[Policy, list[str]]:
    """What is not learned: what a file of thresholds says of how similarities combine, and the length of lists."""
    if order.matching is None:
        return Policy.from_json(order.base.matching, f"bundle '{order.base.name}'"), []
    keep = [name for name in ("combination", "weights", "blend") if name in order.matching]
    return Policy.model_validate(order.matching), keep


def _origin(order: Order, catalogue: LabelledCatalogue, learned: Learned) -> dict[str, Any]:
    return {
        "label": order.label,
        "listings": len(catalogue),
        "products": len(set(catalogue.labels)),
        "seed": order.seed,
        "findings": [one.to_json() for one in learned.findings],
    }


def _show(findings: Sequence[Finding], catalogue: LabelledCatalogue) -> None:
    shown = table("choice", "chosen", "mean F1", "instead")
    for one in findings:
        mean = f"{one.figure.mean_f1:.3f} ± {one.figure.spread:.3f}"
        tried = ", ".join(f"{words} {value:.3f}" for words, value in one.instead[:_SHOWN])
        shown.add_row(one.choice, one.chosen, mean, tried)
    out.print(shown)
    products = counted(len(set(catalogue.labels)), "product")
    err.print(f"learned from {len(catalogue)} listings of {products}; mean F1 per listing, on folds of other products")
