"""What `matchstream bundle compare` prints of two bundles."""

from __future__ import annotations

import shlex
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from operator import attrgetter
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rich.table import Table

from encoders.bundle import Bundle
from encoders.bundle.comparing import Comparison, Difference, Standing, compare_bundles
from encoders.bundle.origins import in_words
from encoders.types import Modality
from streams.cli.console import counted, out, printable, progress_bar, table
from streams.errors import SettingsError
from streams.matching.policy import Policy
from streams.settings import load_settings

if TYPE_CHECKING:
    from streams.learning.neighbors import Overlap

_DIGITS = 12
_SIDES = (attrgetter("first"), attrgetter("second"))
_GENERATED = {
    Standing.SAME: "The same captions and tags",
    Standing.OTHER: "Other captions or tags",
    Standing.FIRST: "Captions or tags that only A has",
    Standing.SECOND: "Captions or tags that only B has",
}
_STANDINGS = {
    Standing.SAME: "The same rows",
    Standing.OTHER: "Other rows",
    Standing.FIRST: "Rows that only A has",
    Standing.SECOND: "Rows that only B has",
}


@dataclass(frozen=True, slots=True)
class Compared:
    """Two bundles and all that was found out about them.

    Args:
        first: one bundle.
        second: another.
        comparison: of what they say of themselves.
        neighbors: in each modality of both, how much they agree on who is near whom.
        sample: listings that were embedded for it.
    """

    first: Bundle
    second: Bundle
    comparison: Comparison
    neighbors: Mapping[Modality, Overlap] = field(default_factory=dict)
    sample: int = 0


def compared(first: Bundle, second: Bundle) -> Compared:
    """Compare what two bundles say of themselves."""
    return Compared(first, second, compare_bundles(first, second, (_matching(first), _matching(second))))


def with_neighbors(both: Compared, file: Path, images: Path | None, count: int) -> Compared:
    """Embed a sample of the listings of a file by both bundles, and compare who is near whom."""
    from streams.cli.labelled_files import read_events, telling_on  # noqa: PLC0415 - it brings torch
    from streams.learning.cache import DEFAULT_FOLDER  # noqa: PLC0415 - likewise
    from streams.learning.embedding import embed_catalogue  # noqa: PLC0415 - likewise
    from streams.learning.listed import listed  # noqa: PLC0415 - likewise
    from streams.learning.neighbors import overlaps, sample_of  # noqa: PLC0415 - likewise

    settings = load_settings(**({} if images is None else {"image_root": images.resolve()}))
    events = listed(read_events(file, images))
    chosen = {one: events[one].listing for one in sample_of(events, count)}
    listings = {one: listing for one, listing in chosen.items() if listing is not None}
    with progress_bar() as progress:
        telling = telling_on(progress)
        first, second = (
            embed_catalogue(listings, bundle, settings, DEFAULT_FOLDER, telling) for bundle in (both.first, both.second)
        )
    return replace(both, neighbors=overlaps(first, second), sample=len(listings))


def say(both: Compared) -> None:
    """Print what is the same, what differs, and what follows from it."""
    out.print(_bundles(both))
    out.print()
    for line in _verdict(both):
        out.print(printable(line))
    for shown in (_differences(both), _metrics(both), _neighbors(both)):
        if shown.row_count:
            out.print()
            out.print(shown)


def to_json(both: Compared) -> dict[str, Any]:
    """The same as JSON, with every value in full."""
    found = both.comparison
    return {
        "first": _named(both.first),
        "second": _named(both.second),
        "equal": _are_equal(both),
        "rows": {modality.value: standing for modality, standing in found.rows.items()},
        "reindex": found.reindex,
        "encode_again": found.encode_again,
        "generated": found.generated,
        "differences": [asdict(one) for one in found.differences],
        "metrics": {name: {"first": one, "second": other} for name, (one, other) in found.metrics.items()},
        "neighbors": {modality.value: asdict(overlap) for modality, overlap in both.neighbors.items()},
        "sample": both.sample,
    }


