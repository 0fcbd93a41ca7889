"""What the page knows: a SQLite file, filled from the topics."""

from streams.web.store.connection import Store
from streams.web.store.following import Follower
from streams.web.store.projection import Apply, Kind, Projection

__all__ = ["Apply", "Follower", "Kind", "Projection", "Store"]
