"""Agents: one Faust app per stage, reading its topic in batches and acknowledging what is done."""

from streams.agents.apps import stage_app

__all__ = ["stage_app"]
