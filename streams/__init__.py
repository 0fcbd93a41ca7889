"""Streams: events in, matches out."""

__all__: list[str] = []
