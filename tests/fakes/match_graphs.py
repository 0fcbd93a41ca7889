"""Match lists in short, for listings with names of one letter."""

from __future__ import annotations

from collections.abc import Mapping

from streams.events import Match, Verdict
from streams.matching import Verdicts
from streams.matching.grouping import BareLink


def matches(links: Mapping[str, bool | BareLink] | str) -> tuple[Match, ...]:
    """A match list: other listings, each strong or not; in a string of letters capitals are strong."""
    if isinstance(links, str):
        links = {one.lower(): one.isupper() for one in links}
    each = {other: link if isinstance(link, BareLink) else BareLink(link, 0.9) for other, link in links.items()}
    return tuple(
        Match(other, link.similarity, {"rule": "combined>=0.60"}, strong=link.strong) for other, link in each.items()
    )


def graph(*edges: str, alone: str = "") -> dict[str, tuple[Match, ...]]:
    """Lists of listings with one-letter names from links such as 'ab', 'AB' for strong, 'a>b' for one side only.

    A digit at the end is the similarity in tenths: 'AB7'.
    """
    links: dict[str, dict[str, BareLink]] = {one: {} for one in alone}
    for edge in edges:
        ends, similarity = edge.rstrip("0123456789"), int(edge[-1]) / 10 if edge[-1].isdigit() else 0.9
        one, other = ends[0].lower(), ends[-1].lower()
        links.setdefault(one, {})[other] = BareLink(ends[0].isupper(), similarity)
        back = links.setdefault(other, {})
        if ">" not in ends:
            back[one] = BareLink(ends[-1].isupper(), similarity)
    return {one: matches(some) for one, some in links.items()}


def verdicts(*said: str) -> Verdicts:
    """What people said of listings with one-letter names: 'a=b' for same, 'a!b' for different, 'a?b' for unsure."""
    words = {"=": Verdict.SAME, "!": Verdict.DIFFERENT, "?": Verdict.UNSURE}
    found: dict[str, dict[str, Verdict]] = {}
    for one, word, other in said:
        found.setdefault(one, {})[other] = found.setdefault(other, {})[one] = words[word]
    return found
