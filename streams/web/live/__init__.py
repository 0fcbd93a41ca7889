"""Matches and products as they happen."""
