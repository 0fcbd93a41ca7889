"""What becomes of listings that hang together while people said that some of them are different."""

from __future__ import annotations

from streams.matching.grouping.graph import Graph, Neighbors

_Part = frozenset[str]

_NOBODY: frozenset[str] = frozenset()


def divided(members: _Part, graph: Graph, neighbors: Neighbors) -> list[_Part]:
    """The products of listings that hang together: one, unless two of them were judged different.

    Then the links are gone through in a fixed order, the surest first (see `Graph.rank`), and each joins
    what its two ends are in, unless somebody of the one was judged different from somebody of the other.
    So the link that gives way is the least sure one of those between the two, whatever came first.

    Args:
        members: everybody who is joined over whomever.
        graph: with the lists of all of them, and what was said of them.
        neighbors: whom a listing is joined to.
    """
    apart = graph.apart(members)
    if not apart:
        return [members]
    parts = {one: frozenset({one}) for one in members}
    pairs = {(one, other) for one in members for other in neighbors(one) if one < other}
    for one, other in sorted(pairs, key=graph.rank):
        mine, yours = parts[one], parts[other]
        if mine is not yours and not any(apart[a] & yours for a in mine & apart.keys()):
            joined = mine | yours
            parts.update(dict.fromkeys(joined, joined))
    return list(set(parts.values()))
