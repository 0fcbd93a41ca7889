"""Files of labelled listings: read as any file of listings is, then embedded."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from rich.progress import Progress

from encoders.bundle import Bundle, read_bundle
from streams.cli.console import warn
from streams.cli.listing_files import BrokenLine, read_lines
from streams.errors import SettingsError
from streams.events import ListingEvent
from streams.learning.cache import DEFAULT_FOLDER
from streams.learning.labelled import LabelledCatalogue, embed_labelled, label_catalogue
from streams.learning.listed import listed
from streams.learning.telling import Advance, Telling
from streams.settings import Settings


def read_labelled(
    file: Path,
    label: str,
    settings: Settings,
    images: Path | None,
    progress: Progress,
    *,
    bundle: Bundle | None = None,
) -> LabelledCatalogue:
    """Read a JSONL file and embed its labelled listings by the bundle of the settings, or by another.

    Dense rows are kept in the folder `.cache/matchstream`. Broken lines, listings without the label and
    listings without anything to compare are warned of and left out.

    Args:
        file: listings, one JSON object per line; '-' is standard input.
        label: the field that names the product.
        settings: of this process; its image root is replaced by `images`.
        images: folder that image paths are relative to.
        progress: shows how far it is.
        bundle: whose encoders, if not those of the settings.

    Raises:
        SettingsError: the file holds no listing, or none with that label, or nothing to compare.
    """
    if images is not None:
        settings = settings.model_copy(update={"image_root": images.resolve()})
    events = list(read_events(file, images))
    source = bundle or read_bundle(settings.bundle)
    return label_catalogue(events, label, source, settings, kept=DEFAULT_FOLDER, telling=telling_on(progress))


def read_every(
    file: Path, settings: Settings, images: Path | None, progress: Progress, *, bundle: Bundle
) -> LabelledCatalogue:
    """Read a JSONL file and embed all its listings, each labelled with its own id.

    Args:
        file: listings, one JSON object per line; '-' is standard input.
        settings: of this process; its image root is that of `images`.
        images: folder that image paths are relative to.
        progress: shows how far it is.
        bundle: whose encoders.

    Raises:
        SettingsError: the file holds no listing, or nothing to compare.
    """
    everything = listed(read_events(file, images))
    labels = {listing_id: listing_id for listing_id in everything}
    return embed_labelled(everything, labels, bundle, settings, kept=DEFAULT_FOLDER, telling=telling_on(progress))


def read_events(file: Path, images: Path | None = None) -> Iterator[ListingEvent]:
    """What the lines of a file publish; broken lines are warned of and left out.

    Raises:
        SettingsError: no line can be used.
    """
    broken = read = 0
    for line in read_lines(file, "listings", images):
        if isinstance(line, BrokenLine):
            broken += 1
            warn(str(line))
        else:
            read += 1
            yield line.event
    if not read:
        got = "only broken lines" if broken else "no line"
        remedy = "write one JSON object per line, with a listing_id and a title or an image"
        raise SettingsError(f"file '{file}'", got=got, wanted="listings", remedy=remedy)


def telling_on(progress: Progress) -> Telling:
    """Progress as bars, warnings on standard error."""

    def steps(what: str, total: int) -> Advance:
        task = progress.add_task(what, total=total, note="")
        return lambda done: progress.advance(task, done)

    return Telling(warn, steps)
