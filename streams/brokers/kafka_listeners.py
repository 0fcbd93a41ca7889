"""Further listeners of a local Kafka: TLS, logins, whatever a client is to be tried against."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from string import Template
from typing import Literal

from streams.brokers.kafka_jars import packaged

__all__ = ["Listener", "server_properties"]


@dataclass(frozen=True, slots=True)
class Listener:
    """One listener more on the loopback; brokers and commands of the node itself use the plain one.

    Args:
        name: in capital letters, as `MUTUAL`.
        port: a free one.
        protocol: how clients have to talk.
        properties: its own settings, without the `listener.name...` before them.
        host: the name under which the node tells clients to come back.
    """

    name: str
    port: int
    protocol: Literal["PLAINTEXT", "SSL", "SASL_PLAINTEXT", "SASL_SSL"]
    properties: Mapping[str, str] = field(default_factory=dict)
    host: str = "127.0.0.1"


def server_properties(listeners: Sequence[Listener] = (), **places: object) -> str:
    """The configuration of a node.

    Args:
        listeners: those it has beside the plain one.
        places: what the template leaves open.
    """
    filled = Template(packaged("server.properties")).substitute(
        places,
        more_listeners="".join(f",{one.name}://127.0.0.1:{one.port}" for one in listeners),
        more_advertised="".join(f",{one.name}://{one.host}:{one.port}" for one in listeners),
        protocols="".join(f",{one.name}:{one.protocol}" for one in listeners),
    )
    lines = [line for one in listeners for line in _lines(one)]
    return "\n".join([filled, *lines, ""])


def _lines(listener: Listener) -> Iterator[str]:
    for name, value in listener.properties.items():
        escaped = value.replace("\\", "\\\\")
        yield f"listener.name.{listener.name.lower()}.{name}={escaped}"
