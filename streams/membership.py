"""What a stage's app tells the lease of its consumer group: rebalances, and heartbeats that were answered.

Faust and aiokafka keep to themselves when the coordinator was heard last; it is learned where they ask it.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

import faust

from streams.stages.lease import Lease

__all__ = ["tell_lease"]


def tell_lease(app: faust.App, lease: Lease) -> Callable[[], None]:
    """Tell the lease of the app's group from now on; what is returned is to be called when a rebalance begins."""
    group = app.conf.id
    hearing: set[int] = set()

    async def assigned(_app: Any, /, *_arguments: Any, **_signal: Any) -> None:
        coordinator = _coordinator(app)
        if coordinator is not None and id(coordinator) not in hearing:
            hearing.add(id(coordinator))
            coordinator._do_heartbeat = _telling(coordinator._do_heartbeat, coordinator, group, lease)  # noqa: SLF001
        lease.assigned(group, leaving=lambda: app.should_stop)

    async def revoked(_app: Any, /, *_arguments: Any, **_signal: Any) -> None:
        """Faust tells so when what was in hand is done."""
        lease.let_go(group)

    def rebalancing() -> None:
        if _is_out(_coordinator(app)):
            lease.expelled(group)
        else:
            lease.asked(group)

    app.on_partitions_assigned.connect(assigned)
    app.on_partitions_revoked.connect(revoked)
    return rebalancing


def _telling(
    heartbeat: Callable[[], Awaitable[bool]], coordinator: Any, group: str, lease: Lease
) -> Callable[[], Awaitable[bool]]:
    async def told() -> bool:
        at = lease.clock()
        answered = await heartbeat()
        if answered:
            lease.heard(group, at)
        elif _is_out(coordinator):
            lease.expelled(group)
        return answered

    return told


def _coordinator(app: faust.App) -> Any:
    """Of the consumer that runs now, None when none does."""
    thread = getattr(app.consumer, "_thread", None)
    return getattr(getattr(thread, "_consumer", None), "_coordinator", None)


def _is_out(coordinator: Any) -> bool:
    """Whether the group has told that it does not know this member, or not in this generation."""
    return coordinator is not None and coordinator.generation < 0
