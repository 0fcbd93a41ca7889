"""The listings that a benchmark is run over: those of a file, or invented ones."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from decimal import Decimal
from pathlib import Path
from tempfile import TemporaryDirectory

import orjson

from encoders.bundle import read_bundle
from streams.brokers.topics import Topics
from streams.cli.console import counted, err, warn
from streams.cli.listing_files import BrokenLine, Line, read_lines
from streams.errors import SettingsError
from streams.events import Message
from streams.settings import Settings
from streams.stages.contents import Looks

# Of one product the generator makes two or more listings in the mean.
_LISTINGS_OF_A_PRODUCT = 2


@dataclass(frozen=True, slots=True)
class Load:
    """Different listings, in the order in which they are published.

    Args:
        lines: one for each.
        images: folder that their photos are in; None where they are not looked at.
        origin: in words, where they are from.
    """

    lines: Sequence[Line]
    images: Path | None
    origin: str

    def messages(self, settings: Settings) -> list[Message]:
        """As they are published under these settings."""
        topic = Topics(settings).listings.name
        return [line.message_for(topic) for line in self.lines]

    def repriced(self, settings: Settings) -> list[Message]:
        """The same listings, each at another price and nothing else."""
        return [replace(one, value=_at_another_price(one.value or b"")) for one in self.messages(settings)]


def _at_another_price(value: bytes) -> bytes:
    fields = orjson.loads(value)
    fields["price"] = str(Decimal(str(fields.get("price") or 0)) + 1)
    fields.setdefault("currency", "EUR")
    if "version" in fields:
        fields["version"] += 1
    return orjson.dumps(fields)


@contextmanager
def load_of(file: Path | None, images: Path | None, listings: int) -> Iterator[Load]:
    """The first listings of a file, or invented ones with titles and photos, whose folder is gone afterwards.

    Raises:
        SettingsError: the file has none, or can't be read.
    """
    if file is not None:
        folder = None if images is None else images.resolve()
        yield Load(_first(file, folder, listings), folder, f"'{file.name}'")
        return
    with TemporaryDirectory(prefix="matchstream-") as invented:
        folder = Path(invented)
        _invent(folder, listings)
        lines = _first(folder / "listings.jsonl", folder, listings)
        yield Load(lines, folder, "invented ones with titles and photos")


def check_photos(load: Load, settings: Settings) -> None:
    """Look at where the photos are: in files, or the network would be measured, too.

    Raises:
        SettingsError: some are on the web.
    """
    looks = Looks.of(read_bundle(settings.bundle))
    photos = [one for line in load.lines if line.event.listing for one in looks.photos_of(line.event.listing)]
    if any("://" in one for one in photos):
        remedy = "keep them in a folder and name it with --images, or leave them out"
        raise SettingsError("photos of the listings", got="some on the web", wanted="files", remedy=remedy)
    if photos and load.images is None:
        warn(f"{counted(len(photos), 'photo')} in files, not looked at; give --images FOLDER")


def _invent(folder: Path, listings: int) -> None:
    from encoders.training.catalogue import TEST_SEEDS, generate_catalogue, write_catalogue  # noqa: PLC0415 - only here

    with err.status(f"inventing {listings} listings with photos"):
        products = generate_catalogue(listings // _LISTINGS_OF_A_PRODUCT + 1, TEST_SEEDS[0])
        write_catalogue(products[:listings], folder)


def _first(file: Path, images: Path | None, listings: int) -> list[Line]:
    """Of each listing the first line; broken lines are told and left out."""
    found: dict[str, Line] = {}
    broken = 0
    for one in read_lines(file, "listings", images):
        if isinstance(one, BrokenLine):
            broken += 1
        else:
            found.setdefault(one.event.listing_id, one)
        if len(found) == listings:
            break
    if broken:
        warn(f"file '{file}': {counted(broken, 'broken line')} left out; 'matchstream match' names them")
    if not found:
        remedy = "write one JSON object per line, with a listing_id and a title or an image"
        raise SettingsError(f"file '{file}'", got="no line that can be read", wanted="listings", remedy=remedy)
    return list(found.values())
