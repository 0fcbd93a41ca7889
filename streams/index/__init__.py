"""The vector index: one port, two adapters.

The adapters, `streams.index.edge` and `streams.index.server`, are not imported here: a worker needs
the engine of one of them only. `streams.index.opening.open_index` opens the one that settings name.
"""

from streams.index.port import Change, Hit, Index, Page, Payload, Point, Query, View

__all__ = ["Change", "Hit", "Index", "Page", "Payload", "Point", "Query", "View"]
