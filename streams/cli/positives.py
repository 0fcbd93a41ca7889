"""`matchstream positives`: pairs of listings to train on, from a click log."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

_CUTS_OF_WORDS = 0.1, 0.25
_CUTS_OF_ENCODERS = 0.4, 0.6
"""Relevance and likeness where nothing else is asked for: an encoder finds any two texts somewhat alike."""


def positives(  # noqa: PLR0913, PLR0917 - each option is one choice of the user's
    clicks: Annotated[
        Path, typer.Argument(metavar="CLICKS", help="Clicks, one JSON object per line: session, query, listing_id.")
    ],
    listings: Annotated[Path, typer.Argument(metavar="LISTINGS", help="What was clicked, one JSON object per line.")],
    output: Annotated[Path, typer.Option("-o", "--output", metavar="FILE", help="Where to write the pairs.")],
    bundle: Annotated[str | None, typer.Option(help="Compare texts by its text encoder, not by words.")] = None,
    any_category: Annotated[bool, typer.Option("--any-category", help="Categories may differ.")] = False,  # noqa: FBT002 - typer's way to declare a flag
    relevance: Annotated[
        float | None,
        typer.Option(
            min=-1, max=1, help="Least similarity of both titles to the query; by default 0.1, with --bundle 0.4."
        ),
    ] = None,
    likeness: Annotated[
        float | None,
        typer.Option(min=-1, max=1, help="Least similarity of the two titles; by default 0.25, with --bundle 0.6."),
    ] = None,
    sessions: Annotated[int, typer.Option(min=1, help="Sessions that a pair was clicked in.")] = 2,
    damping: Annotated[float, typer.Option(min=0, max=1, help="How much popularity counts against a pair.")] = 0.5,
    score: Annotated[float, typer.Option(min=0, help="Least number of co-clicks, damped by popularity.")] = 0.1,
    per_listing: Annotated[int, typer.Option(min=1, help="Pairs that a listing keeps, the best ones.")] = 20,
    session_clicks: Annotated[int, typer.Option(min=2, help="A session of more clicks is a robot's.")] = 50,
) -> None:
    """Find listings that people took for one thing when they searched: pairs to train an encoder on.

    Two listings that were clicked under one query within one session are a pair, if they are of one leaf category,
    if both titles are like the query and like each other, and if they were clicked together often, compared with
    how often each was clicked. How many pairs each of these took away is shown. See docs/clicks.md.
    """
    from streams.cli.pairing import Order, find_and_tell  # noqa: PLC0415 - it brings scikit-learn
    from streams.learning.positives import Limits  # noqa: PLC0415 - likewise

    of_query, of_titles = _CUTS_OF_ENCODERS if bundle else _CUTS_OF_WORDS
    limits = Limits(
        same_leaf=not any_category,
        relevance=of_query if relevance is None else relevance,
        likeness=of_titles if likeness is None else likeness,
        sessions=sessions,
        damping=damping,
        score=score,
        per_listing=per_listing,
    )
    find_and_tell(Order(clicks, listings, output, bundle, limits, session_clicks))
