"""What the topics say that a generation told, and who hears it."""

from __future__ import annotations

from contextlib import aclosing
from dataclasses import replace

from streams.brokers.reader import read_records
from streams.brokers.roster import read_roster
from streams.brokers.topics import Topic, Topics
from streams.errors import TopicMissingError
from streams.events import MatchEvent, Message
from streams.events.headers import read_told
from streams.events.products import ProductEvent
from streams.settings import Settings
from streams.stages import Audience
from streams.verification.repairing import Told


async def audience_of(settings: Settings) -> Audience:
    """Who hears the settings' generation.

    Before the first worker wrote into the roster, and with the embedded broker, there is only one.

    Raises:
        BrokerUnavailableError: no broker answers.
        UnreadableEventError: somebody else wrote into the roster.
    """
    if settings.broker_embedded:
        return Audience.PUBLIC
    try:
        roster = await read_roster(settings)
    except TopicMissingError:
        return Audience.PUBLIC
    return Audience.PUBLIC if roster.live is None or roster.is_live(settings.generation) else Audience.SHADOW


async def read_all_told(settings: Settings, audience: Audience) -> Told:
    """The last events that those heard who hear the settings' generation.

    Raises:
        TopicMissingError: a topic does not exist.
        BrokerUnavailableError: no broker answers.
        UnreadableEventError: somebody else wrote into a topic.
    """
    topics = Topics(settings)
    public = await _told(settings, topics.matches, topics.products)
    if audience is Audience.PUBLIC:
        return public
    aside = await _told(settings, topics.shadow_matches, topics.shadow_products)
    live = (await read_roster(settings)).live
    was_live = live is not None and settings.generation in live.heard
    return own_of(public, aside, settings.generation, was_live=was_live)


def own_of(public: Told, aside: Told, generation: str, *, was_live: bool) -> Told:
    """What a generation that is not live told last, here or there.

    If it was live once, the one that is may have told any of it anew since: that part is gone.
    """
    matches = {one: event for one, event in public.matches.items() if event.generation == generation}
    products = {one: event for one, event in public.products.items() if event.generation == generation}
    matches.update(
        {i: one for i, one in aside.matches.items() if i not in matches or one.revision > matches[i].revision}
    )
    products.update(
        {i: one for i, one in aside.products.items() if i not in products or one.revision > products[i].revision}
    )
    return Told(matches, products, gaps=was_live)


async def _told(settings: Settings, matches: Topic, products: Topic) -> Told:
    lists, groups = dict[str, MatchEvent](), dict[str, ProductEvent]()
    async with aclosing(read_records(settings, matches.name, until_end=True)) as records:
        async for record in records:
            event = _match_event(record)
            lists[event.listing_id] = event
    async with aclosing(read_records(settings, products.name, until_end=True)) as records:
        async for record in records:
            product = ProductEvent.from_bytes(record.key, record.value, record.headers)
            groups[product.product_id] = product
    return Told(lists, groups)


def _match_event(record: Message) -> MatchEvent:
    event = MatchEvent.from_bytes(record.key, record.value)
    if event.matches is not None:
        return event
    revision, generation = read_told(record.headers)
    return replace(event, revision=revision, generation=generation)
