"""What Kafka's client must not log: at level DEBUG it writes down every request and every answer as it is.

A request that logs in is its password, and records are what sellers wrote, tokens in their URLs included.
"""

from __future__ import annotations

import logging
from typing import Final

__all__ = ["keep_contents_out_of_logs"]

_CARRIERS: Final = ("SaslAuthenticate", "ProduceRequest", "FetchResponse")
"""How the classes begin that carry logins or records."""


def keep_contents_out_of_logs() -> None:
    """Have Kafka's client say nothing of logins and records; once is enough, more does no harm."""
    logging.getLogger("aiokafka.conn").addFilter(_carries_nothing)
    logging.getLogger("aiokafka.producer.producer").setLevel(logging.INFO)  # below, it tells each record it sends


def _carries_nothing(record: logging.LogRecord) -> bool:
    arguments = record.args if isinstance(record.args, tuple) else ()
    return not any(type(one).__name__.startswith(_CARRIERS) for one in arguments)
