"""The rows of another generation, copied into this one's `embeddings`: what was embedded once is not embedded again.

All that is sent there is copied for as long as this generation is not live, also what it embeds itself: where a
reader stops short of the end, the last message of a listing may be beyond it, and compaction has removed those before.
"""

from __future__ import annotations

from collections.abc import Sequence

from streams.events import Message
from streams.stages.dependencies import Channel, Dependencies, Letter


async def copy(messages: Sequence[Message], dependencies: Dependencies) -> None:
    """Send a batch of another generation's `embeddings` on as it came.

    It may come in any order with what this generation embeds, and any number of times: index joins them by version.
    """
    await dependencies.outbox.deliver([Letter(Channel.EMBEDDINGS, one.key, one.value, one.headers) for one in messages])
