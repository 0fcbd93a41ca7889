"""The live page."""

from __future__ import annotations

from fastapi import APIRouter, Request, Response

from streams.web.rendering import page
from streams.web.services import Used

router = APIRouter()


@router.get("/", include_in_schema=False)
def live(request: Request, used: Used) -> Response:
    """What happens now."""
    return page(request, "live.html")
