"""How to reach Kafka: options for its clients, from the settings."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from aiokafka import AIOKafkaConsumer
from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.conn import collect_hosts

from streams.brokers.failures import broker_errors
from streams.brokers.header_names import read_any_header_name
from streams.brokers.knocking import explained
from streams.brokers.unlogged import keep_contents_out_of_logs
from streams.errors import SettingsError, TopicMissingError
from streams.settings import Settings

__all__ = [
    "admin_client",
    "ensure_reachable",
    "kafka_options",
    "new_consumer",
    "partition_counts",
    "ssl_context",
    "stop_consumer",
]

_REQUEST_TIMEOUT_S = 30.0
_FIRST_ANSWER_S = 10.0
_STOPS_WITHIN_S = 2.0


def kafka_options(settings: Settings) -> dict[str, Any]:
    """Arguments that every aiokafka client takes: where the brokers are and how to talk to them.

    Raises:
        SettingsError: an address, a certificate or a key file can't be used.
    """
    keep_contents_out_of_logs()
    options: dict[str, Any] = {
        "bootstrap_servers": _addresses(settings),
        "client_id": "matchstream",
        "request_timeout_ms": int(_REQUEST_TIMEOUT_S * 1000),
        "security_protocol": settings.kafka_security_protocol,
        "ssl_context": ssl_context(settings),
    }
    if settings.kafka_security_protocol.startswith("SASL"):
        options |= _sasl_options(settings)
    return options


def ssl_context(settings: Settings) -> ssl.SSLContext | None:
    """The TLS context from the files that the settings name, or None when TLS is not used.

    Raises:
        SettingsError: a certificate or key file can't be used.
    """
    if not settings.kafka_security_protocol.endswith("SSL"):
        return None
    try:
        context = ssl.create_default_context(cafile=settings.kafka_ca_file)
    except OSError as error:
        raise _unusable("MATCHSTREAM_KAFKA_CA_FILE", settings.kafka_ca_file, error) from error
    if settings.kafka_certificate_file is not None:
        try:
            context.load_cert_chain(settings.kafka_certificate_file, settings.kafka_key_file, password="")
        except OSError as error:
            raise _unusable("MATCHSTREAM_KAFKA_CERTIFICATE_FILE", settings.kafka_certificate_file, error) from error
    return context


@asynccontextmanager
async def admin_client(settings: Settings) -> AsyncIterator[AIOKafkaAdminClient]:
    """A connected admin client.

    Raises:
        BrokerUnavailableError: no broker answers within 10 s.
        BrokerError: one answers and refuses.
    """
    options = kafka_options(settings)
    client = AIOKafkaAdminClient(**options)
    try:
        async with explained(settings, options):
            with broker_errors(settings):
                async with asyncio.timeout(_FIRST_ANSWER_S):
                    await client.start()
            yield client
    finally:
        await client.close()


async def ensure_reachable(settings: Settings) -> None:
    """Return when a broker answers.

    Raises:
        BrokerUnavailableError: none does within 10 s.
        BrokerError: one answers and refuses.
    """
    async with admin_client(settings):
        pass


def new_consumer(settings: Settings, **options: Any) -> AIOKafkaConsumer:
    """A consumer, not started yet, of records that anybody may have written.

    Raises:
        SettingsError: as `kafka_options`.
    """
    read_any_header_name()
    return AIOKafkaConsumer(**kafka_options(settings), **options)


async def stop_consumer(consumer: AIOKafkaConsumer) -> None:
    """Stop a consumer, also one whose brokers are gone, and one that was assigned something else just now."""
    stopping = asyncio.ensure_future(consumer.stop())
    try:
        while not (await asyncio.wait({stopping}, timeout=_STOPS_WITHIN_S))[0]:
            # Its fetcher lets one cancellation pass while it gives up an assignment, and waits for the next for ever.
            consumer._fetcher._fetch_task.cancel()  # noqa: SLF001 - there is no public way
        stopping.result()
    except asyncio.CancelledError:
        # The consumer lets the cancellation of its own fetches out; only ours goes on.
        task = asyncio.current_task()
        if task is None or task.cancelling():
            raise


async def partition_counts(admin: AIOKafkaAdminClient, topics: Sequence[str]) -> dict[str, int]:
    """How many partitions each of these topics has.

    Raises:
        TopicMissingError: one does not exist.
    """
    # All names first: to ask for a topic by name would create it where brokers do that.
    missing = set(topics) - set(await admin.list_topics())
    if missing:
        remedy = "run 'matchstream topics create'"
        raise TopicMissingError(f"topic '{min(missing)}'", got="none", wanted="one", remedy=remedy)
    found = await admin.describe_topics(list(topics))
    return {topic["topic"]: len(topic["partitions"]) for topic in found}


def _addresses(settings: Settings) -> list[str]:
    addresses = [address.strip() for address in settings.brokers.split(",") if address.strip()]
    try:
        collect_hosts(addresses)
    except ValueError:
        addresses = []
    if not addresses:
        raise SettingsError(
            "setting MATCHSTREAM_BROKERS",
            got=repr(settings.brokers),
            wanted="host:port, separated by commas",
            remedy="mend it in the environment or in .env",
        )
    return addresses


def _sasl_options(settings: Settings) -> dict[str, Any]:
    if settings.kafka_username is None or settings.kafka_password is None:
        raise SettingsError(
            f"MATCHSTREAM_KAFKA_SECURITY_PROTOCOL={settings.kafka_security_protocol}",
            got="no user or no password",
            wanted="both",
            remedy="set MATCHSTREAM_KAFKA_USERNAME and MATCHSTREAM_KAFKA_PASSWORD",
        )
    return {
        "sasl_mechanism": settings.kafka_sasl_mechanism,
        "sasl_plain_username": settings.kafka_username,
        "sasl_plain_password": settings.kafka_password.get_secret_value(),
    }


def _unusable(setting: str, path: Path | None, error: OSError) -> SettingsError:
    reason = error.strerror or type(error).__name__
    remedy = "check that the file exists, can be read and fits its key"
    return SettingsError(f"{setting}={path}", got=reason, wanted="a PEM file", remedy=remedy)
