"""Which models of others a bundle needs, and whether they are here."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from encoders.bundle import PUBLISHED, Bundle
from encoders.errors import ModelMissingError
from encoders.models.finding import find_model
from encoders.models.store import Kind, Record


@dataclass(frozen=True, slots=True)
class Use:
    """A model that a bundle names and does not hold.

    Args:
        bundle: name of the bundle.
        folder: of the bundle.
        kind: what for.
        model: its name, or a folder outside the bundle.
        revision: the one that is meant; None takes what is here.
    """

    bundle: str
    folder: Path
    kind: Kind
    model: str
    revision: str | None

    def is_of(self, record: Record) -> bool:
        """Whether a pulled model is what is named."""
        return record.name == self.model and (self.kind is Kind.IMAGE or record.is_of(self.revision))

    def source(self) -> str:
        """Where it is, in words.

        Raises:
            ModelMissingError: it is not on this machine.
        """
        if self.kind is not Kind.IMAGE:
            return find_model(self.model, self.revision, self.folder).source
        from encoders.models.backbones import find_published  # noqa: PLC0415 - imports torch

        return f"file '{find_published(self.model)}'"

    def missing(self) -> ModelMissingError | None:
        """The error of a model that is not on this machine."""
        try:
            self.source()
        except ModelMissingError as error:
            return error
        return None


def uses_of(bundle: Bundle) -> list[Use]:
    """The models that a bundle needs beside its own files."""
    return list(_uses(bundle))


def _uses(bundle: Bundle) -> Iterator[Use]:
    for kind, spec in ((Kind.TEXT, bundle.text), (Kind.DUAL, bundle.dual), (Kind.CAPTIONS, bundle.captions)):
        if spec and not (bundle.path / spec.model / "config.json").is_file():
            yield Use(bundle.name, bundle.path, kind, spec.model, spec.revision)
    if bundle.image and bundle.image.weights == PUBLISHED:
        yield Use(bundle.name, bundle.path, Kind.IMAGE, bundle.image.backbone, None)
