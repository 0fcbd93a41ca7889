"""The real worker with an encoder of hashes and an index that fails on demand: `python -m chaos.worker`.

Everything is told by `MATCHSTREAM_` settings, and by two variables of its own: the port of the index
host, or none for the server that the settings name, and the file of its control.
"""

from __future__ import annotations

import asyncio
import os
import random
import sys
from collections.abc import Mapping
from pathlib import Path
from threading import Thread
from typing import Final

from chaos.faulty_index import Control, FaultyIndex
from chaos.light import light_encoder
from chaos.remote_index import RemoteIndex
from encoders.types import Modality
from streams.bootstrap import Parts
from streams.brokers.topics import StageName
from streams.cli.logs import log_as_worker
from streams.errors import LEASE_LOST, LeaseLostError, MatchstreamError
from streams.index.opening import open_index
from streams.index.port import Index
from streams.settings import Settings, load_settings
from streams.worker import run_worker

INDEX_PORT: Final = "CHAOS_INDEX_PORT"
CONTROL: Final = "CHAOS_CONTROL"
_TIMEOUT_S: Final = 4.0


async def _open(settings: Settings, dimensions: Mapping[Modality, int], bundle: str) -> Index:
    port = os.environ.get(INDEX_PORT)
    index = (
        await RemoteIndex(int(port), _TIMEOUT_S).opened() if port else await open_index(settings, dimensions, bundle)
    )
    return FaultyIndex(index, Control(Path(os.environ[CONTROL])), random.Random(os.getpid()))


def _end_with_parent() -> None:
    os.read(0, 1)
    os._exit(1)


def main() -> int:
    """Run all stages until told to stop; the exit code, as the command has it."""
    Thread(target=_end_with_parent, daemon=True).start()
    settings = load_settings()
    log_as_worker(settings.log_level, debug=False)
    try:
        asyncio.run(run_worker(settings, list(StageName), Parts(_open, light_encoder)))
    except LeaseLostError as error:
        print(f"{error}", file=sys.stderr)
        return LEASE_LOST
    except MatchstreamError as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
