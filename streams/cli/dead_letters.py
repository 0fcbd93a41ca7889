"""`matchstream dead-letters list|show|retry`: what was laid aside, why, and once more."""

from __future__ import annotations

import asyncio
import re
from collections import Counter
from collections.abc import Sequence
from contextlib import aclosing
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Annotated, Any, Final

import orjson
import typer

from streams.brokers.dead_letters import DeadLetter, letters_by_id, publish_again, read_dead_letters, superseded
from streams.brokers.topics import StageName
from streams.cli.console import counted, out, printable, table, warn
from streams.errors import MatchstreamError
from streams.events.headers import Headers
from streams.settings import Settings, load_settings

_SHOWN_KEY: Final = 60
_SHOWN_VALUE: Final = 2_000
_FIRST_MS: Final = -62_135_596_800_000
_LAST_MS: Final = 253_402_300_799_000
"""What a calendar of four-digit years holds."""
_UNITS: Final = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days"}

app = typer.Typer(no_args_is_help=True, help="Look at what was laid aside, or try it again.")

Stage = Annotated[StageName | None, typer.Option(help="Only those of this stage.")]
Topic = Annotated[str | None, typer.Option(metavar="NAME", help="Only those that came from this topic.")]
Since = Annotated[
    str | None, typer.Option(metavar="WHEN", help="Only those laid aside since: 30m, 2h, 3d, or a date and time.")
]
Id = Annotated[str, typer.Argument(metavar="ID", help="As 'list' shows it, such as 3:17.")]
Ids = Annotated[list[str] | None, typer.Argument(metavar="ID", help="As 'list' shows them, such as 3:17.")]


class DeadLetterMissingError(MatchstreamError):
    """A dead letter that is not there, or not any more."""


@dataclass(frozen=True, slots=True)
class _Filter:
    """Which letters are meant; None is any."""

    stage: str | None
    topic: str | None
    since_ms: float = 0.0

    @classmethod
    def of(cls, stage: StageName | None, topic: str | None, since: str | None) -> _Filter:
        return cls(stage, topic, _moment_ms(since, datetime.now(UTC)) if since else 0.0)

    def takes(self, letter: DeadLetter) -> bool:
        return (
            self.stage in (None, letter.stage)
            and self.topic in (None, letter.topic)
            and letter.record.timestamp_ms >= self.since_ms
        )


@app.command("list")
def list_letters(
    stage: Stage = None,
    topic: Topic = None,
    since: Since = None,
    *,
    open_only: Annotated[bool, typer.Option("--open", help="Leave out what was published again.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print each as a line of JSON.")] = False,
) -> None:
    """List what was laid aside: messages that can't be read, and those that a stage failed on."""
    letters = asyncio.run(_letters(load_settings(), _Filter.of(stage, topic, since), open_only=open_only))
    if as_json:
        for letter in letters:
            out.print(orjson.dumps(_as_json(letter)).decode())
        return
    if letters:
        out.print(_rows(letters))
    again = sum(1 for letter in letters if letter.retried_at)
    hint = "; look at one: matchstream dead-letters show ID" if letters else ""
    out.print(f"{counted(len(letters), 'dead letter')}, {again} of them published again{hint}")


@app.command()
def show(letter_id: Id) -> None:
    """Show one with all that is known of it: reason, traceback, headers and value."""
    [letter] = asyncio.run(_asked_for(load_settings(), [letter_id]))
    rows = table("", "")
    for name, told in _as_json(letter).items():
        rows.add_row(name, printable(str("-" if told is None else told)))
    for name, header in Headers.of(letter.original().headers).pairs:
        rows.add_row(printable(f"header {name}"), "-" if header is None else _text(header, _SHOWN_VALUE))
    out.print(rows)
    for line in letter.told("traceback").splitlines():
        out.print(f"  {printable(line)}")
    value = letter.record.value
    out.print("value: none, a withdrawal" if value is None else f"value: {_text(value, _SHOWN_VALUE)}")
    out.print(f"when its cause is mended: matchstream dead-letters retry {letter.id}")


