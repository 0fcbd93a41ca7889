"""Paths of the figures of review."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query, Request, Response

from streams.web.rendering import page
from streams.web.review.figures import Figures, figures_of
from streams.web.review.known import known_of
from streams.web.review.promise import promised_precision
from streams.web.safety.problems import documented
from streams.web.services import Used

router = APIRouter()

Target = Annotated[
    float | None,
    Query(
        gt=0,
        lt=1,
        allow_inf_nan=False,
        description="The precision that the model is to have; by default what the bundle promises, or else 0.99",
    ),
]


@router.get("/review/figures", include_in_schema=False)
def figures_page(request: Request, used: Used, target: Target = None) -> Response:
    """How review goes, for people."""
    wanted = target or promised_precision(used.settings.bundle)
    found = figures_of(known_of(used.store.reading), wanted)
    return page(request, "review_figures.html", figures=found, target=wanted, asked=target is not None)


@router.get("/figures", tags=["review"], responses=documented(422))
def figures(used: Used, target: Target = None) -> Figures:
    """How right matches are by what people say, how far people agree, and what is left to do."""
    return figures_of(known_of(used.store.reading), target or promised_precision(used.settings.bundle))
