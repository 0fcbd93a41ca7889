"""The work behind `matchstream fit`: a bundle of encoders, then what labelled listings teach about matching."""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from encoders.bundle import Bundle, write_bundle
from encoders.fitting import Changes, check_changes, fit_bundle
from streams.cli.console import counted, err, out, progress_bar, table, warn
from streams.cli.fit_seen import IN_ONE_SPACE, next_step, show_seen, unweighed, weights_of
from streams.cli.labelled_files import read_events, telling_on
from streams.cli.training_told import FewWarnings
from streams.events import Listing, ListingEvent
from streams.learning.cache import DEFAULT_FOLDER
from streams.learning.findings import Finding, Learned
from streams.learning.generated_words import with_generated_words
from streams.learning.labelled import LabelledCatalogue, label_catalogue
from streams.learning.learn import learn_matching
from streams.learning.seeing import Asked, look
from streams.learning.seen import Seen
from streams.learning.telling import Telling
from streams.matching import Policy
from streams.settings import Settings, load_settings

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
    tag_precision: float

    @property
    def looks(self) -> bool:
        """Whether photos or their captions are looked at in ways that are to be measured or weighed."""
        dual = self.changes.dual and (self.changes.dual_model or self.base.dual)
        captions = self.base.captions or self.changes.caption_model
        return bool(dual or captions)


def fit_and_tell(order: Order) -> None:
    """Write the bundle, say what was chosen and what to do next."""
    check_changes(order.base, order.changes, str(order.output))
    events = list(read_events(order.file, order.images))
    titles = [event.listing.title for event in events if event.listing and event.listing.title]
    if order.label is None and not order.looks:
        bundle = _fit(order, titles, order.output, _kept(order))
    else:
        bundle = _fit_and_learn(order, titles, events)
    out.print(f"wrote bundle '{bundle.name}' to {bundle.path}, IDF weights from {len(titles)} titles")
    if (told := unweighed(bundle)) and order.label is None:
        out.print(told)
    out.print(next_step(bundle, order.file, order.label, order.images))


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
    elif _changes_encoders(order.changes, weights_of(order.base)):
        warn(f"the thresholds of bundle '{order.base.name}' were chosen for other encoders; {learn}")
    return kept


def _changes_encoders(changes: Changes, weighed: Mapping[str, object]) -> bool:
    """Whether what thresholds were chosen for is encoded otherwise; what only adds to it is not."""
    joint = changes.replaces_dual and any(one.value in weighed for one in IN_ONE_SPACE)
    # Of which precision they are moves cosines by less than thresholds are sure of
    return joint or replace(changes.without_additions, precision=None) != Changes()


def _fit_and_learn(order: Order, titles: Sequence[str], events: Sequence[ListingEvent]) -> Bundle:
    settings = load_settings(**({} if order.images is None else {"image_root": order.images.resolve()}))
    kept = None if order.label else _kept(order)
    with TemporaryDirectory(prefix="matchstream-") as folder:
        bare = _fit(order, titles, Path(folder) / order.output.name, {})
        with progress_bar() as progress:
            telling = telling_on(progress)
            seen = _look(order, bare, events, settings, telling)
            made = seen.applied(bare)
            found = _learn(order, made, events, settings, telling) if kept is None else None
        show_seen(seen, made, order.tag_precision)
        if found:
            _show(found.learned.findings, found.catalogue)
            made = replace(
                made,
                matching=found.learned.policy.model_dump(mode="json"),
                expected=found.learned.expected,
                provenance={**made.provenance, "learned": _origin(order, found.catalogue, found.learned)},
            )
        elif kept is not None:
            made = replace(made, matching=_with_generated_words(order, kept, made))
        files = {name: bare.path / name for name in bare.files}
        return write_bundle(order.output, made, {**files, **(found.learned.files if found else {})})


@dataclass(frozen=True, slots=True)
class _Found:
    """What labelled listings taught."""

    catalogue: LabelledCatalogue
    learned: Learned


def _learn(
    order: Order, bundle: Bundle, events: Sequence[ListingEvent], settings: Settings, telling: Telling
) -> _Found:
    label = order.label or ""
    catalogue = label_catalogue(events, label, bundle, settings, kept=DEFAULT_FOLDER, telling=telling)
    start, keep = _start(order)
    learned = learn_matching(catalogue, start, keep=keep, scorer=order.scorer, seed=order.seed, telling=telling)
    return _Found(catalogue, learned)


def _look(order: Order, bundle: Bundle, events: Sequence[ListingEvent], settings: Settings, telling: Telling) -> Seen:
    """Look at some photos; those of one product are one witness, where it is known, and otherwise the same photo."""

    def group_of(listing: Listing) -> str:
        product = listing.model_dump().get(order.label) if order.label else None
        return listing.photos[0] if product is None else str(product)

    few = FewWarnings(telling.warn)
    asked = Asked(order.tag_precision, group_of, DEFAULT_FOLDER)
    seen = look(bundle, events, settings, asked, Telling(few.warn, telling.steps))
    few.tell_how_many_more()
    return seen


def _with_generated_words(order: Order, matching: Mapping[str, object], bundle: Bundle) -> Mapping[str, object]:
    """What is given stays as it is given."""
    if order.matching is not None:
        return matching
    return with_generated_words(matching, bundle.modalities, f"bundle '{order.base.name}'")


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
