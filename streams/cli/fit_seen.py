"""What `matchstream fit` says of eyes: which tags are told, how near photos and titles are, and what to do next."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from shlex import quote
from typing import Final

from encoders.bundle import Bundle
from encoders.fitting import Changes
from encoders.metrics.intervals import pairs_needed
from encoders.tags import Cut, lists_in, shipped_lists
from encoders.types import Modality
from streams.cli.console import counted, out, printable, table, warn
from streams.learning.seen import FEWEST_PAIRS, Seen, Worth

IN_ONE_SPACE: Final = (Modality.JOINT_IMAGE, Modality.JOINT_TEXT, Modality.JOINT)
"""What a joint encoder brings."""


def with_lists(changes: Changes, base: Bundle, output: Path, *, shipped: bool, own: Path | None) -> Changes:
    """The changes with the lists of tags that are asked for: those that ship, and over them those of a folder.

    Raises:
        BundleError: the folder holds no list.
    """
    begins = shipped or (own is not None and base.tags is None)
    lists = {**(shipped_lists() if begins else {}), **(lists_in(own, str(output)) if own else {})}
    return replace(changes, tag_lists=lists) if lists else changes


def show_seen(seen: Seen, bundle: Bundle, precision: float) -> None:
    """Print what was found in photos."""
    if seen.worth is not None:
        _show_worth(seen.worth)
    if bundle.tags is None:
        return
    shown = table("tags", "told from", "right", "told of", "photos that state it")
    for name in sorted(bundle.tags.lists):
        shown.add_row(printable(name), *_row(seen.cuts.get(name, _NONE), bundle.tags.cuts.get(name), precision))
    out.print(shown)
    out.print("right and told: of each half of the photos, by the cut that the other half chose")


_NONE = Cut(None, 0, calibrated=False)


def _row(cut: Cut, value: float | None, precision: float) -> Iterator[str]:
    yield "never" if value is None else f"{value:.2f}"
    yield "" if cut.precision is None else f"{cut.precision:.2f}"
    yield "" if cut.told is None else f"{cut.told:.0%}"
    few = f"{cut.examples}, too few to calibrate; {pairs_needed(precision)} of different things would do"
    yield f"{cut.examples}" if cut.calibrated else few


def _show_worth(worth: Worth) -> None:
    if worth.enough and worth.tells_apart:
        near = f"cosine {worth.own:g} with their own titles, of others one in twenty reaches {worth.shuffled:g}"
        out.print(f"photos and titles: {near} ({counted(worth.pairs, 'listing')}; own ones are a median)")
    elif worth.pairs >= FEWEST_PAIRS:
        warn(
            f"photos are no nearer to their own titles (cosine {worth.own:g}) than to one in twenty others "
            f"({worth.shuffled:g}), of {worth.pairs} listings: the joint encoder may not suit them, and words will "
            "hardly find photos"
        )
    else:
        got = f"{counted(worth.pairs, 'listing')} with a photo and a title"
        warn(f"how near photos and titles are is not measured: {got}, {FEWEST_PAIRS} wanted; give --images FOLDER")


def next_step(bundle: Bundle, file: Path, label: str | None, images: Path | None) -> str:
    """The command to give next; photos that were looked at are to be found by it, too."""
    command = f"MATCHSTREAM_BUNDLE={quote(str(bundle.path))} matchstream"
    if label:
        told = f"Next, on other products: {command} evaluate OTHERS.jsonl --label {quote(label)}"
        return told + (" --images FOLDER" if images else "")
    return f"Next: {command} match {quote(str(file))}" + (f" --images {quote(str(images))}" if images else "")


def weights_of(bundle: Bundle) -> Mapping[str, object]:
    """What modalities weigh in its matching; nothing where it goes by the defaults."""
    weights = bundle.matching.get("weights")
    return weights if isinstance(weights, Mapping) else {}


def unweighed(bundle: Bundle) -> str | None:
    """What to say of a joint encoder that matching does not use yet; None where it does, or there is none."""
    if bundle.dual is None or any(one.value in weights_of(bundle) for one in IN_ONE_SPACE):
        return None
    return "The joint encoder has no weight in matching yet: learn it with --label FIELD. Search uses it at once."
