"""The time as events tell it."""

from __future__ import annotations

from datetime import UTC, datetime


def utc_now() -> str:
    """Now, in ISO 8601 and UTC, to the millisecond."""
    return datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
