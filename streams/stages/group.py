"""The group stage: listings that match become products, told to subscribers with what each seller asks."""

from __future__ import annotations

from collections.abc import Sequence

from streams.events import Message
from streams.stages.dependencies import Dependencies
from streams.stages.group_fields import ProductFields
from streams.stages.group_news import News
from streams.stages.group_search import search
from streams.stages.marks import causes_of


async def group(messages: Sequence[Message], dependencies: Dependencies) -> None:
    """Find the products of the listings a batch of `regroup` marks, and tell those that changed.

    A product spans listings, so one worker owns them all. It changes them so that no crash leaves two
    products with one listing, or subscribers with old news:

    1. write a record of the listings that are concerned, then the products' new events;
    2. tell them, and wait until the broker has them;
    3. write into each listing which product it is in: until then it says where the product's members come from;
    4. clear the record.

    A redelivered mark that finds a record looks at all that it names and tells once more what of it is
    as it was written. While the generation is not live, the same is done in fields and on a topic of its own,
    and what subscribers know stays as it is on record.
    """
    causes, audience, unheard = causes_of(messages), dependencies.audience(), dependencies.unheard
    fields = ProductFields(audience, dependencies.generation)
    found = await search(causes, dependencies.index, dependencies.product_limit, fields)
    news = News(found, causes, dependencies.generation, audience, unheard)
    await dependencies.index.write([*news.record(), *news.products()])
    await dependencies.outbox.deliver(news.letters())
    await dependencies.index.write(news.moves())
    await dependencies.index.write(news.clearing())
