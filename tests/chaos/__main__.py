"""`python -m chaos`: faults against the real flow; the exit code is 1 when anything was lost or wrong."""

from __future__ import annotations

import argparse
import asyncio
import logging
import os
import sys
import tempfile
import time
from pathlib import Path
from typing import Final

import orjson

from chaos.report import as_json, as_lines
from chaos.run import Plan, run

_JARS: Final = Path(__file__).parents[2] / ".cache" / "kafka"


def main() -> int:
    """Run once and tell what was found."""
    parser = argparse.ArgumentParser(prog="make chaos ARGS=...", description=__doc__)
    parser.add_argument("--events", type=int, default=50_000, help="messages to publish (default %(default)s)")
    parser.add_argument("--faults", type=int, default=220, help="faults to inject (default %(default)s)")
    parser.add_argument("--listings", type=int, default=3_000, help="how many there are, about (default %(default)s)")
    parser.add_argument("--deadly", type=int, default=2, help="messages that end a worker (default %(default)s)")
    parser.add_argument("--seed", type=int, default=1, help="of the traffic and the faults (default %(default)s)")
    parser.add_argument("--folder", type=Path, help="where everything is kept; a temporary one by default")
    parser.add_argument("-o", "--output", type=Path, help="write the report there, as JSON")
    options = parser.parse_args()
    logging.getLogger("aiokafka").setLevel(logging.CRITICAL)  # brokers are gone on purpose
    server = os.environ.get("QDRANT_URL")
    plan = Plan(options.events, options.faults, options.listings, options.deadly, options.seed, server)
    with tempfile.TemporaryDirectory(prefix="chaos-") as temporary:
        folder = (options.folder or Path(temporary)).absolute()
        folder.mkdir(parents=True, exist_ok=True)
        began = time.monotonic()
        record, findings = asyncio.run(
            run(plan, folder, _JARS, lambda words: print(f"{time.monotonic() - began:7.1f}  {words}", flush=True))
        )
    print("\n".join(as_lines(record, findings)))
    if options.output:
        options.output.write_bytes(orjson.dumps(as_json(record, findings), option=orjson.OPT_INDENT_2))
    return 0 if findings.good else 1


if __name__ == "__main__":
    sys.exit(main())
