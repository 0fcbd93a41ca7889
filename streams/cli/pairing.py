"""The work behind `matchstream positives`: from a click log and its listings to a file of pairs."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import orjson
from rich.progress import Progress

from encoders.bundle import read_bundle
from streams.cli.click_files import read_clicks
from streams.cli.console import counted, err, out, progress_bar, table
from streams.cli.labelled_files import read_events, telling_on
from streams.cli.whole_files import ensure_writable, write_whole
from streams.errors import SettingsError
from streams.learning.positives import Catalogue, Chosen, ClickLog, Limits, choose_positives
from streams.learning.positives.similarity import Read, by_encoder, by_words
from streams.learning.telling import Telling
from streams.settings import load_settings


@dataclass(frozen=True, slots=True)
class Order:
    """What is asked for; see the options of the command."""

    clicks: Path
    listings: Path
    output: Path
    bundle: str | None
    limits: Limits
    session_clicks: int


def find_and_tell(order: Order) -> None:
    """Write the pairs; say what each constraint took away and what to do next.

    Raises:
        SettingsError: a file can't be read or written, or no pair is left.
    """
    ensure_writable(order.output)
    with progress_bar() as progress:
        catalogue = Catalogue.of(read_events(order.listings))
        read = _reader(order, catalogue, telling_on(progress))
        log = _log(order, catalogue, progress)
        chosen = choose_positives(log, catalogue, read, order.limits)
    _show(chosen)
    _need_a_pair(chosen, order.clicks)
    write_whole(order.output, b"".join(orjson.dumps(one.to_json()) + b"\n" for one in chosen.positives))
    listings = {one for pair in chosen.positives for one in (pair.a, pair.b)}
    out.print(f"wrote {counted(len(chosen.positives), 'pair')} of {len(listings)} listings to {order.output}")
    out.print(f"Next: matchstream train {order.listings} --pairs {order.output} --recipe arcface -o BUNDLE")


def _reader(order: Order, catalogue: Catalogue, telling: Telling) -> Read:
    if order.bundle is None:
        return by_words(catalogue.titles, telling)
    settings = load_settings(bundle=order.bundle)
    return by_encoder(read_bundle(settings.bundle), settings, telling)


def _log(order: Order, catalogue: Catalogue, progress: Progress) -> ClickLog:
    """The clicks that count, and a word on those that do not."""
    most = order.session_clicks
    log = ClickLog.of(read_clicks(order.clicks, progress), catalogue.listing_ids, most)
    robots = f"{counted(log.robots, 'session')} of more than {most} clicks" if log.robots else ""
    unknown = f"{counted(log.unknown, 'click')} on listings that are not in '{order.listings}'" if log.unknown else ""
    without = "; ".join(part for part in (robots, unknown) if part)
    if not len(log):
        remedy = "use the ids of the listings, or raise --session-clicks"
        raise SettingsError(
            f"clicks '{order.clicks}'", got=f"only {without}", wanted="clicks on listings", remedy=remedy
        )
    told = f"{counted(len(log), 'click')} in {counted(log.sessions, 'session')}"
    err.print(f"{told}; left out: {without}" if without else told)
    return log


def _show(chosen: Chosen) -> None:
    shown = table("constraint", "pairs taken away", "left")
    first = chosen.steps[0]
    shown.add_row(first.name, "", str(first.left))
    for before, step in pairwise(chosen.steps):
        shown.add_row(step.name, str(before.left - step.left), str(step.left))
    out.print(shown)


def _need_a_pair(chosen: Chosen, clicks: Path) -> None:
    """Name the constraint that left nothing."""
    first = chosen.steps[0]
    subject, wanted = f"clicks '{clicks}'", "at least one pair"
    if not first.left:
        raise SettingsError(subject, got=f"no two listings {first.name}", wanted=wanted, remedy=first.remedy)
    for before, step in pairwise(chosen.steps):
        if not step.left:
            got = f"'{step.name}' left none of {counted(before.left, 'pair')}"
            raise SettingsError(subject, got=got, wanted=wanted, remedy=step.remedy)
