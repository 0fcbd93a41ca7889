"""Agents: one Faust app per stage, each reading its topic in batches and acknowledging what is done.

The shape is the one that loses nothing: batches without automatic acknowledgement, raw values that
the stages decode themselves, acknowledged in order after the stage has finished, and a supervisor
that ends the process at whatever a stage raises, so that what was not acknowledged is read again.

One app, and so one consumer group, per stage: members of a group must all read the same topics, and
workers may run different stages.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import faust
from faust.auth import SASLCredentials, SSLCredentials

from streams.agents.consumers import LOGGER, PromptTransport, QuickTransport
from streams.agents.hands import Hands
from streams.agents.reading import StreamBatches
from streams.brokers.client import kafka_options
from streams.brokers.header_names import read_any_header_name
from streams.brokers.topics import Aside, StageName, Topics, group_of
from streams.events import Message
from streams.events.headers import Headers
from streams.membership import tell_lease
from streams.settings import Settings
from streams.stages.attempts import Process
from streams.stages.lease import REBALANCE_SESSIONS, Lease

_READ_MARKS = (StageName.BLEND, StageName.MATCH, StageName.GROUP)
_AHEAD: Mapping[StageName | Aside, int] = {StageName.EMBED: 2}
"""Batches in hand at once. The others read what they write: their batches come one after the other."""


def stage_app(
    stage: StageName | Aside, settings: Settings, process: Process, lease: Lease | None = None, *, topic: str = ""
) -> faust.App:
    """The app that runs one stage, and tells a lease of its group. Make it inside the running event loop.

    It reads the stage's topic; an `Aside` reads the one that is named.
    """
    read_any_header_name()
    batch_size = settings.mark_batch_size if stage in _READ_MARKS else settings.batch_size
    app = _App(
        group_of(settings, stage),
        loop=asyncio.get_running_loop(),
        broker=[f"kafka://{one.strip()}" for one in settings.brokers.split(",")],
        broker_credentials=_credentials(settings),
        store="memory://",
        agent_supervisor="mode.CrashingSupervisor",
        processing_guarantee="at_least_once",
        stream_wait_empty=True,
        topic_disable_leader=True,
        topic_allow_declare=False,
        consumer_auto_offset_reset="earliest",
        broker_commit_interval=1.0,
        broker_commit_every=1000,
        broker_session_timeout=settings.session_timeout_s,
        broker_heartbeat_interval=settings.session_timeout_s / 6,
        broker_rebalance_timeout=settings.session_timeout_s * REBALANCE_SESSIONS,
        stream_buffer_maxsize=max(512, 2 * batch_size),
        producer_acks=-1,
        worker_redirect_stdouts=False,
        web_enabled=False,
    )
    if lease is not None:
        app.rebalancing_begins = tell_lease(app, lease)
    transport = PromptTransport if settings.broker_embedded else QuickTransport
    app.transport = transport(app.conf.broker_consumer, app, loop=asyncio.get_running_loop())
    name = topic if isinstance(stage, Aside) else Topics(settings).inputs()[stage].name

    @app.agent(app.topic(name, key_serializer="raw", value_serializer="raw"), name=f"{stage}")
    async def run(stream: Any) -> None:
        await consume(stream, process, batch_size, settings.batch_wait_s, _AHEAD.get(stage, 1))

    return app


async def consume(stream: Any, process: Process, batch_size: int, wait_s: float, ahead: int = 1) -> None:
    """Hand a stream's events to a stage, a batch at a time, and acknowledge each batch when it is done.

    Args:
        stream: of an agent.
        process: the stage.
        batch_size: at most.
        wait_s: for a batch to fill.
        ahead: so many batches are in hand at once; they are acknowledged in order.
    """

    async def worked_off(events: Sequence[Any]) -> None:
        await process([_message(event) for event in events])

    await Hands(StreamBatches(stream, batch_size, wait_s), worked_off, ahead).work()


def _credentials(settings: Settings) -> Any:
    """The same way to talk to Kafka as everyone else's, in Faust's words; None without security."""
    options = kafka_options(settings)
    context = options["ssl_context"]
    if "sasl_mechanism" in options:
        return SASLCredentials(
            username=options["sasl_plain_username"],
            password=options["sasl_plain_password"],
            mechanism=options["sasl_mechanism"],
            ssl_context=context,
        )
    return SSLCredentials(context) if context else None


def _message(event: Any) -> Message:
    record = event.message
    return Message(
        topic=record.topic,
        key=record.key,
        value=record.value,
        partition=record.partition,
        offset=record.offset,
        timestamp_ms=int((record.timestamp or 0) * 1000),
        headers=Headers(record.headers or ()),
    )


class _App(faust.App):
    logger = LOGGER
    rebalancing_begins: Callable[[], None] | None = None

    def on_rebalance_start(self) -> None:
        """Tell at once: what follows waits for the batch in hand."""
        if self.rebalancing_begins is not None:
            self.rebalancing_begins()
        super().on_rebalance_start()

    def _create_directories(self) -> None:
        """Make none: without tables there is nothing to keep on disk."""
