"""Errors of the encoders.

EncoderError
├── BundleError          the bundle on disk can't be used; retrying does not help
├── ModelMissingError    weights are not where they were looked for; retrying does not help
├── PullError            a model can't be fetched, or is none that can be used; the remedy says whether to try again
├── ImageError           one image can't be read; its listing goes on without it
├── CaptionError         one caption could not be made; its listing goes on without it
└── TrainingError        a training that can't begin, or go on as it is; retrying alone does not help
    └── TrainingStoppedError    somebody stopped it; the same command goes on

Every message names the subject, what was got, what was wanted, and the remedy.
"""

from __future__ import annotations

from collections.abc import Callable
from textwrap import shorten
from typing import Any


class EncoderError(Exception):
    """Anything that goes wrong while turning content into embeddings."""

    def __reduce__(self) -> tuple[Callable[..., Any], tuple[Any, ...]]:
        """So that it comes whole out of another process, whatever its constructor takes."""
        return _as_it_was, (type(self), self.args, self.__dict__)


def _as_it_was(kind: type[EncoderError], args: tuple[Any, ...], state: dict[str, Any]) -> EncoderError:
    error = kind.__new__(kind, *args)
    error.__dict__.update(state)
    return error


class BundleError(EncoderError):
    """A bundle folder that is missing, damaged or of another version."""

    def __init__(self, bundle: str, got: str, wanted: str, remedy: str) -> None:
        """Keep the facts as attributes and say them in one line."""
        super().__init__(f"bundle '{bundle}': {got}, {wanted} wanted; {remedy}")
        self.bundle, self.got, self.wanted, self.remedy = bundle, got, wanted, remedy


class ModelMissingError(EncoderError):
    """A pretrained model that was found in none of the places it may live in."""

    def __init__(self, model: str, looked_in: tuple[str, ...], remedy: str) -> None:
        """Keep the facts as attributes and say them in one line."""
        super().__init__(f"model '{model}': not found in {', '.join(looked_in)}; {remedy}")
        self.model, self.looked_in, self.remedy = model, looked_in, remedy


class PullError(EncoderError):
    """A model that was asked for and can't be fetched, or that nothing here could use."""

    def __init__(self, model: str, got: str, wanted: str, remedy: str) -> None:
        """Keep the facts as attributes and say them in one line."""
        super().__init__(f"model '{model}': {got}, {wanted} wanted; {remedy}")
        self.model, self.got, self.wanted, self.remedy = model, got, wanted, remedy


class ImageError(EncoderError):
    """One image that can't be decoded."""


class CaptionError(EncoderError):
    """One caption that could not be made."""


class TrainingError(EncoderError):
    """A training that can't begin, or can't go on as it is."""

    def __init__(self, subject: str, got: str, wanted: str, remedy: str) -> None:
        """Keep the facts as attributes and say them in one line."""
        super().__init__(f"{subject}: {got}, {wanted} wanted; {remedy}")
        self.subject, self.got, self.wanted, self.remedy = subject, got, wanted, remedy


class TrainingStoppedError(TrainingError):
    """A training that was asked to stop; what it had is kept."""


def reason_of(error: BaseException) -> str:
    """What an error of a library says first; what follows is for its authors, or advice about the network.

    Ours are said whole.
    """
    if isinstance(error, EncoderError):
        return str(error)
    said = str(error).strip() or type(error).__name__
    return shorten(said.split("\n", 1)[0].split(". ", 1)[0], 160)
