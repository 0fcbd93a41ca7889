"""Asking the index of the live generation why two listings are the same product, or not."""

from __future__ import annotations

import asyncio
from typing import Final

from encoders.bundle import Bundle
from streams.matching.bundled import rules_of
from streams.matching.rules import Rules
from streams.stages.explaining import Explained, decided, read_both
from streams.web.services import Lives

_KEPT: Final = 2


class Rulebook:
    """The rules of the bundles that were asked for last: reading a pair scorer takes a second."""

    def __init__(self) -> None:
        self._rules: dict[str, Rules] = {}

    def of(self, bundle: Bundle) -> Rules:
        """How that bundle decides.

        Raises:
            SettingsError: its thresholds or its scorer can't be used.
        """
        rules = self._rules.pop(bundle.digest, None) or rules_of(bundle)
        self._rules[bundle.digest] = rules
        while len(self._rules) > _KEPT:
            self._rules.pop(next(iter(self._rules)))
        return rules


async def ask(living: Lives, rulebook: Rulebook, one: str, other: str) -> Explained:
    """The decision with all its numbers.

    Raises:
        UnknownListingError: the index does not have one of the two.
        IndexUnavailableError: no worker has the index open.
    """
    live = await living.now()
    points = await read_both(live.reader, (one, other), live.settings.generation)
    return await asyncio.to_thread(lambda: decided(*points, rulebook.of(live.bundle)))
