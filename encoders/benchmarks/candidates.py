"""Ways of making rows of titles that are not the product's, but might become so."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path

import torch

from encoders.benchmarks.by_hand import in_batches, states_by
from encoders.benchmarks.processes import several_processes
from encoders.benchmarks.sample import Tried
from encoders.benchmarks.ways import Plan, Rows, Way, Ways
from encoders.bundle import Precision, TextSpec
from encoders.models import find_model
from encoders.text import TextEncoder, load_model


def add_candidates(found: Ways, spec: TextSpec, tried: Tried, titles: list[str], plan: Plan) -> None:
    """What the product might do otherwise, at one batch size."""
    size = plan.default_batch
    tokenizer, model = load_model(find_model(spec.model, spec.revision, tried.folder), tried.folder.name)
    model = model.to(plan.device).eval()

    states = states_by(model, plan.device)

    def autocast(tokens: dict[str, torch.Tensor]) -> torch.Tensor:
        with torch.autocast(plan.device.type, torch.bfloat16):
            return states(tokens)

    whole = (tokenizer, titles, (size, spec.max_tokens))
    count = len(titles)
    unsorted = partial(in_batches, states, *whole, by_length=False)
    found.ways += [
        Way("not by length, float32", count, unsorted, size),
        Way("autocast, bfloat16", count, partial(in_batches, autocast, *whole), size),
    ]
    if plan.compiled:
        run = partial(in_batches, states_by(torch.compile(model, dynamic=True), plan.device), *whole)
        found.ways.append(Way("torch.compile, float32", count, run, size))
    if plan.device.type == "cpu":
        _add_parallel(found, spec, tried, titles, plan)


def _add_parallel(found: Ways, spec: TextSpec, tried: Tried, titles: list[str], plan: Plan) -> None:
    """More than one thread, or more than one process."""
    size, count = plan.default_batch, len(titles)
    precisions: dict[Precision, None] = {"float32": None, plan.precision: None}
    for precision in precisions:
        own = replace(spec, precision=precision)
        encoder = TextEncoder(own, tried.folder, plan.device, size)
        found.ways.append(Way(f"two threads, {precision}", count, partial(encoder.encode, titles), size, threads=2))
        both = several_processes(partial(_encoder_of, own, tried.folder, size), titles, 2)
        found.closers.append(both.close)
        found.ways.append(Way(f"two processes, {precision}", 2 * count, both.run, size, own_process=False))


def _encoder_of(spec: TextSpec, folder: Path, size: int) -> Callable[[list[str]], Rows]:
    return TextEncoder(spec, folder, None, size).encode