def _are_equal(both: Compared) -> bool:
    return both.first.digest == both.second.digest


def _named(bundle: Bundle) -> dict[str, str]:
    return {"name": bundle.name, "path": str(bundle.path), "digest": bundle.digest}


def _matching(bundle: Bundle) -> Mapping[str, Any]:
    """With every default, so that what is said by leaving it out is no difference; as it stands if it is unusable."""
    try:
        policy = Policy.from_json(bundle.matching, f"bundle '{bundle.name}'")
    except SettingsError:
        return bundle.matching
    return policy.model_dump(mode="json") | {"vetoes": sorted(policy.vetoes)}


def _bundles(both: Compared) -> Table:
    shown = table("", "bundle", "digest", "folder")
    for letter, one in (("A", both.first), ("B", both.second)):
        shown.add_row(letter, printable(one.name), one.digest[:_DIGITS], printable(str(one.path)))
    return shown


def _verdict(both: Compared) -> Iterator[str]:
    if _are_equal(both):
        yield "They are equal, file by file."
        return
    found = both.comparison
    for standing, words in _STANDINGS.items():
        modalities = ", ".join(modality for modality, one in found.rows.items() if one is standing)
        if modalities:
            yield f"{words}: {modalities}"
    if found.generated:
        yield _GENERATED[found.generated]
    yield _what_follows(found)
    yield "Another bundle is a new generation, whose lists are made anew beside the live ones:"
    yield f"  MATCHSTREAM_BUNDLE={shlex.quote(str(both.second.path))} MATCHSTREAM_GENERATION=g2 matchstream worker"


def _what_follows(found: Comparison) -> str:
    if found.encode_again:
        return f"From A to B every listing has to be encoded again: {', '.join(found.encode_again)}."
    if found.reindex:
        return "From A to B nothing has to be encoded again, but the index has other rows."
    if found.generated in {Standing.OTHER, Standing.SECOND}:
        return "Rows made by one can be used with the other, but every photo has to be looked at again."
    return "Rows made by one can be used with the other: nothing has to be encoded again."


def _differences(both: Compared) -> Table:
    shown = table("differs", "A", "B")
    for section, names in _grouped(both.comparison.differences).items():
        shown.add_row(printable(section))
        for name, fields in names.items():
            first, second = (_side([(one.path[2:], value(one)) for one in fields]) for value in _SIDES)
            shown.add_row(f"  {printable(name)}", first, second)
    return shown


def _grouped(differences: Sequence[Difference]) -> dict[str, dict[str, list[Difference]]]:
    """Fields by the part of the bundle that they are in, and there by their first name."""
    grouped: dict[str, dict[str, list[Difference]]] = {}
    for one in sorted(differences, key=lambda one: one.path[0] == "files"):
        section, name = (*one.path, "")[:2]
        grouped.setdefault(section, {}).setdefault(name, []).append(one)
    return grouped


def _side(values: Sequence[tuple[tuple[str, ...], Any]]) -> str:
    """What one bundle says where they differ."""
    words = [" ".join([".".join(path), in_words(value)]).strip() for path, value in values if value is not None]
    return printable(", ".join(words)) or "-"


def _metrics(both: Compared) -> Table:
    shown = table("figure", "A", "B")
    for name, values in ({} if _are_equal(both) else both.comparison.metrics).items():
        shown.add_row(printable(name), *("" if value is None else f"{value:.4g}" for value in values))
    return shown


def _neighbors(both: Compared) -> Table:
    shown = table(f"who is near whom ({counted(both.sample, 'listing')})", "10 nearest shared", "same nearest")
    for modality, one in both.neighbors.items():
        shown.add_row(f"{modality}, {counted(one.listings, 'listing')}", f"{one.shared:.3f}", f"{one.same_nearest:.3f}")
    return shown
