"""What a trained bundle says of where it comes from: its provenance, and the facts of its card."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping
from dataclasses import asdict
from typing import Any

from encoders.bundle.card import CardFacts
from encoders.training.looping import Outcome
from encoders.training.order import Order, Trained
from encoders.types import Modality
from streams.cli.console import counted

_ENOUGH = 30
"""Products with several listings, held out: a figure of fewer is worth little."""
_DISJOINT = (
    "Its encoders know the products they were trained on: fit thresholds and scorers, and measure, on other products."
)

_NOT_ACROSS = (
    "Its joint space compares whole listings and was not trained to find photos by words: the dual encoder does that."
)


def origin_of(order: Order, trained: Trained) -> dict[str, Any]:
    """For the manifest; no time in it but that which training took."""
    training = {
        "recipe": order.recipe,
        "settings": asdict(order.settings),
        "seed": order.course.seed,
        "data": _counts(trained),
        "digest": trained.examples.digest(),
        "runs": {str(modality): _run(outcome) for modality, outcome in trained.outcomes.items()},
    }
    return {"command": _command(), "training": training}


def facts_of(name: str, order: Order, trained: Trained) -> CardFacts:
    """For the card of a bundle of that name."""
    outcomes = trained.outcomes
    return CardFacts(
        name=name,
        recipe=order.recipe,
        counts=_counts(trained),
        data_digest=trained.examples.digest(),
        command=_command(),
        device=next(iter(outcomes.values())).device,
        seconds=sum(one.seconds for one in outcomes.values()),
        seeds=[order.course.seed],
        peak_memory=_peaks(outcomes),
        metrics=_by_name(outcomes, "best"),
        untrained=_by_name(outcomes, "untrained"),
        limits=list(_limits(order, trained)),
    )


def too_few_held_out(trained: Trained) -> str:
    """Why figures and thresholds are worth little, in words; empty where enough was held out."""
    products = trained.split.held_out.several
    return "" if products >= _ENOUGH else f"only {counted(products, 'product')} with several listings were held out"


def _command() -> list[str]:
    """As it was typed; names of files that are not UTF-8 can't be kept as they are."""
    return [one.encode("utf-8", "replace").decode() for one in ("matchstream", *sys.argv[1:])]


def _run(outcome: Outcome) -> dict[str, Any]:
    return {
        "device": outcome.device,
        "precision": outcome.precision,
        "seconds": round(outcome.seconds, 1),
        "peak_memory_bytes": asdict(outcome.peak),
        "updates": outcome.updates,
        "finish": outcome.finish,
        "untrained": _rounded(outcome.untrained.figures),
        "trained": _rounded(outcome.best.figures),
    }


def _rounded(figures: Mapping[str, float]) -> dict[str, float]:
    return {name: round(value, 4) for name, value in figures.items()}


def _counts(trained: Trained) -> dict[str, int]:
    sides = {"training": trained.split.training, "held-out": trained.split.held_out}
    return {
        f"{side} {what}": count
        for side, some in sides.items()
        for what, count in {"listings": len(some), "products": some.products}.items()
    }


def _limits(order: Order, trained: Trained) -> Iterator[str]:
    yield _DISJOINT
    if order.recipe.needs_dual:
        yield _NOT_ACROSS
    if few := too_few_held_out(trained):
        yield f"Figures and thresholds are rough, since {few}."
    for modality, outcome in trained.outcomes.items():
        if not outcome.best.update:
            yield f"Training brought no gain in the modality {modality}, which is as it was before."


def _peaks(outcomes: Mapping[Modality, Outcome]) -> dict[str, int]:
    process = max(one.peak.process for one in outcomes.values())
    device = max(one.peak.device for one in outcomes.values())
    return {"process": process, **({"accelerator": device} if device else {})}


def _by_name(outcomes: Mapping[Modality, Outcome], which: str) -> dict[str, float]:
    return {
        f"{modality} {name}": value
        for modality, outcome in outcomes.items()
        for name, value in getattr(outcome, which).figures.items()
    }
