"""A machine whose network nobody may use: whoever opens a socket fails."""

from __future__ import annotations

import socket

import pytest


def forbid_network(monkeypatch: pytest.MonkeyPatch) -> None:
    """From here to the end of the test no name is resolved and no socket connects."""

    def refuse(*asked: object) -> None:
        raise AssertionError(f"the network was used: {asked[1:] or asked}")

    for name in ("connect", "connect_ex", "sendto"):
        monkeypatch.setattr(socket.socket, name, refuse)
    for name in ("getaddrinfo", "gethostbyname", "create_connection"):
        monkeypatch.setattr(socket, name, refuse)
