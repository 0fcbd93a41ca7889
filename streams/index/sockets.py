"""Where the socket of a shared index lies: beside its folder, and only its owner may use it.

The name of a socket may have about a hundred bytes. Where that is too short, or the folder's disk can't hold
sockets, it lies in a folder of its own among the temporary ones, and a symbolic link beside the index names it.
"""

from __future__ import annotations

import os
import socket
import tempfile
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final

_LONGEST: Final = 96
"""Systems take 104 to 108 bytes; a few are for the name it has until it listens."""

_FOLDER, _NAME = "matchstream-", "index.sock"
_QUEUE: Final = 16


def socket_path(folder: Path, collection: str) -> Path:
    """Where readers of a collection look."""
    return folder / f"{collection}.sock"


def address_of(path: Path) -> str:
    """What to connect to for the socket that readers know by this path."""
    return str(path.readlink() if path.is_symlink() else path.absolute())


def our_address(path: Path) -> str:
    """The same, of a socket of this user or of the folder's owner: in a folder for all, anybody may put one.

    Raises:
        OSError: there is none, or it is somebody else's.
    """
    address = address_of(path)
    owner = Path(address).stat().st_uid
    if owner not in {os.geteuid(), path.parent.stat().st_uid}:
        raise PermissionError(f"the socket is of another user, {owner}")
    return address


@dataclass(frozen=True, slots=True)
class Listening:
    """A socket that listens, and the files that lead to it."""

    socket: socket.socket
    path: Path
    inode: int

    def remove(self) -> None:
        """Take the files away, unless somebody else has put theirs there."""
        with suppress(OSError):
            if Path(address_of(self.path)).stat().st_ino == self.inode:
                remove_stale(self.path)
                self.path.unlink()


def listen(path: Path) -> Listening:
    """Listen where readers look; what a process that died left there is replaced.

    Raises:
        OSError: there is no place for it.
    """
    try:
        return _beside(path.absolute())
    except OSError:
        return _elsewhere(path.absolute())


def remove_stale(path: Path) -> None:
    """Remove the socket that a link leads to, with its folder; a socket beside the index is replaced in one step."""
    if not path.is_symlink():
        return
    place = path.readlink()
    if place.name == _NAME and place.parent.name.startswith(_FOLDER):
        with suppress(OSError):
            place.unlink()
            place.parent.rmdir()


def _beside(path: Path) -> Listening:
    if len(os.fsencode(path)) > _LONGEST:
        raise OSError("the name is too long for a socket")
    remove_stale(path)
    listening, inode = _bound(path)
    return Listening(listening, path, inode)


def _elsewhere(path: Path) -> Listening:
    remove_stale(path)
    place = Path(tempfile.mkdtemp(prefix=_FOLDER)) / _NAME
    listening, inode = _bound(place)
    link = path.with_name(f"{path.name}.{os.getpid()}")
    try:
        link.symlink_to(place)
        link.replace(path)
    except BaseException:
        listening.close()
        link.unlink(missing_ok=True)
        place.unlink()
        place.parent.rmdir()
        raise
    return Listening(listening, path, inode)


def _bound(path: Path) -> tuple[socket.socket, int]:
    """Listen under another name first, so that whoever finds the socket may use it and is heard."""
    begun = path.with_name(f"{path.name}.new")
    listening = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    try:
        begun.unlink(missing_ok=True)
        listening.bind(str(begun))
        begun.chmod(0o600)
        listening.listen(_QUEUE)
        inode = begun.stat().st_ino
        begun.replace(path)
    except BaseException:
        listening.close()
        raise
    return listening, inode
