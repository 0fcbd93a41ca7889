"""Pairs for people to look at, their verdicts, and what these say of the model."""
