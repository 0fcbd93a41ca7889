"""`matchstream judge A B VERDICT`: say whether two listings are one product."""

from __future__ import annotations

import asyncio
import getpass
from enum import StrEnum
from typing import Annotated

import typer

from streams.brokers.producer import Publisher
from streams.brokers.topics import Topics
from streams.cli.console import out
from streams.events import Judgement, Message, Verdict
from streams.events.clock import utc_now
from streams.settings import Settings, load_settings


class Said(StrEnum):
    """What can be said of two listings."""

    SAME = "same"
    DIFFERENT = "different"
    UNSURE = "unsure"
    TAKEN_BACK = "taken-back"


def judge(
    one: Annotated[str, typer.Argument(metavar="A", help="A listing's id.")],
    other: Annotated[str, typer.Argument(metavar="B", help="Another's.")],
    said: Annotated[Said, typer.Argument(metavar="VERDICT", help="same, different, unsure or taken-back.")],
    by: Annotated[str | None, typer.Option(metavar="NAME", help="Who says it; by default the user's name.")] = None,
) -> None:
    """Say whether two listings are one product. It always wins over what is computed, until it is taken back."""
    if one == other or not one.strip() or not other.strip():
        raise typer.BadParameter("one id twice or an empty one, two different listings wanted", param_hint="'A B'")
    verdict = None if said is Said.TAKEN_BACK else Verdict(said.value)
    judgement = Judgement.on(one, other, verdict, by=by or getpass.getuser(), at=utc_now())
    settings = load_settings()
    asyncio.run(_send(judgement, settings))
    out.print(f"'{one}' and '{other}': {said.value}; watch what follows: matchstream tail matches")


async def _send(judgement: Judgement, settings: Settings) -> None:
    message = Message(Topics(settings).judgements.name, judgement.key, judgement.to_bytes())
    async with Publisher(settings) as publisher:
        await publisher.publish_all([message])
