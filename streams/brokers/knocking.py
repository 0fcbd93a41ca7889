"""Asking once more over a single connection, when no broker let a client in.

Kafka's client logs what each address said and raises only that none would have it.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Any, Final

from aiokafka.conn import AIOKafkaConnection, collect_hosts, create_conn
from aiokafka.errors import KafkaError
from aiokafka.protocol.metadata import MetadataRequest

from streams.brokers.refusals import refusal
from streams.errors import BrokerError, BrokerUnavailableError
from streams.settings import Settings

__all__ = ["explained"]

_WITHIN_S: Final = 5.0

_Address = tuple[str, int]


@asynccontextmanager
async def explained(settings: Settings, options: Mapping[str, Any]) -> AsyncIterator[None]:
    """Say why no broker is available, where one can be got to say it.

    Args:
        settings: how the client talked.
        options: the same as arguments of aiokafka's clients.

    Raises:
        BrokerUnavailableError: none answers.
        BrokerError: one answers and refuses.
    """
    try:
        yield
    except BrokerUnavailableError as error:
        reason = await _reason(settings, options)
        if reason is None:
            raise
        raise reason from error


async def _reason(settings: Settings, options: Mapping[str, Any]) -> BrokerError | None:
    """What the first address refuses with: one that was given, or one that a broker names in its answer."""
    alone = {name: value for name, value in options.items() if name != "bootstrap_servers"}
    waiting = [(host, port) for host, port, _ in collect_hosts(options["bootstrap_servers"], randomize=False)]
    asked: set[_Address] = set()
    try:
        async with asyncio.timeout(_WITHIN_S):
            while waiting:
                address = waiting.pop(0)
                asked.add(address)
                try:
                    waiting += [one for one in await _brokers(address, alone) if one not in asked]
                except (KafkaError, OSError) as error:
                    reason = refusal(error, "{}:{}".format(*address), settings)
                    if reason is not None:
                        return reason
    except TimeoutError:
        pass
    return None


async def _brokers(address: _Address, options: Mapping[str, Any]) -> list[_Address]:
    """Where the brokers of the cluster say they are."""
    connection: AIOKafkaConnection = await create_conn(*address, **options)
    try:
        answer = await connection.send(MetadataRequest([]))
    finally:
        await connection.close()
    return [(broker[1], broker[2]) for broker in answer.brokers]
