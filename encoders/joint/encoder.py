"""From the rows and numbers of one listing to its row in the joint space."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from safetensors import SafetensorError
from safetensors.numpy import load_file, save

from encoders.bundle import JointSpec
from encoders.errors import BundleError, EncoderError
from encoders.joint.numbers import numbers_of
from encoders.joint.parts import Part, Scale
from encoders.joint.tensors import REMEDY, Checked, Floats, Tensors
from encoders.types import Embedding, Modality, Numeric

_NUMERIC = "numeric"
_NO_NUMBERS: Final[Mapping[Numeric, float]] = MappingProxyType({})


class JointEncoder:
    """Sums what each source is worth in the common space, and brings the sum to unit length.

    One listing at a time, in double precision: a row never depends on which others are computed with it.

    Args:
        spec: what is joined.
        tensors: `NAME.0.weight` (d, in) and `NAME.0.bias` (d,) for each source; with `NAME.2.weight` and
            `NAME.2.bias` a GELU and a second layer follow. Under the name `numeric` the same for the numbers,
            in the order of the specification, with `numeric.mean` and `numeric.std`, (numbers,), that
            standardise them. `bias`, (d,), is added to every sum and may be left out.
        subject: where the tensors are from, for messages.

    Raises:
        BundleError: the tensors are not those of the specification.
    """

    def __init__(self, spec: JointSpec, tensors: Tensors, subject: str = "joint encoder") -> None:
        checked = Checked(tensors, subject)
        self._parts = {modality: Part.take(modality.value, checked) for modality in spec.sources}
        self._numbers = spec.numeric
        if spec.numeric:
            self._scale = Scale.take(_NUMERIC, checked, len(spec.numeric))
            self._of_numbers = Part.take(_NUMERIC, checked, len(spec.numeric))
        self._check_sizes(checked)
        self._bias = checked.take("bias", (self.dimensions,)) if "bias" in checked else np.zeros(self.dimensions)

    def _check_sizes(self, checked: Checked) -> None:
        if odd := next((modality for modality in self._parts if modality.sparse or modality.derived), None):
            raise checked.refusal(f"the source '{odd}'", "sources whose rows are dense and encoded")
        sizes = {modality.value: part.size for modality, part in self._parts.items()}
        if self._numbers:
            sizes[_NUMERIC] = self._of_numbers.size
        if len(set(sizes.values())) > 1:
            got = ", ".join(f"{name} {size}" for name, size in sizes.items())
            raise checked.refusal(f"parts of different sizes ({got})", "one size")

    @property
    def dimensions(self) -> int:
        """Length of a row."""
        return next(iter(self._parts.values())).size

    @property
    def sources(self) -> Mapping[Modality, int]:
        """What is joined, and the length of the rows that are taken of each."""
        return {modality: part.given for modality, part in self._parts.items()}

    def row(self, embedding: Embedding, numbers: Mapping[Numeric, float] = _NO_NUMBERS) -> NDArray[np.float32] | None:
        """The row of whatever is known: of a whole listing, a text alone, a photo alone.

        Args:
            embedding: raw unit rows; a source may be missing, and what is no source is not looked at.
            numbers: as `numbers_of` gives them; a missing one counts as the mean.

        Returns:
            (d,) float32 of unit length; None where no source is there.

        Raises:
            EncoderError: a row is of another length than the encoder was trained with.
        """
        known = [modality for modality in self._parts if modality in embedding]
        if not known:
            return None
        parts = [self._worth(modality, embedding) for modality in known]
        total = np.sum([self._bias, *parts, *self._worth_of_numbers(numbers)], axis=0)
        length = np.linalg.norm(total)
        return (total / length).astype(np.float32) if length > 0 else None

    def derive(self, embedding: Embedding, listing: Mapping[str, Any]) -> Embedding:
        """An embedding with the joint row that follows from its other rows and from the listing's JSON.

        Whatever joint row it had before is not looked at.
        """
        others = {modality: row for modality, row in embedding.items() if not modality.derived}
        row = self.row(others, numbers_of(listing) if self._numbers else _NO_NUMBERS)
        return others if row is None else {**others, Modality.JOINT: row}

    def _worth(self, modality: Modality, embedding: Embedding) -> Floats:
        part, row = self._parts[modality], embedding[modality]
        if not isinstance(row, np.ndarray) or row.shape != (part.given,):
            got = f"shape {row.shape}" if isinstance(row, np.ndarray) else "a sparse row"
            raise EncoderError(f"joint encoder: {modality} row: {got}, shape {(part.given,)} wanted; encode it again")
        return part(row.astype(np.float64))

    def _worth_of_numbers(self, numbers: Mapping[Numeric, float]) -> list[Floats]:
        if not self._numbers:
            return []
        values = np.array([numbers.get(name, np.nan) for name in self._numbers])
        return [self._of_numbers(self._scale(values))]


def joint_to_bytes(spec: JointSpec, tensors: Tensors) -> bytes:
    """A joint encoder's file: safetensors, float32.

    Args:
        spec: what is joined.
        tensors: as `JointEncoder` takes them.

    Raises:
        BundleError: the tensors are not those of the specification.
    """
    JointEncoder(spec, tensors)
    return save({name: np.ascontiguousarray(tensor, np.float32) for name, tensor in sorted(tensors.items())})


def sum_of(spec: JointSpec, size: int) -> JointEncoder:
    """The joint encoder of sources that are in one space already: their sum as it is."""
    as_it_is = {"0.weight": np.eye(size, dtype=np.float32), "0.bias": np.zeros(size, dtype=np.float32)}
    return JointEncoder(spec, {f"{one}.{name}": part for one in spec.sources for name, part in as_it_is.items()})


def read_joint(path: Path, spec: JointSpec) -> JointEncoder:
    """Read what `joint_to_bytes` wrote.

    Raises:
        BundleError: the file is no such encoder, or not the one that the specification tells of.
    """
    try:
        tensors = load_file(path)
    except (SafetensorError, OSError) as error:
        raise BundleError(str(path), f"no joint encoder ({error})", "a safetensors file", REMEDY) from error
    return JointEncoder(spec, tensors, str(path))
