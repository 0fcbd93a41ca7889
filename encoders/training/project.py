"""Learning a joint space over the rows of frozen encoders, and the file that comes of it."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from encoders.bundle import JointSpec
from encoders.errors import TrainingError
from encoders.fitting import Changes
from encoders.joint import joint_to_bytes
from encoders.training.data import Examples, some_products, split
from encoders.training.looping import Progress, run
from encoders.training.looping.folder import replacing
from encoders.training.order import Order, Trained
from encoders.training.recipes import SHARED
from encoders.training.retrieval import findable
from encoders.training.tasks import (
    ContrastingTask,
    ContrastiveSettings,
    Frozen,
    JointNetwork,
    UnifiedRecipeSettings,
    UnifyingTask,
)
from encoders.training.tasks.projecting import NUMERIC
from encoders.types import Modality, Numeric

JOINT_FILE = "joint.safetensors"
_MEASURED = 10_000
"""Held-out listings that are measured on each time, at most."""

_Settings = ContrastiveSettings | UnifiedRecipeSettings
_Sizes = Mapping[Modality, int]


def project(order: Order, settings: _Settings, examples: Examples, progress: Progress) -> Trained:
    """Learn a joint space over the rows that examples bring.

    Raises:
        TrainingError: as of `train`.
    """
    check_base(order)
    unites = isinstance(settings, UnifiedRecipeSettings)
    sources = _sources(order, examples, 2 if unites else 1)
    sizes = {modality: order.base.dimensions[modality] for modality in sources}
    joined = Examples(tuple(one for one in examples.all if sizes.keys() & one.rows.keys()))
    sides = split(joined, order.held_out, order.course.seed)
    if unites:
        _check_crossing(sides.held_out)
    numeric = _numbers(settings, sides.training)
    network = JointNetwork(sizes, settings.dimensions, settings.hidden, len(numeric))
    training = Frozen(sides.training, sizes, numeric)
    held_out = Frozen(some_products(sides.held_out, _MEASURED), sizes, numeric, training.scale)
    folder = order.folder_of(Modality.JOINT, sides)
    if settings.principal and not settings.hidden:
        network.start_from_principal(training.known, training.present)
    task: Any = _task(settings, training, held_out, network, order.course.seed)
    outcome = run(task, order.course_of(Modality.JOINT), folder, order.device, progress.of(Modality.JOINT))
    spec = JointSpec(JOINT_FILE, tuple(sizes), numeric, cross_modal=order.recipe.crosses)
    file = _written(folder.path / JOINT_FILE, spec, network, training)
    return Trained(Changes(joint=spec, joint_weights=file), {Modality.JOINT: outcome}, joined, sides)


def check_base(order: Order) -> None:
    """Whether the base has what the recipe can't do without.

    Raises:
        TrainingError: it has not.
    """
    if order.recipe.needs_dual and order.base.dual is None:
        got, wanted = f"bundle '{order.base.name}' without a dual encoder", "one of photos and titles into one space"
        remedy = "give a --base made with 'matchstream fit --joint-model', or take the recipe contrastive"
        raise TrainingError(f"recipe '{order.recipe}'", got, wanted, remedy)


def _sources(order: Order, examples: Examples, fewest: int) -> list[Modality]:
    """What there is to be joined, of what the recipe joins."""
    there = [m for m in Modality if m in order.recipe.joins and any(m in one.rows for one in examples.all)]
    if len(there) < fewest:
        got = f"rows of {', '.join(there) or 'no modality'} from bundle '{order.base.name}'"
        remedy = "give listings with photos and titles, and a --base that encodes them"
        remedy += ", or take the recipe fusion, which learns from its dual encoder" if order.base.dual else ""
        raise TrainingError("training data", got, "photos and titles" if fewest > 1 else "photos or titles", remedy)
    if order.recipe.needs_dual and not SHARED.intersection(there):
        got = f"rows of {', '.join(there)} alone from bundle '{order.base.name}'"
        remedy = "give listings with photos or titles that its dual encoder reads"
        raise TrainingError("training data", got, "some of its dual encoder, too", remedy)
    return there


def _check_crossing(held_out: Examples) -> None:
    """Words have photos of other listings to find: without, no training would seem better than none."""
    photos, words = (
        np.flatnonzero([modality in one.rows for one in held_out.all]) for modality in (Modality.IMAGE, Modality.TEXT)
    )
    if not findable(words, photos, held_out.codes).any():
        got = "no held-out product with a title, and a photo in another listing"
        raise TrainingError("training data", got, "some to measure on", "give more listings with photos and titles")


def _numbers(settings: _Settings, training: Examples) -> tuple[Numeric, ...]:
    """Those that tell listings apart: what never varies, nothing is learned about."""
    wanted = settings.numeric if isinstance(settings, ContrastiveSettings) else ()
    stated = {name: {one.numbers[name] for one in training.all if name in one.numbers} for name in wanted}
    return tuple(name for name, values in stated.items() if len(values) > 1)


def _task(
    settings: _Settings, training: Frozen, held_out: Frozen, network: JointNetwork, seed: int
) -> ContrastingTask | UnifyingTask:
    if isinstance(settings, ContrastiveSettings):
        return ContrastingTask(training, held_out, network, settings, seed)
    return UnifyingTask(training, held_out, network, settings, seed)


def _written(path: Path, spec: JointSpec, network: JointNetwork, training: Frozen) -> Path:
    tensors = network.tensors()
    if spec.numeric:
        mean, std = training.scale.T
        tensors |= {f"{NUMERIC}.mean": mean, f"{NUMERIC}.std": std}
    with replacing(path) as file:
        file.write_bytes(joint_to_bytes(spec, tensors))
    return path
