"""`matchstream bench`: measure this machine, each figure beside what it is compared with."""

from streams.cli.bench.command import app

__all__ = ["app"]
