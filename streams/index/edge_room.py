"""How many listings an embedded index serves well, and saying so once when it has more."""

from __future__ import annotations

import logging
from pathlib import Path
from typing import Final

SERVES: Final = 65_000
"""Listings: with more it takes fewer than ten a second (`matchstream bench matching`); every search looks at each."""

_log = logging.getLogger(__name__)


class Room:
    """Warns once.

    Args:
        directory: of the collection, for the message.
        serves: so many listings are well.
    """

    def __init__(self, directory: Path, serves: int = SERVES) -> None:
        self._directory, self._serves, self._told = directory, serves, False

    def look(self, points: int) -> None:
        """With so many points in the collection."""
        if points > self._serves and not self._told:
            self._told = True
            _log.warning(
                "index '%s': %d listings, and an embedded index serves about %d well, for every search looks at each; "
                "matching will fall behind: start a Qdrant server, set MATCHSTREAM_INDEX=server and "
                "MATCHSTREAM_QDRANT_URL, and run 'matchstream reindex start NAME'",
                self._directory,
                points,
                self._serves,
            )
