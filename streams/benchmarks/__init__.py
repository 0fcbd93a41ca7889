"""Measuring things side by side: cases in turns, ratios within a round, and what came of it as JSON and as a table."""

from streams.benchmarks.machine import Machine, this_machine
from streams.benchmarks.report import Goal, Report, Table
from streams.benchmarks.rounds import Spread, in_turns, ratio, spread

__all__ = ["Goal", "Machine", "Report", "Spread", "Table", "in_turns", "ratio", "spread", "this_machine"]
