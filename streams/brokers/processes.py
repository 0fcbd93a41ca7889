"""Processes of this machine by their id, and ports that nobody uses."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import time
from collections import deque
from pathlib import Path

from streams.errors import BrokerError

__all__ = ["command_line", "end", "free_port", "last_words", "port_in_use"]

_ASKED_FOR_S = 30.0
_ENDS_WITHIN_S = 30.0
_LAST_LINES = 3
_told: deque[int] = deque(maxlen=1024)


def free_port() -> int:
    """A port of the loopback that nobody listens on, and that nobody was told here lately: they may not listen yet."""
    while True:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port: int = probe.getsockname()[1]
        if port not in _told:
            _told.append(port)
            return port


def port_in_use(port: int) -> bool:
    """Whether somebody listens on that port of the loopback."""
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def last_words(text: str) -> str:
    """The last lines of a log, in one line."""
    return " | ".join(line.strip() for line in text.strip().splitlines()[-_LAST_LINES:]) or "it said nothing"


def command_line(process_id: int) -> str:
    """How that process was started; empty when there is none, or no way to tell."""
    told = Path("/proc", str(process_id), "cmdline")
    if told.parent.parent.joinpath("self").exists():
        try:
            return told.read_text(errors="replace").replace("\0", " ")
        except (FileNotFoundError, ProcessLookupError):  # the latter when it ends between the opening and the reading
            return ""
    command = ["ps", "-ww", "-o", "args=", "-p", str(process_id)]
    return subprocess.run(command, capture_output=True, text=True, check=False).stdout  # noqa: S603 - fixed command


def end(process_id: int) -> None:
    """Ask the process to end, then make it end."""
    for number, within_s in ((signal.SIGTERM, _ASKED_FOR_S), (signal.SIGKILL, _ENDS_WITHIN_S)):
        try:
            os.kill(process_id, number)
        except ProcessLookupError:
            return
        deadline = time.monotonic() + within_s
        while time.monotonic() < deadline:
            if _gone(process_id):
                return
            time.sleep(0.05)
    raise BrokerError(f"process {process_id}", got="still there", wanted="its end", remedy="end it by hand")


def _gone(process_id: int) -> bool:
    try:
        if os.waitpid(process_id, os.WNOHANG)[0] == process_id:
            return True
    except ChildProcessError:  # started by another process
        pass
    try:
        os.kill(process_id, 0)
    except ProcessLookupError:
        return True
    return False
