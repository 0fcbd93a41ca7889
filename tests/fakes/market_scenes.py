"""A market that has been told its products, and what is told when its links change."""

from __future__ import annotations

from fakes.match_graphs import graph
from fakes.products import Market


async def market(*edges: str, alone: str = "", limit: int = 10) -> Market:
    """A market with these links, products told."""
    ready = Market(limit)
    await ready.fill(graph(*edges, alone=alone))
    ready.listen()
    return ready


async def rewritten(ready, *edges, alone="", only=None):
    """What is told after these links have taken the place of the old ones."""
    lists = graph(*edges, alone=alone)
    gone = {one: None for one in ready.lists if one not in lists}
    changed = {one: some for one, some in {**lists, **gone}.items() if ready.lists.get(one) != some}
    ready.listen()
    await ready.fill(changed if only is None else {one: changed[one] for one in only})
    return ready.members()
