"""Looking at what a run needs before it begins, so that what is missing is said at once and in one line."""

from __future__ import annotations

from encoders.bundle import Bundle, read_bundle
from streams.brokers.client import admin_client, partition_counts
from streams.brokers.failures import broker_errors
from streams.brokers.topics import Topics
from streams.index.opening import open_index
from streams.settings import Settings

_ANSWERS_WITHIN_S = 10.0


async def ensure_ready(settings: Settings) -> Bundle:
    """The bundle, when it can be read, every topic is there and the index server answers.

    Raises:
        BundleError: the bundle can't be used.
        BrokerUnavailableError: no broker answers.
        TopicMissingError: a topic does not exist.
        IndexUnavailableError: the index server does not answer.
        IndexMismatchError: the collection was made for another bundle.
    """
    bundle = read_bundle(settings.bundle)
    async with admin_client(settings) as admin:
        with broker_errors(settings):
            await partition_counts(admin, [topic.name for topic in Topics(settings)])
    await ensure_index(settings, bundle)
    return bundle


async def ensure_index(settings: Settings, bundle: Bundle) -> None:
    """Return when the index server answers; the embedded index is opened by the worker alone.

    Raises:
        IndexUnavailableError: it does not answer.
        IndexMismatchError: the collection was made for another bundle.
    """
    if settings.index == "server":
        hasty = settings.model_copy(update={"qdrant_timeout_s": min(settings.qdrant_timeout_s, _ANSWERS_WITHIN_S)})
        await (await open_index(hasty, bundle.dimensions)).close()
