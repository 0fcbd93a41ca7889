"""What the group stage puts down of how listings hang together, where products alone do not tell it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from streams.index.port import Change
from streams.stages import state
from streams.stages.group_search import Found


@dataclass(frozen=True, slots=True)
class Memory:
    """Who leads to those whose products a later change may touch.

    In a crowd these are the links of each listing, in what judgements divide everybody who hangs together.
    What is new is added before products change, and what is over is taken away afterwards: an attempt
    that is cut off in between finds both.

    Args:
        found: of a search.
        marked: listings whose earlier links were looked at.
    """

    found: Found
    marked: Sequence[str]

    def before(self) -> Iterator[Change]:
        """What is not on record yet."""
        for one in sorted(self.found.crowded):
            if self._links(one) - self.found.seen[one].crowd_links:
                yield _added(one, state.CROWD_LINKS, self._links(one) | self.found.seen[one].crowd_links)
        for one, together in sorted(self.found.divided.items()):
            if together - self.found.seen[one].divided:
                yield _added(one, state.DIVIDED, together | self.found.seen[one].divided)

    def after(self) -> Iterator[tuple[str, str, list[str]]]:
        """By listing and field, what is left of a record that has more in it."""
        for one in self.marked:
            now = self._links(one) if one in self.found.crowded else frozenset[str]()
            if self.found.seen[one].crowd_links - now:
                yield one, state.CROWD_LINKS, sorted(now)
        for one in self.found.groups:
            together = self.found.divided.get(one, frozenset[str]())
            if self.found.seen[one].divided - together:
                yield one, state.DIVIDED, sorted(together)

    def _links(self, listing_id: str) -> frozenset[str]:
        return frozenset(self.found.seen[listing_id].links or ())


def _added(listing_id: str, name: str, listing_ids: frozenset[str]) -> Change:
    return Change(listing_id, record={name: sorted(listing_ids)})
