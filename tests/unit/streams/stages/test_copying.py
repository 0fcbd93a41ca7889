"""Embeddings of another generation go on as they came."""

from fakes.memory_index import MemoryIndex

from streams.events import Message
from streams.events.headers import Headers
from streams.matching import Policy, Rules
from streams.stages import Channel, Dependencies
from streams.stages.copying import copy


class Sent:
    def __init__(self):
        self.letters = []

    async def deliver(self, letters):
        self.letters += letters


async def test_key_value_and_headers_stay_and_all_are_sent():
    outbox = Sent()
    headers = Headers([("a", b"1"), ("a", None)])
    messages = [
        Message("g1.embeddings", b"k", b"not even ours", 2, 7, headers=headers),
        Message("g1.embeddings", b"k", None, 2, 8),
    ]
    await copy(messages, Dependencies(MemoryIndex({}), outbox, Rules(Policy())))
    assert [(one.channel, one.key, one.value, one.partition) for one in outbox.letters] == [
        (Channel.EMBEDDINGS, b"k", b"not even ours", None),
        (Channel.EMBEDDINGS, b"k", None, None),
    ]
    assert outbox.letters[0].headers.pairs == headers.pairs
