"""Ways of making rows of titles."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import torch

from encoders.benchmarks.by_hand import in_batches, titles_one_by_one
from encoders.benchmarks.candidates import add_candidates
from encoders.benchmarks.exporting import onnx_session
from encoders.benchmarks.sample import Tried
from encoders.benchmarks.ways import (
    ONNX,
    OURS,
    SENTENCE_TRANSFORMERS,
    TUTORIAL,
    UNPADDED,
    Plan,
    Way,
    Ways,
)
from encoders.bundle import Precision, TextSpec
from encoders.models import find_model
from encoders.text import TextEncoder, load_model


def text_ways(tried: Tried, titles: list[str], plan: Plan, folder: Path) -> Ways:
    """All of them; the product's own in float32 is the first.

    Args:
        tried: what encodes them.
        titles: to be encoded.
        plan: what is to be tried.
        folder: where an exported network may lie.
    """
    found = Ways()
    if tried.text is None:
        found.notes.append("titles are left out: the bundle has no text encoder")
        return found
    tokenizer, model = load_model(find_model(tried.text.model, tried.text.revision, tried.folder), tried.folder.name)
    model = model.to(plan.device).eval()
    precisions: dict[Precision, None] = {"float32": None, plan.precision: None, "bfloat16": None}
    for precision in precisions:
        found.ways += _ours(replace(tried.text, precision=precision), tried, titles, plan)
    some = titles[: plan.tutorial_items]
    for name, padded in ((TUTORIAL, True), (UNPADDED, False)):
        run = partial(titles_one_by_one, tokenizer, model, some, plan.device, padded=padded)
        found.ways.append(Way(name, len(some), run, 1))
    if plan.candidates:
        _others(found, tried.text, tokenizer, model, (titles, plan, folder))
        add_candidates(found, tried.text, tried, titles, plan)
    return found


def _ours(spec: TextSpec, tried: Tried, titles: list[str], plan: Plan) -> list[Way]:
    ways = []
    for size in plan.batch_sizes:
        encoder = TextEncoder(spec, tried.folder, plan.device, size)
        ways.append(Way(f"{OURS}, {spec.precision}", len(titles), partial(encoder.encode, titles), size))
    return ways


def _others(found: Ways, spec: TextSpec, tokenizer: Any, model: Any, rest: tuple[list[str], Plan, Path]) -> None:
    titles, plan, folder = rest
    if plan.device.type != "cpu":
        found.notes.append(f"{ONNX} is left out for titles: its wheel here runs on CPUs alone")
    else:
        example = dict(tokenizer(["one title", "and another one"], padding=True, return_tensors="pt"))
        if session := onnx_session(_States(model), example, folder / "text.onnx", found.notes):
            for size in plan.batch_sizes:
                run = partial(in_batches, session, tokenizer, titles, (size, spec.max_tokens))
                found.ways.append(Way(f"{ONNX}, float32", len(titles), run, size))
    if find_spec("sentence_transformers") is None:
        found.notes.append(
            f"{SENTENCE_TRANSFORMERS} is left out: it is not installed (pip install 'matchstream[bench]')"
        )
        return
    other = _sentence_transformer(spec, str(model.name_or_path), int(model.config.hidden_size), plan.device)
    for size in plan.batch_sizes:
        run = partial(other.encode, titles, batch_size=size, convert_to_numpy=True, show_progress_bar=False)
        found.ways.append(Way(f"{SENTENCE_TRANSFORMERS}, float32", len(titles), run, size))


class _States(torch.nn.Module):
    """Token states alone, which is what an exported network can give back."""

    def __init__(self, model: Any) -> None:
        super().__init__()
        self._model = model

    def forward(
        self, input_ids: torch.Tensor, attention_mask: torch.Tensor, token_type_ids: torch.Tensor | None = None
    ) -> torch.Tensor:
        kinds = {} if token_type_ids is None else {"token_type_ids": token_type_ids}
        states: torch.Tensor = self._model(
            input_ids=input_ids, attention_mask=attention_mask, **kinds
        ).last_hidden_state
        return states


def _sentence_transformer(spec: TextSpec, folder: str, dimensions: int, device: torch.device) -> Any:
    from sentence_transformers import SentenceTransformer  # noqa: PLC0415 - it takes seconds, and need not be there
    from sentence_transformers.sentence_transformer.modules import (  # noqa: PLC0415 - likewise
        Normalize,
        Pooling,
        Transformer,
    )

    made = SentenceTransformer(modules=[Transformer(folder), Pooling(dimensions), Normalize()], device=str(device))
    made.max_seq_length = spec.max_tokens
    return made
