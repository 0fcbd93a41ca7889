"""A promotion or a rollback in a process of its own, killed at the first word that it was not killed at before."""

import asyncio
import os
import signal
import sys
from pathlib import Path

from streams.reindex.promotion import Conditions, promote, rollback
from streams.settings import load_settings


def main(name: str, notes: Path) -> None:
    """Exchange the live generation; end as at a power failure, and note where.

    Args:
        name: the generation to promote; empty to roll back.
        notes: file of what it was killed at.
    """
    known = set(notes.read_text().splitlines())

    def say(words: str) -> None:
        if words not in known:
            with notes.open("a") as file:
                file.write(f"{words}\n")
            os.kill(os.getpid(), signal.SIGKILL)

    settings = load_settings()
    if name:
        asyncio.run(promote(settings, name, Conditions(most_change=None, lag=1_000_000), say))
    else:
        asyncio.run(rollback(settings, say))


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]))
