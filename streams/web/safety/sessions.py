"""Who may write: a token that is given once, and a signed cookie afterwards.

Programs send the token with each request (`Authorization: Bearer ...`). A browser gives it once on the
page `/enter` and gets a cookie that scripts can't read and other sites can't send; what it writes then has
to carry a word derived from the cookie, too, which other sites can't know.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
from dataclasses import dataclass
from typing import Final

from fastapi import HTTPException, Request, status
from itsdangerous import BadSignature, URLSafeTimedSerializer

from streams.errors import SettingsError
from streams.events.votes import MAX_NAME_LENGTH
from streams.settings import Settings

COOKIE: Final = "matchstream"
CSRF_HEADER: Final = "X-CSRF-Token"
CSRF_FIELD: Final = "csrf"
LASTS_S: Final = 30 * 86_400
SHORTEST_TOKEN: Final = 12
_LOOPBACK: Final = ("127.", "localhost", "::1")


@dataclass(frozen=True, slots=True)
class Person:
    """Who writes.

    Args:
        name: as it will stand beside a verdict.
        csrf: the word that forms of this person carry; empty for a program that sends the token itself.
    """

    name: str
    csrf: str = ""


class Sessions:
    """Makes and reads cookies, and knows the token.

    Raises:
        SettingsError: the page would be open to others under a token that is too short, or under none.
    """

    def __init__(self, settings: Settings) -> None:
        """Take the token of the settings, or make one."""
        given = settings.web_token.get_secret_value() if settings.web_token else ""
        _ensure_strong(given, settings.web_host)
        self.made = not given
        """Whether nobody chose the token, so that it has to be told."""
        self.token = given or secrets.token_urlsafe(18)
        self._serializer = URLSafeTimedSerializer(_derived(self.token, "cookie"), salt="person")

    def cookie_for(self, token: str, name: str) -> str | None:
        """A cookie's value for a person who knows the token; None for one who does not."""
        if not self._is_token(token):
            return None
        return self._serializer.dumps({"name": _named(name), "nonce": secrets.token_urlsafe(9)})

    def person_of(self, request: Request) -> Person | None:
        """Who asks, None for anybody."""
        scheme, _, token = request.headers.get("Authorization", "").partition(" ")
        if scheme.lower() == "bearer" and self._is_token(token.strip()):
            return Person(_named(request.headers.get("X-Reviewer", "")))
        cookie = request.cookies.get(COOKIE)
        if not cookie:
            return None
        try:
            said = self._serializer.loads(cookie, max_age=LASTS_S)
            return Person(str(said["name"]), _derived(self.token, f"csrf:{cookie}"))
        except (BadSignature, KeyError, TypeError):
            return None

    async def writer(self, request: Request) -> Person:
        """Who writes with this request.

        Raises:
            HTTPException: nobody who may (401), or a browser was led here by another site (403).
        """
        person = self.person_of(request)
        if person is None:
            detail = "Writing needs the token: enter it on the page, or send it as 'Authorization: Bearer'."
            headers = {"WWW-Authenticate": "Bearer"}
            raise HTTPException(status.HTTP_401_UNAUTHORIZED, detail, headers)
        if person.csrf and not hmac.compare_digest(person.csrf.encode(), (await _sent_word(request)).encode()):
            raise HTTPException(status.HTTP_403_FORBIDDEN, "This form is not of this page: load the page again.")
        return person

    def _is_token(self, token: str) -> bool:
        return hmac.compare_digest(token.encode(), self.token.encode())


async def writer(request: Request) -> Person:
    """The person who writes with this request; a dependency of all handlers that write."""
    sessions: Sessions = request.app.state.services.sessions
    return await sessions.writer(request)


async def _sent_word(request: Request) -> str:
    if word := request.headers.get(CSRF_HEADER):
        return word
    if request.headers.get("Content-Type", "").startswith(("application/x-www-form-urlencoded", "multipart/")):
        return str((await request.form()).get(CSRF_FIELD, ""))
    return ""


def _named(name: str) -> str:
    """A name as it may stand beside a verdict: printable, not long, and never empty."""
    words = "".join(one for one in name if one.isprintable()).strip()
    return words[:MAX_NAME_LENGTH] or "reviewer"


def _derived(token: str, purpose: str) -> str:
    return hmac.new(token.encode(), purpose.encode(), hashlib.sha256).hexdigest()


def _ensure_strong(token: str, host: str) -> None:
    if token and len(token) < SHORTEST_TOKEN:
        got, remedy = f"{len(token)} characters", "make it longer, as with 'openssl rand -base64 18'"
        raise SettingsError(
            "setting MATCHSTREAM_WEB_TOKEN", got=got, wanted=f"{SHORTEST_TOKEN} at least", remedy=remedy
        )
    if not token and not host.startswith(_LOOPBACK):
        raise SettingsError(
            "setting MATCHSTREAM_WEB_TOKEN",
            got=f"none, and the page is served on {host}",
            wanted="a word that those know who may judge",
            remedy="set one, or serve on 127.0.0.1",
        )
