"""What is listed after all the events of a file, by the rule the stream goes by."""

from __future__ import annotations

from collections.abc import Iterable

from streams.events import ListingEvent, Standing


def listed(events: Iterable[ListingEvent]) -> dict[str, ListingEvent]:
    """The event of each listing that is there after all of them: that of its newest version."""
    standings: dict[str, Standing] = {}
    newest: dict[tuple[str, object], ListingEvent] = {}
    for event in events:
        before = standings.get(event.listing_id, Standing())
        standings[event.listing_id] = before.after(event.version, event.position)
        if event.listing is not None:
            newest[event.listing_id, event.version] = event
    return {i: newest[i, standing.version] for i, standing in standings.items() if standing.listed}