@app.command()
def retry(
    ids: Ids = None,
    *,
    everything: Annotated[bool, typer.Option("--all", help="All that were not published again yet.")] = False,
    stage: Stage = None,
    topic: Topic = None,
    since: Since = None,
    old_too: Annotated[
        bool, typer.Option("--superseded", help="Those too whose key has a newer message by now.")
    ] = False,
) -> None:
    """Publish dead letters again, as they came, to the topics they came from.

    One stays out whose key has a newer message in its topic: what is old would replace what is new. A
    dead letter that was published again stays in the list, marked so; if it fails again, there is a new one.
    """
    if bool(ids) == everything:
        raise typer.BadParameter("ids or --all wanted, and not both", param_hint="'ID...'")
    chosen = _Filter.of(stage, topic, since)
    asyncio.run(_retry(load_settings(), ids or [], chosen, old_too=old_too))


async def _retry(settings: Settings, ids: Sequence[str], chosen: _Filter, *, old_too: bool) -> None:
    letters = await _asked_for(settings, ids) if ids else await _letters(settings, chosen, open_only=True)
    old = set[str]() if old_too else await superseded(settings, letters)
    going = [letter for letter in letters if letter.id not in old]
    await publish_again(settings, going)
    if old:
        warn(f"left out {', '.join(sorted(old))}: there is a newer message of that key; --superseded publishes it too")
    to = "".join(f", {number} to '{name}'" for name, number in Counter(letter.topic for letter in going).items())
    hint = "; see what becomes of it: matchstream dead-letters list --open" if going else ""
    out.print(printable(f"published {counted(len(going), 'dead letter')} again{to}{hint}"))


async def _letters(settings: Settings, chosen: _Filter, *, open_only: bool) -> list[DeadLetter]:
    async with aclosing(read_dead_letters(settings)) as letters:
        found = [one async for one in letters if chosen.takes(one) and not (open_only and one.retried_at)]
    return sorted(found, key=lambda letter: letter.record.timestamp_ms)


async def _asked_for(settings: Settings, ids: Sequence[str]) -> list[DeadLetter]:
    for one in ids:
        if not re.fullmatch(r"\d+:\d+", one):
            raise typer.BadParameter(f"'{one}', such as '3:17' wanted", param_hint="'ID'")
    found = await letters_by_id(settings, ids)
    for one in ids:
        if one not in found:
            remedy = "see 'matchstream dead-letters list'; they are kept for 30 days"
            raise DeadLetterMissingError(f"dead letter '{one}'", got="none", wanted="one", remedy=remedy)
    return [found[one] for one in dict.fromkeys(ids)]


def _as_json(letter: DeadLetter) -> dict[str, Any]:
    partition, offset = letter.place or (None, None)
    return {
        "id": letter.id,
        "laid_aside_at": _time(letter.record.timestamp_ms),
        "stage": letter.stage or None,
        "topic": letter.topic,
        "partition": partition,
        "offset": offset,
        "key": None if letter.record.key is None else letter.record.key.decode("utf-8", "replace"),
        "value_bytes": None if letter.record.value is None else len(letter.record.value),
        "error": letter.error,
        "reason": letter.told("reason"),
        "retried_at": letter.retried_at,
    }


def _rows(letters: Sequence[DeadLetter]) -> Any:
    rows = table("id", "laid aside", "stage", "topic", "key", "error", "published again")
    for one in letters:
        key = "-" if one.record.key is None else _text(one.record.key, _SHOWN_KEY)
        cells = (one.id, _time(one.record.timestamp_ms), one.stage or "-", one.topic, key, one.error)
        rows.add_row(*map(printable, cells), one.retried_at or "-")
    return rows


def _text(value: bytes, longest: int) -> str:
    text = printable(value[: 4 * longest + 4].decode("utf-8", "replace"))
    return text if len(text) <= longest else f"{text[:longest]}... ({len(value)} bytes)"


def _time(timestamp_ms: int) -> str:
    within = min(max(timestamp_ms, _FIRST_MS), _LAST_MS)
    return datetime.fromtimestamp(within / 1000, UTC).isoformat(timespec="seconds").replace("+00:00", "Z")


def _moment_ms(text: str, now: datetime) -> float:
    """Milliseconds since 1970 of a moment that is told as an age or as a date."""
    if age := re.fullmatch(r"(\d{1,6})([smhd])", text):
        return (now - timedelta(**{_UNITS[age[2]]: int(age[1])})).timestamp() * 1000
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise typer.BadParameter(f"'{text}', such as 30m, 2h, 3d or 2026-01-31T12:00 wanted") from None
    return (moment if moment.tzinfo else moment.astimezone()).timestamp() * 1000
