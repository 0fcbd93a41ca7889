"""Asking a worker of this machine how it is. Imports little: a health check has to be quick."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPException
from typing import Final

import orjson

from streams.settings import Settings

_WITHIN_S: Final = 10.0
_EVERYWHERE: Final = {"0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104 - what to ask, not where to listen


@dataclass(frozen=True, slots=True)
class Answer:
    """What a worker said.

    Args:
        ok: whether it is alive, or ready.
        reasons: why not.
    """

    ok: bool
    reasons: Sequence[str]


def ask(settings: Settings, page: str) -> Answer:
    """Ask the worker that these settings are of for one of its pages, such as '/readyz'."""
    host = _EVERYWHERE.get(settings.health_host, settings.health_host)
    where = f"port {settings.health_port} of {host}"
    connection = HTTPConnection(host, settings.health_port, timeout=_WITHIN_S)
    try:
        connection.request("GET", page)
        response = connection.getresponse()
        told = orjson.loads(response.read())
        return Answer(response.status == 200, [str(one) for one in told["reasons"]])  # noqa: PLR2004 - HTTP's OK
    except (OSError, HTTPException) as error:
        return Answer(ok=False, reasons=[f"no worker answers at {where} ({type(error).__name__})"])
    except (ValueError, KeyError, TypeError):
        return Answer(ok=False, reasons=[f"what answers at {where} is no worker"])
    finally:
        connection.close()
