"""Listings by their words, what they state, and what they contradict."""

import pytest

from streams.matching.details import Details
from streams.matching.variants import VetoKind, facts_of, vetoes_of


@pytest.fixture
def states():
    """What a title states, of one kind."""

    def read(kind, title, **fields):
        attributes = tuple(sorted(fields.pop("attributes", {}).items()))
        return facts_of(Details(title=title, attributes=attributes, **fields)).sets[VetoKind(kind)]

    return read


@pytest.fixture
def reasons():
    """Why two titles are not the same product, of any kind."""

    def compare(own, other, **fields):
        one, two = (
            details if isinstance(details, Details) else Details(title=details, **fields) for details in (own, other)
        )
        return [veto.reason for veto in vetoes_of(one, two, list(VetoKind))]

    return compare
