"""What must not be read by others, taken out of texts that they may read: logs, errors, dead letters.

Texts of other libraries hold more than one would think: a URL with its login, a request as it was sent.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from typing import Final
from urllib.parse import quote, quote_plus, unquote

__all__ = ["MASK", "Redactor", "passwords_in", "without_login"]

MASK: Final = "********"
_LOGIN: Final = re.compile(r"(?<=://)[^\s/?#\"<>]*@")
_SHORTEST: Final = 4


def without_login(text: str) -> str:
    """The same without the user and password of any URL in it."""
    return _LOGIN.sub("", text)


def passwords_in(text: str) -> Iterator[str]:
    """The passwords of the URLs in a text, as written and as meant."""
    for found in _LOGIN.finditer(text):
        password = found[0].removesuffix("@").partition(":")[2]
        yield from (password, unquote(password))


class Redactor:
    """Takes some secrets out of any text, and the logins of URLs.

    A secret is also found as it stands in Python's or JSON's quotes, in a URL, and with its white space
    folded. One of fewer than four characters is not looked for: without its letters no text could be
    read, and the gaps would tell it.
    """

    def __init__(self, secrets: Iterable[str] = ()) -> None:
        """Know what to look for; the longest first, for one may begin with another."""
        spellings = {spelling for secret in secrets for spelling in _spellings(secret)}
        longest = sorted((one for one in spellings if len(one) >= _SHORTEST), key=lambda one: (-len(one), one))
        self._secrets = re.compile("|".join(map(re.escape, longest))) if longest else None

    def __call__(self, text: str) -> str:
        """The text as it may be shown."""
        known = self._secrets.sub(MASK, text) if self._secrets else text
        return without_login(known)


def _spellings(secret: str) -> Iterator[str]:
    sent = secret.encode("utf-8", "replace")
    yield secret
    yield " ".join(secret.split())
    for quoted in (repr(secret)[1:-1], repr(sent)[2:-1]):
        yield quoted
        yield quoted.replace("'", r"\'")  # beside quotes of the other kind
    yield json.dumps(secret)[1:-1]
    yield json.dumps(secret, ensure_ascii=False)[1:-1]
    yield quote(sent, safe="")
    yield quote(sent)
    yield quote_plus(sent)
