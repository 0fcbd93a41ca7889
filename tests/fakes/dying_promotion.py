"""A promotion in a process of its own that is killed at the first thing it says that it was not killed at before."""

import asyncio
import os
import signal
import sys
from pathlib import Path

from streams.reindex.promotion import Conditions, promote
from streams.settings import load_settings


def main(name: str, notes: Path) -> None:
    """Promote the generation; end as at a power failure, and note where.

    Args:
        name: the generation.
        notes: file of what it was killed at.
    """
    known = set(notes.read_text().splitlines())

    def say(words: str) -> None:
        if words not in known:
            with notes.open("a") as file:
                file.write(f"{words}\n")
            os.kill(os.getpid(), signal.SIGKILL)

    asyncio.run(promote(load_settings(), name, Conditions(most_change=None, lag=1_000_000), say))


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]))
