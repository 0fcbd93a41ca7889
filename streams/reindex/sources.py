"""Whether the topics that a generation is filled from still have their beginning."""

from __future__ import annotations

from collections.abc import Sequence

from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.admin.config_resource import ConfigResource, ConfigResourceType

from streams.brokers.client import admin_client
from streams.brokers.failures import broker_errors
from streams.brokers.groups import new_group_reader
from streams.brokers.topics import Topics
from streams.errors import GenerationSourceError
from streams.events.generations import Generation, Source
from streams.settings import Settings

__all__ = ["check_whole", "deleting", "sources_of"]

_POLICY = "cleanup.policy"


def sources_of(settings: Settings, generation: Generation) -> tuple[str, str]:
    """The topics that a generation is filled from: of listings or their rows, and of judgements."""
    topics = Topics(settings)
    if generation.source is Source.LISTINGS:
        return topics.listings.name, topics.judgements.name
    origin = Topics(settings.model_copy(update={"generation": generation.origin}))
    return origin.embeddings.name, topics.judgements.name


async def check_whole(settings: Settings, generation: Generation, origin: Generation) -> None:
    """Return when nothing was deleted from the beginning of these topics; compaction leaves the beginning where it is.

    Raises:
        GenerationSourceError: something was.
        TopicMissingError: one does not exist.
        BrokerUnavailableError: no broker answers.
    """
    first, judgements = sources_of(settings, generation)
    async with new_group_reader(settings) as reader:
        for topic in (first, judgements):
            gone = {number: start for number, start in (await reader.starts(topic)).items() if start}
            if gone:
                number, start = min(gone.items())
                raise GenerationSourceError(
                    f"topic '{topic}'",
                    got=f"its beginning was deleted: partition {number} begins at offset {start}",
                    wanted="all that was ever the newest of its key",
                    remedy=_remedy(generation, origin, of_listings=topic == first),
                )


async def deleting(settings: Settings, topics: Sequence[str]) -> list[str]:
    """Those of these topics that brokers delete from, by age or size: their beginning may go at any time.

    Raises:
        BrokerUnavailableError: no broker answers.
    """
    async with admin_client(settings) as admin:
        with broker_errors(settings):
            return [topic for topic in topics if await _deletes(admin, topic)]


async def _deletes(admin: AIOKafkaAdminClient, topic: str) -> bool:
    responses = await admin.describe_configs([ConfigResource(ConfigResourceType.TOPIC, topic)])
    found = {entry[0]: entry[1] for response in responses for one in response.resources for entry in one[4]}
    limited = any(int(found.get(name) or -1) >= 0 for name in ("retention.ms", "retention.bytes"))
    return "delete" in (found.get(_POLICY) or "") and limited


def _remedy(generation: Generation, origin: Generation, *, of_listings: bool) -> str:
    if of_listings and generation.source is Source.EMBEDDINGS:
        return "run it again with '--from listings': all is embedded anew"
    if of_listings and generation.encoders == origin.encoders:
        return "run it again with '--from embeddings'"
    things = "listings" if of_listings else "judgements"
    return f"publish all {things} once more, then run it again with '--allow-gaps'"
