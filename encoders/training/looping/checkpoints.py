"""Checkpoints: what a run needs to go on, in safetensors files that a JSON file names.

The JSON file is replaced last and in one step, so that it always names whole files. What it no longer names is
then removed.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

import orjson
from pydantic import Field, TypeAdapter, ValidationError
from safetensors import SafetensorError
from safetensors.torch import load_file, save_file
from torch import Tensor

from encoders.errors import TrainingError
from encoders.training.looping.folder import replacing, writing
from encoders.training.looping.standing import Standing

FORMAT = 1
STATE = "state.json"
_SHOWN = 40
RESTART = "begin anew with --restart, or choose another folder"

_TensorFile = Annotated[str, Field(pattern=r"^[\w-]+\.safetensors$")]


@dataclass(frozen=True, slots=True)
class State:
    """What `state.json` says.

    Args:
        format: of the checkpoint.
        plan: the run's, course included.
        standing: how far it has come.
        current: file of the network and the optimiser; None once the run is over.
        best: file of the best network.
    """

    format: int
    plan: dict[str, Any]
    standing: Standing
    current: _TensorFile | None
    best: _TensorFile | None


_STATE = TypeAdapter(State)


class Checkpoints:
    """The checkpoint of one run: the latest, and the best weights.

    Args:
        folder: where it lies.
        plan: that it must have been made with.
    """

    def __init__(self, folder: Path, plan: Mapping[str, Any]) -> None:
        self._folder, self._plan = folder, dict(plan)
        self._state: State | None = None

    def read(self) -> Standing | None:
        """How the run stands, None if it has not begun.

        Raises:
            TrainingError: it was made with another plan, by a newer version, or is damaged.
        """
        try:
            content = (self._folder / STATE).read_bytes()
        except FileNotFoundError:
            return None
        self._state = self._checked(content)
        return self._state.standing

    def current(self) -> dict[str, Tensor]:
        """Tensors of the network and the optimiser as they stood.

        Raises:
            TrainingError: the file is damaged.
        """
        return self._load(self._state.current if self._state else None)

    def best(self) -> dict[str, Tensor]:
        """Tensors of the best network.

        Raises:
            TrainingError: the file is damaged.
        """
        return self._load(self._best)

    def write(
        self, standing: Standing, current: Mapping[str, Tensor] | None, best: Mapping[str, Tensor] | None
    ) -> None:
        """Replace the checkpoint.

        Args:
            standing: how the run stands.
            current: tensors to go on from; None if it is over.
            best: tensors of the best network, None if they are those of the checkpoint before.

        Raises:
            TrainingError: the disk is full; the checkpoint before is still there.
        """
        number = f"{standing.updates:08d}"
        kept = self._save(f"current-{number}.safetensors", current) if current is not None else None
        kept_best = self._save(f"best-{number}.safetensors", best) if best is not None else self._best
        state = State(FORMAT, self._plan, standing, kept, kept_best)
        with replacing(self._folder / STATE) as temporary:
            temporary.write_bytes(orjson.dumps(state, option=orjson.OPT_INDENT_2))
        self._state = state
        self._tidy({STATE, state.current, state.best})

    @property
    def _best(self) -> str | None:
        return self._state.best if self._state else None

    def _save(self, name: str, tensors: Mapping[str, Tensor]) -> str:
        with replacing(self._folder / name) as temporary:
            save_file(dict(tensors), temporary)
        return name

    def _tidy(self, named: set[str | None]) -> None:
        with writing(self._folder):
            for file in self._folder.iterdir():
                if file.name not in named:
                    file.unlink(missing_ok=True)

    def _load(self, name: str | None) -> dict[str, Tensor]:
        if name is None:
            raise self.damaged("names no such tensors")
        try:
            return load_file(self._folder / name)
        except (OSError, SafetensorError) as error:
            raise self.damaged(f"{name} can't be read ({error})") from error

    def damaged(self, got: str) -> TrainingError:
        """The error of a checkpoint that can't be gone on from."""
        return TrainingError(f"checkpoint '{self._folder}'", got, "what this run wrote", RESTART)

    def _checked(self, content: bytes) -> State:
        try:
            values = orjson.loads(content)
            self._check_format(values["format"])
            state = _STATE.validate_python(values)
        except (orjson.JSONDecodeError, ValidationError, KeyError, TypeError) as error:
            raise self.damaged(f"{STATE} can't be read ({type(error).__name__})") from error
        self._check_plan(state.plan)
        return state

    def _check_format(self, found: int) -> None:
        if found > FORMAT:
            subject, got = f"checkpoint '{self._folder}'", f"format {found} of a newer version"
            raise TrainingError(subject, got, f"format {FORMAT} or older", f"update matchstream, or {RESTART}")

    def _check_plan(self, found: Mapping[str, Any]) -> None:
        names = sorted(name for name in found.keys() | self._plan.keys() if found.get(name) != self._plan.get(name))
        if names:
            got = "it was begun with " + ", ".join(f"{name} {_short(found.get(name))}" for name in names)
            wanted = ", ".join(f"{name} {_short(self._plan.get(name))}" for name in names)
            raise TrainingError(f"run folder '{self._folder.parent}'", got, wanted, RESTART)


def _short(value: object) -> str:
    text = str(value)
    return text if len(text) <= _SHOWN else f"{text[: _SHOWN - 3]}..."
