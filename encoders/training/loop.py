"""The training loop of the demo's image encoder, and the measure it is judged by."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn import functional

from encoders.training.losses import supervised_contrastive
from encoders.training.views import Views

_EVALUATION_BATCH = 64


@dataclass(frozen=True, slots=True)
class Recipe:
    """How long and how hard to train.

    Args:
        looks: things a batch is made of.
        run: so many of them are neighbours that are hard to tell apart.
        views: photographs of each in a batch.
        rate: highest learning rate, reached after a tenth of the steps.
    """

    steps: int = 2400
    looks: int = 24
    run: int = 3
    views: int = 4
    rate: float = 3e-3
    weight_decay: float = 0.02
    temperature: float = 0.1
    seed: int = 0


def normalised(pixels: Tensor, mean: tuple[float, ...], std: tuple[float, ...]) -> Tensor:
    """What a network gets to see of photographs: (n, 3, side, side) uint8 in, float32 out, channels last."""
    scale = 255 * torch.tensor(std).view(3, 1, 1)
    shift = 255 * torch.tensor(mean).view(3, 1, 1)
    return ((pixels - shift) / scale).contiguous(memory_format=torch.channels_last)


def train(
    network: nn.Module, views: Views, recipe: Recipe, prepare: Callable[[Tensor], Tensor], done: Callable[[float], None]
) -> None:
    """Train the network in place so that photographs of one look embed near each other.

    Args:
        network: (n, 3, side, side) float32 to (n, d).
        views: what to train on.
        recipe: how long and how hard.
        prepare: pixels to what the network expects.
        done: called after each step with its loss.
    """
    network.train().to(memory_format=torch.channels_last)  # twice as fast on a CPU
    optimiser = torch.optim.AdamW(network.parameters(), lr=recipe.rate, weight_decay=recipe.weight_decay)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimiser, recipe.rate, total_steps=recipe.steps, pct_start=0.1)
    for pixels, labels in batches(views, recipe):
        embeddings = functional.normalize(network(prepare(pixels)))
        loss = supervised_contrastive(embeddings, labels, recipe.temperature)
        optimiser.zero_grad()
        torch.autograd.backward(loss)
        optimiser.step()
        schedule.step()
        done(loss.item())
    network.eval()


def batches(views: Views, recipe: Recipe) -> Iterator[tuple[Tensor, Tensor]]:
    """Batches of photographs (n, 3, side, side) with the number of their look (n,)."""
    generator = torch.Generator().manual_seed(recipe.seed)
    for step in range(recipe.steps):
        looks = _looks(views.orders[step % len(views.orders)], recipe, generator)
        shots = torch.rand(len(looks), views.pixels.shape[1], generator=generator).argsort(1)[:, : recipe.views]
        yield views.pixels[looks[:, None], shots].flatten(0, 1), looks.repeat_interleave(shots.shape[1])


def _looks(order: Tensor, recipe: Recipe, generator: torch.Generator) -> Tensor:
    """Some runs of neighbours in the order, none of them overlapping."""
    offset = torch.randint(recipe.run, (), generator=generator)
    starts = torch.randperm(len(order) // recipe.run, generator=generator)[: recipe.looks // recipe.run] * recipe.run
    places = (starts[:, None] + offset + torch.arange(recipe.run)).flatten()
    return order[places % len(order)]


@torch.inference_mode()
def recall_at_1(network: nn.Module, views: Views, prepare: Callable[[Tensor], Tensor]) -> float:
    """Share of photographs whose nearest other photograph shows the same look."""
    pixels = views.pixels.flatten(0, 1)
    network.eval()
    rows = torch.cat([functional.normalize(network(prepare(part))) for part in torch.split(pixels, _EVALUATION_BATCH)])
    labels = torch.arange(views.looks).repeat_interleave(views.pixels.shape[1])
    nearest = (rows @ rows.T).fill_diagonal_(-torch.inf).argmax(1)
    return (labels[nearest] == labels).double().mean().item()
