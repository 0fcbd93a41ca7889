"""Click logs written by hand, over listings whose titles are angles: how alike two are is the cosine between them."""

from types import SimpleNamespace

import numpy as np
import pytest

from streams.learning.positives import Catalogue, Click, ClickLog, Limits, choose_positives

EVERYTHING_GOES = {
    "same_leaf": False,
    "relevance": -1.0,
    "likeness": -1.0,
    "sessions": 1,
    "damping": 0.0,
    "score": 0.0,
    "per_listing": 99,
}


def searches(text):
    """Clicks, from a session, a query and listings a line."""
    lines = [line.split() for line in text.strip().splitlines()]
    return [Click(session, query, listing_id) for session, query, *clicked in lines for listing_id in clicked]


def angles(texts):
    radians = np.radians([float(text) for text in texts])
    return np.stack([np.cos(radians), np.sin(radians)], axis=1).astype(np.float32)


@pytest.fixture
def choose():
    """Chooses among the listings a to h and x; whatever is not limited goes."""

    def chosen(clicks, titles=None, leaves=None, most=50, **limits):
        listing_ids = tuple("abcdefghx")
        catalogue = Catalogue(
            listing_ids,
            tuple((titles or {}).get(one, "0") for one in listing_ids),
            tuple((leaves or {}).get(one, "") for one in listing_ids),
        )
        log = ClickLog.of(searches(clicks) if isinstance(clicks, str) else clicks, listing_ids, most)
        found = choose_positives(log, catalogue, angles, Limits(**{**EVERYTHING_GOES, **limits}))
        pairs = {one.a + one.b: (one.queries, one.sessions, one.score) for one in found.positives}
        return SimpleNamespace(pairs=pairs, left=[step.left for step in found.steps], steps=found.steps)

    return chosen
