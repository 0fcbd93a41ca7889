"""The judge stage: people's verdicts go to both listings, and both lists are made again."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from streams.errors import UnreadableEventError
from streams.events import Judgement, Mark, Message
from streams.events.records import dead_letter_headers
from streams.index.port import Change
from streams.stages import state
from streams.stages.dependencies import Channel, Dependencies, Letter


async def judge(messages: Sequence[Message], dependencies: Dependencies) -> None:
    """Apply a batch of the topic `judgements`: write first, mark afterwards, always both listings.

    A listing need not be there yet: the verdict waits for it. All verdicts on one pair come in order,
    for they have one key, and each pair has a field of its own in either point.
    """
    judgements, dead = _read(messages)
    last = {judgement.key: judgement for judgement in judgements}.values()
    await dependencies.index.write([_change(one, listing_id) for one in last for listing_id in one.listing_ids])
    marks = {listing_id: _cause(one, listing_id) for one in last for listing_id in one.listing_ids}
    letters = [Letter.mark(Channel.REMATCH, Mark(listing_id, cause)) for listing_id, cause in marks.items()]
    await dependencies.outbox.deliver([*dead, *letters])


def _read(messages: Iterable[Message]) -> tuple[list[Judgement], list[Letter]]:
    judgements, dead = [], []
    for message in messages:
        try:
            judgements.append(Judgement.from_bytes(message.key, message.value))
        except UnreadableEventError as error:
            headers = dead_letter_headers(message, str(error))
            dead.append(Letter(Channel.DEAD_LETTERS, message.key, message.value, headers))
    return judgements, dead


def _change(judgement: Judgement, listing_id: str) -> Change:
    name, value = state.judged_field(judgement, listing_id)
    return Change(listing_id, payload={name: value})


def _cause(judgement: Judgement, listing_id: str) -> str:
    one, two = judgement.listing_ids
    other = two if listing_id == one else one
    return f"judged {judgement.verdict} as listing '{other}'" if judgement.verdict else "a judgement was taken back"
