"""The page where a person gives the token, once."""

from __future__ import annotations

from typing import Annotated, Final
from urllib.parse import urlsplit

from fastapi import APIRouter, Form, HTTPException, Request, Response, status
from fastapi.responses import RedirectResponse

from streams.web.rendering import page
from streams.web.safety.sessions import COOKIE, LASTS_S
from streams.web.services import Used

router = APIRouter(include_in_schema=False)

_HOME: Final = "/review"


@router.get("/enter")
def ask(request: Request, token: str = "", then: str = _HOME) -> Response:
    """Ask for token and name; a link that carries the token, as `serve` prints it, fills it in."""
    return page(request, "enter.html", token=token, then=_inside(then), wrong=False)


@router.post("/enter")
def enter(
    request: Request,
    used: Used,
    token: Annotated[str, Form()] = "",
    name: Annotated[str, Form()] = "",
    then: Annotated[str, Form()] = _HOME,
) -> Response:
    """Give a cookie to who knows the token."""
    _ensure_of_this_page(request)
    cookie = used.sessions.cookie_for(token.strip(), name)
    if cookie is None:
        return page(request, "enter.html", token="", then=_inside(then), wrong=True, code=status.HTTP_403_FORBIDDEN)
    answer = RedirectResponse(_inside(then), status.HTTP_303_SEE_OTHER)
    secure = request.url.scheme == "https"
    answer.set_cookie(COOKIE, cookie, max_age=LASTS_S, httponly=True, samesite="strict", secure=secure)
    return answer


@router.post("/leave")
async def leave(request: Request, used: Used) -> Response:
    """Take the cookie back."""
    await used.sessions.writer(request)
    answer = RedirectResponse("/", status.HTTP_303_SEE_OTHER)
    answer.delete_cookie(COOKIE, httponly=True, samesite="strict")
    return answer


def _inside(address: str) -> str:
    """An address of this page; any other would lead elsewhere with our name on the link."""
    try:
        parts = urlsplit(address)
    except ValueError:
        return _HOME
    plain = not parts.scheme and not parts.netloc and address.startswith("/") and not address.startswith(("//", "/\\"))
    return address if plain and address.isprintable() and "\\" not in address else _HOME


def _ensure_of_this_page(request: Request) -> None:
    """There is no cookie yet that a word could be derived from; browsers say where a form comes from."""
    if request.headers.get("Sec-Fetch-Site", "same-origin") not in {"same-origin", "none"}:
        raise HTTPException(status.HTTP_403_FORBIDDEN, "This form is not of this page: load the page again.")
