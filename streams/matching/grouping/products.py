"""The products of a whole catalogue: what the stream's products equal once its topics are drained."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from streams.events import Match
from streams.matching.grouping.dividing import divided
from streams.matching.grouping.graph import NOTHING_SAID, Graph, Links, Neighbors, links_of, reached
from streams.matching.rules import Verdicts


@dataclass(frozen=True, slots=True)
class Group:
    """The listings of one product.

    Args:
        members: listing ids in order, at least one.
        oversized: they hang together with more listings than a product may have, and were kept apart
            from some of them.
    """

    members: tuple[str, ...]
    oversized: bool = False

    @property
    def product_id(self) -> str:
        """The smallest listing id among the members."""
        return self.members[0]

    @classmethod
    def of(cls, members: Iterable[str], *, oversized: bool = False) -> Group:
        """Of members in any order."""
        return cls(tuple(sorted(members)), oversized)


def products(lists: Mapping[str, Iterable[Match]], limit: int, verdicts: Verdicts = NOTHING_SAID) -> dict[str, Group]:
    """Group listings into products.

    Products are the connected components over the links that count (see `Graph`), a listing alone
    included. Of a component with more than `limit` listings only the strong links count; what is
    still larger is left as single listings. All that comes out of such a component is `oversized`.
    Two listings that were judged different are never in one product: what hangs together is `divided`.

    Args:
        lists: the match list of every listing that is there; without matches it is empty.
        limit: listings in one product at most.
        verdicts: what people said.

    Returns:
        Product id to its group; every listing is in exactly one.
    """
    return linked_products({listing_id: links_of(matches) for listing_id, matches in lists.items()}, limit, verdicts)


def linked_products(links: Mapping[str, Links], limit: int, verdicts: Verdicts = NOTHING_SAID) -> dict[str, Group]:
    """The same where of the lists only the links are known."""
    graph = Graph(links, verdicts)
    groups = [group for component in _components(links, graph.counted) for group in _parts(component, graph, limit)]
    return {group.product_id: group for group in groups}


def _parts(component: frozenset[str], graph: Graph, limit: int) -> list[Group]:
    """What is built of listings that hang together."""
    if len(component) <= limit:
        return [Group.of(members) for members in divided(component, graph, graph.counted)]
    return [
        Group.of(members, oversized=True)
        for part in _components(component, graph.strong)
        for members in (divided(part, graph, graph.strong) if len(part) <= limit else [[one] for one in part])
    ]


def _components(listing_ids: Iterable[str], neighbors: Neighbors) -> list[frozenset[str]]:
    found: list[frozenset[str]] = []
    seen: set[str] = set()
    for listing_id in listing_ids:
        if listing_id not in seen:
            found.append(reached(listing_id, neighbors))
            seen |= found[-1]
    return found
