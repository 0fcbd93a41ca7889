"""The judge stage: people's verdicts go to both listings, and both lists and products are made again."""

from __future__ import annotations

from collections.abc import Sequence

from streams.events import Judgement, Mark, Message
from streams.index.port import Change
from streams.stages import state
from streams.stages.dead_letters import read_or_lay_aside
from streams.stages.dependencies import Channel, Dependencies, Letter
from streams.stages.observer import Why


async def judge(messages: Sequence[Message], dependencies: Dependencies) -> None:
    """Apply a batch of the topic `judgements`: write first, mark afterwards, always both listings.

    A listing need not be there yet: the verdict waits for it. All verdicts on one pair come in order,
    for they have one key, and each pair has a field of its own in either point. Products go by verdicts
    themselves: where others link the two, neither list need change.
    """
    judgements, dead = read_or_lay_aside(messages, lambda message: Judgement.from_bytes(message.key, message.value))
    dependencies.observer.laid_aside("judge", Why.UNREADABLE, len(dead))
    last = {judgement.key: judgement for judgement in judgements}.values()
    await dependencies.index.write([_change(one, listing_id) for one in last for listing_id in one.listing_ids])
    marks = {listing_id: _cause(one, listing_id) for one in last for listing_id in one.listing_ids}
    letters = [
        Letter.mark(channel, Mark(listing_id, cause))
        for channel in (Channel.REMATCH, Channel.REGROUP)
        for listing_id, cause in marks.items()
    ]
    await dependencies.outbox.deliver([*dead, *letters])


def _change(judgement: Judgement, listing_id: str) -> Change:
    name, value = state.judged_field(judgement, listing_id)
    return Change(listing_id, payload={name: value})


def _cause(judgement: Judgement, listing_id: str) -> str:
    if judgement.verdict is None:
        return "a judgement was taken back"
    return f"judged {judgement.verdict} as listing '{judgement.other(listing_id)}'"
