"""transformers without its own progress bars and remarks."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from transformers.utils import logging as transformers_logging


@contextmanager
def no_progress_bar() -> Iterator[None]:
    """Loading and saving take a fraction of a second; whoever has something to show draws a bar of their own."""
    bars: Any = transformers_logging
    shown = bars.is_progress_bar_enabled()
    bars.disable_progress_bar()
    try:
        yield
    finally:
        if shown:
            bars.enable_progress_bar()


@contextmanager
def quietly() -> Iterator[None]:
    """Without its remarks, too: whoever loads a checkpoint looks at what came of it and says so in one line."""
    talk: Any = transformers_logging
    verbosity = talk.get_verbosity()
    talk.set_verbosity_error()
    try:
        with no_progress_bar():
            yield
    finally:
        talk.set_verbosity(verbosity)
