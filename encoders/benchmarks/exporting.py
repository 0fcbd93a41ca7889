"""Networks in another runtime, exported when they are asked for."""

from __future__ import annotations

import logging
import warnings
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import torch

from encoders.benchmarks.ways import ONNX

Compute = Callable[[dict[str, torch.Tensor]], torch.Tensor]
"""From inputs by name to what a network makes of them."""


def onnx_session(
    model: torch.nn.Module, example: dict[str, torch.Tensor], file: Path, notes: list[str]
) -> Compute | None:
    """The network in ONNX Runtime with one thread, any number of items and any length; None where it can't be had.

    Args:
        model: takes its inputs by name.
        example: of at least two items.
        file: to export to.
        notes: is told why there is none.
    """
    missing = [name for name in ("onnx", "onnxscript", "onnxruntime") if find_spec(name) is None]
    if missing:
        notes.append(f"{ONNX} is left out: {', '.join(missing)} is not installed (pip install 'matchstream[bench]')")
        return None
    try:
        _export(model, example, file)
    except Exception as error:  # noqa: BLE001 - whatever a network makes the exporter trip over
        notes.append(f"{ONNX} is left out: this network can't be exported ({str(error).strip().split(chr(10))[0]})")
        return None
    return _session(file)


def _export(model: torch.nn.Module, example: dict[str, torch.Tensor], file: Path) -> None:
    shapes: dict[str, Any] = {
        name: {0: torch.export.Dim("items")} | ({1: torch.export.Dim("tokens")} if one.dim() == 2 else {})  # noqa: PLR2004 - (n, tokens)
        for name, one in example.items()
    }
    level = logging.getLogger("torch.onnx").level
    logging.getLogger("torch.onnx").setLevel(logging.ERROR)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            torch.onnx.export(
                model.eval(),
                (),
                file,
                kwargs=example,
                dynamo=True,
                dynamic_shapes=shapes,
                input_names=list(example),
                verbose=False,
            )
    finally:
        logging.getLogger("torch.onnx").setLevel(level)


def _session(file: Path) -> Compute:
    import onnxruntime  # noqa: PLC0415 - need not be there

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    session = onnxruntime.InferenceSession(file, options, providers=["CPUExecutionProvider"])
    names = [one.name for one in session.get_inputs()]

    def compute(inputs: dict[str, torch.Tensor]) -> torch.Tensor:
        (made, *_) = session.run(None, {name: inputs[name].contiguous().numpy() for name in names})
        return torch.from_numpy(made)

    return compute
