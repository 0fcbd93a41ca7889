"""Match lists in short, for listings with names of one letter."""

from __future__ import annotations

from collections.abc import Mapping

from streams.events import Match


def matches(links: Mapping[str, bool] | str) -> tuple[Match, ...]:
    """A match list: other listings, each strong or not; in a string of letters capitals are strong."""
    if isinstance(links, str):
        links = {one.lower(): one.isupper() for one in links}
    return tuple(Match(other, 0.9, {"rule": "combined>=0.60"}, strong=strong) for other, strong in links.items())


def graph(*edges: str, alone: str = "") -> dict[str, tuple[Match, ...]]:
    """Lists of listings with one-letter names from links such as 'ab', 'AB' for strong, 'a>b' for one side only."""
    links: dict[str, dict[str, bool]] = {one: {} for one in alone}
    for edge in edges:
        one, other = edge[0].lower(), edge[-1].lower()
        links.setdefault(one, {})[other] = edge[0].isupper()
        back = links.setdefault(other, {})
        if ">" not in edge:
            back[one] = edge[-1].isupper()
    return {one: matches(some) for one, some in links.items()}
