"""Makes the encoders of the bundle that ships as 'demo': image weights trained here, IDF of generated titles.

How listings are matched is then learned by `matchstream fit --label` (docs/benchmarks.md).

    python -m encoders.training.demo -o demo-trained

Everything comes from fixed seeds. On another machine or number of threads, sums are taken in another
order, so that the weights differ a little.
"""

from __future__ import annotations

import argparse
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, field, replace
from functools import partial
from pathlib import Path
from time import monotonic

import torch
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from safetensors.torch import save_file
from torch import Tensor, nn

from encoders.bundle import Bundle, ImageSpec
from encoders.fitting import Changes, fit_bundle
from encoders.image.backbone import build_backbone
from encoders.training.catalogue import TRAINING_SEED, TUNING_SEEDS, VALIDATION_SEED, generate_catalogue
from encoders.training.loop import Recipe, normalised, recall_at_1, train
from encoders.training.views import Views, photograph_looks

IMAGE = ImageSpec(backbone="mobilenet_v3_small", resize=112, crop=112, mean=(0.5, 0.5, 0.5), std=(0.25, 0.25, 0.25))

MATCHING = {
    "combination": "mean",
    "weights": {"image": 4.0, "text": 1.0, "lexical": 1.0},
    "blend": {"neighbors": 3, "threshold": 0.7},
    "match_threshold": 0.97,
    "sure_thresholds": {"image": 0.975},
    "list_limit": 50,
}
"""Chosen for the best pairwise F1 on the catalogues of `TUNING_SEEDS`, 200 products each, together."""

_COMMAND = "python -m encoders.training.demo"


@dataclass(frozen=True, slots=True)
class Plan:
    """How much is made of what.

    Args:
        looks: things photographed for training.
        views: photographs of each.
        held_out: things that recall is measured on.
        titled: products whose listings' titles the IDF is learnt from.
        recipe: how to train.
    """

    looks: int = 3600
    views: int = 4
    held_out: int = 300
    titled: int = 1500
    recipe: Recipe = field(default_factory=Recipe)


@dataclass(frozen=True, slots=True)
class Trained:
    """What training gave.

    Args:
        network: the backbone without its classifier.
        recall: share of held-out photographs whose nearest other one shows the same look.
        untrained_recall: the same before training.
        training_s: seconds the steps took.
    """

    network: nn.Module
    recall: float
    untrained_recall: float
    training_s: float


def make_bundle(output: Path, plan: Plan, progress: Progress) -> tuple[Bundle, Trained]:
    """Train the image encoder, learn the IDF, and write both as a bundle to `output`."""
    trained = train_backbone(plan, progress)
    titles = [one.title for one in generate_catalogue(plan.titled, TRAINING_SEED, photos=False) if one.title]
    with tempfile.TemporaryDirectory() as folder:
        weights = Path(folder) / "weights.safetensors"
        save_file({name: value.contiguous() for name, value in trained.network.state_dict().items()}, weights)
        changes = Changes(
            image_backbone=IMAGE.backbone,
            image_weights=weights,
            image_mean=IMAGE.mean,
            image_std=IMAGE.std,
            image_resize=IMAGE.resize,
            image_crop=IMAGE.crop,
            rows="float32",
        )
        bundle = fit_bundle(titles, output, changes=changes, matching=MATCHING, origin=_origin(plan, trained))
    return bundle, trained


def train_backbone(plan: Plan, progress: Progress) -> Trained:
    """Train the backbone on photographs of generated goods, and measure it on those of others."""
    views = _photograph(plan.looks, plan.views, TRAINING_SEED, progress)
    held_out = _photograph(plan.held_out, 3, VALIDATION_SEED, progress)
    network = new_backbone(plan.recipe.seed)
    prepare = partial(normalised, mean=IMAGE.mean, std=IMAGE.std)
    untrained = recall_at_1(network, held_out, prepare)
    seconds = _train(network, views, plan.recipe, prepare, progress)
    return Trained(network, recall_at_1(network, held_out, prepare), untrained, seconds)


def new_backbone(seed: int) -> nn.Module:
    """The backbone before training, its weights decided by the seed."""
    with torch.random.fork_rng():
        torch.manual_seed(seed)
        network, _head = build_backbone(replace(IMAGE, weights="new.safetensors"))
    for layer in network.modules():
        if isinstance(layer, nn.BatchNorm2d):
            layer.momentum = 0.1  # the backbone's own 0.01 lags behind in so few steps
    return network


def _photograph(looks: int, views: int, seed: int, progress: Progress) -> Views:
    task = progress.add_task(f"photographs of {looks} things (seed {seed})", total=looks)
    return photograph_looks(looks, views, IMAGE.crop, seed, done=partial(progress.advance, task))


def _train(
    network: nn.Module, views: Views, recipe: Recipe, prepare: Callable[[Tensor], Tensor], progress: Progress
) -> float:
    task = progress.add_task("training", total=recipe.steps)
    started = monotonic()

    def done(loss: float) -> None:
        progress.update(task, advance=1, description=f"training, loss {loss:.3f}")

    train(network, views, recipe, prepare, done)
    return monotonic() - started


def _origin(plan: Plan, trained: Trained) -> dict[str, object]:
    return {
        "command": f"{_COMMAND} -o BUNDLE",
        "plan": asdict(plan),
        "threads": torch.get_num_threads(),
        "seeds": {"training": TRAINING_SEED, "validation": VALIDATION_SEED, "thresholds": TUNING_SEEDS},
        "metrics": {
            "image_recall_at_1": round(trained.recall, 4),
            "image_recall_at_1_untrained": round(trained.untrained_recall, 4),
            "held_out_photographs": 3 * plan.held_out,
        },
    }


def main(arguments: Sequence[str] | None = None) -> None:
    """Make the bundle, showing how far it is and what came out."""
    options = _options().parse_args(arguments)
    torch.set_num_threads(options.threads)
    plan = replace(Plan(), recipe=replace(Recipe(), steps=options.steps))
    console = Console()
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=console) as progress:
        bundle, trained = make_bundle(options.output, plan, progress)
    size = sum((bundle.path / name).stat().st_size for name in bundle.files)
    console.print(f"bundle      {bundle.path}, {size / 1e6:.1f} MB, digest {bundle.digest[:12]}")
    console.print(f"recall@1    {trained.recall:.3f} (untrained {trained.untrained_recall:.3f}), held-out photographs")
    console.print(f"trained     {plan.recipe.steps} steps in {trained.training_s:.0f} s")
    console.print(f"next        matchstream match FILE.jsonl, with MATCHSTREAM_BUNDLE={options.output}")


def _options() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog=_COMMAND, description=(__doc__ or "").split("\n", 1)[0])
    parser.add_argument("-o", "--output", type=Path, required=True, help="folder of the bundle to make")
    parser.add_argument("--steps", type=int, default=Recipe().steps, help="training steps (%(default)s)")
    parser.add_argument("--threads", type=int, default=2, help="threads that train (%(default)s)")
    return parser


if __name__ == "__main__":
    main()
