"""A worker with one stage that passes on what it reads, fails on some messages and dies of others.

Run as `python -m fakes.dying_worker`, told everything by MATCHSTREAM_ settings. It is put together of the
real worker's parts, save for the stage.
"""

import asyncio
import os
from functools import partial

from streams.agents import stage_app
from streams.bootstrap import KafkaOutbox
from streams.brokers.producer import Publisher
from streams.brokers.topics import StageName, Topics, group_of
from streams.settings import Settings, load_settings
from streams.stages import Channel, Letter
from streams.stages.attempts import Attempts
from streams.stages.journals import Journals
from streams.worker import _stop_signal


async def stage(messages, outbox):
    for message in messages:
        if message.value == b"deadly":
            os._exit(139)
        if message.value == b"poison":
            raise ZeroDivisionError
        if message.value == b"endless":
            await asyncio.Event().wait()
    await outbox.deliver([Letter(Channel.EMBEDDINGS, one.key, one.value) for one in messages])


async def run(settings: Settings) -> None:
    journals = Journals(settings.attempts_path)
    stop = _stop_signal(journals.let_go)
    async with Publisher(settings) as publisher:
        outbox = KafkaOutbox(publisher, Topics(settings))
        with journals:
            journal = journals.of(group_of(settings, StageName.EMBED))
            process = partial(stage, outbox=outbox)
            attempts = Attempts("embed", process, outbox, journals, journal, limit=settings.attempts)
            app = stage_app(StageName.EMBED, settings, attempts)
            await app.start()
            await stop.wait()
            await app.stop()


if __name__ == "__main__":
    asyncio.run(run(load_settings()))
