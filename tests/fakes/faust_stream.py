"""What of Faust a stage's reading touches: a queue, a flow that can be stopped, a consumer that counts."""

import asyncio
from types import SimpleNamespace


class Flow:
    """Whether messages may be worked off."""

    active = True

    def is_active(self):
        return self.active


class Record:
    """A message that was fetched in some generation of the group."""

    def __init__(self, offset, generation_id=1):
        self.tp, self.offset, self.generation_id = ("listings", 0), offset, generation_id
        self.tracked = False

    def ack(self, consumer):
        consumer.acknowledged.append(self.offset)


class FakeStream:
    """A stream whose queue is filled by hand."""

    def __init__(self):
        self.consumer = SimpleNamespace(unacked=set(), acknowledged=[])
        self.channel = SimpleNamespace(queue=asyncio.Queue())
        self.app = SimpleNamespace(
            flow_control=Flow(),
            consumer=self.consumer,
            consumer_generation_id=1,
            monitor=SimpleNamespace(stream_inbound_time={}),
        )

    def come(self, *offsets, generation_id=1):
        for offset in offsets:
            self.channel.queue.put_nowait(SimpleNamespace(message=Record(offset, generation_id)))
