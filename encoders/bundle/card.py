"""The model card of a bundle: what it is, what it was trained on, how well it does, and what it is not for.

Source: Mitchell et al., Model Cards for Model Reporting, section 4, for what a card has to tell.
"""

from __future__ import annotations

import shlex
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from encoders.bundle.manifest import Manifest
from encoders.bundle.markdown import code, escaped, heading, row
from encoders.bundle.wording import encoders_in_words, seen_in_words, size_in_words
from encoders.types import Modality

CARD = "README.md"
"""Its name in a bundle."""

_MINUTE_S = 60
_ALWAYS = (
    "A figure above holds for products like those it was measured on. Measure on yours before relying on it.",
    "Rows of one bundle mean nothing to another with other encoders; `matchstream bundle compare` tells.",
)
_GENERATED = "Captions and tags are what models say of a photo. They are no words of the seller's, and may be wrong."
_NO_THRESHOLDS = (
    "It has no thresholds of its own yet: learn them with `matchstream fit --label` on other products "
    "than it was trained on."
)


@dataclass(frozen=True, slots=True, kw_only=True)
class CardFacts:
    """What a card tells beside the manifest. No listing and no product is named, only counted.

    Args:
        name: of the bundle.
        recipe: name of the training recipe.
        counts: of what was trained and measured on, by what is counted, as "held-out products".
        data_digest: of the training data.
        command: what made the bundle, word by word.
        device: what it was trained on, in words.
        seconds: that training took.
        seeds: of everything random.
        metrics: figures on held-out products, by name.
        untrained: the same before training, where measured.
        peak_memory: bytes that training took at most, by device, as "CPU".
        limits: what it is not for, and what is not known of it, a sentence each.
        licences: of the models it began with, by model, as far as known.
    """

    name: str
    recipe: str
    counts: Mapping[str, int]
    data_digest: str
    command: Sequence[str]
    device: str
    seconds: float
    seeds: Sequence[int]
    metrics: Mapping[str, float]
    untrained: Mapping[str, float] = field(default_factory=dict)
    peak_memory: Mapping[str, int] = field(default_factory=dict)
    limits: Sequence[str] = ()
    licences: Mapping[str, str] = field(default_factory=dict)


def card_of(manifest: Manifest, facts: CardFacts) -> str:
    """The card as Markdown; whatever others wrote is escaped and stays on its line."""
    sections = {
        "What it is": _what(manifest, facts),
        "What it was trained on": _data(facts),
        "How it was trained": _training(manifest, facts),
        "How well it does on held-out products": _figures(facts),
        "What it is not for": [f"- {line}" for line in (*map(escaped, facts.limits), *_limits(manifest))],
        "How to use it": _use(manifest, facts),
        "How to make it again": code(shlex.join(facts.command)),
        "Licences of the models it began with": _licences(facts),
    }
    parts = [f"# {escaped(facts.name)}", *(f"## {title}\n\n" + "\n".join(lines) for title, lines in sections.items())]
    return "\n\n".join(parts) + "\n"


def _what(manifest: Manifest, facts: CardFacts) -> Iterator[str]:
    yield "An encoder bundle of matchstream, which finds the same product across sellers."
    yield f"Trained by the recipe {escaped(facts.recipe)}."
    yield ""
    yield from heading("modality", "encoded by", "numbers in a row")
    for modality, words in encoders_in_words(manifest).items():
        yield row(modality, words, str(manifest.dimensions.get(modality, "sparse")))
    seen = seen_in_words(manifest)
    if seen:
        yield ""
        yield from heading("beside rows", "")
        yield from (row(what, words) for what, words in seen.items())


def _data(facts: CardFacts) -> Iterator[str]:
    yield from heading("what", "how many")
    yield from (row(what, f"{count:,}") for what, count in facts.counts.items())
    yield ""
    yield f"Digest of the data: {escaped(facts.data_digest)}. The data itself is not part of the bundle."


def _training(manifest: Manifest, facts: CardFacts) -> Iterator[str]:
    yield from heading("", "")
    yield row("device", facts.device)
    yield row("time", duration_in_words(facts.seconds))
    yield from (row(f"peak memory, {device}", size_in_words(size)) for device, size in facts.peak_memory.items())
    yield row("seeds", ", ".join(map(str, facts.seeds)))
    libraries = manifest.provenance.get("libraries")
    if isinstance(libraries, Mapping):
        yield row("libraries", ", ".join(f"{name} {version}" for name, version in libraries.items()))


def _figures(facts: CardFacts) -> Iterator[str]:
    yield from heading("figure", "before training", "after")
    for name, value in facts.metrics.items():
        before = facts.untrained.get(name)
        yield row(name, "" if before is None else f"{before:.4g}", f"{value:.4g}")


def _limits(manifest: Manifest) -> Iterator[str]:
    yield from _ALWAYS
    if manifest.captions or manifest.tags:
        yield _GENERATED
    if not manifest.matching:
        yield _NO_THRESHOLDS


def _use(manifest: Manifest, facts: CardFacts) -> Iterator[str]:
    folder = shlex.quote(facts.name)
    commands = [
        f"matchstream bundle show {folder}",
        f"matchstream evaluate LISTINGS.jsonl --label product_id --bundle {folder}",
        f"MATCHSTREAM_BUNDLE={folder} matchstream match LISTINGS.jsonl",
    ]
    yield from code("\n".join(commands))
    if manifest.joint and manifest.joint.cross_modal:
        sources = " and ".join(one for one in manifest.joint.sources if one is not Modality.JOINT)
        yield f"\nIts joint rows are made for search across {sources}: a listing that lacks one is found by the other."


def _licences(facts: CardFacts) -> Iterator[str]:
    if not facts.licences:
        yield "Not known; ask whoever published the models named above."
    yield from (f"- {escaped(model)}: {escaped(text)}" for model, text in facts.licences.items())


def duration_in_words(seconds: float) -> str:
    """Seconds as 42 s, 3 min 20 s or 1 h 5 min."""
    minutes, rest = divmod(round(seconds), _MINUTE_S)
    hours, left = divmod(minutes, _MINUTE_S)
    if hours:
        return f"{hours} h {left} min"
    return f"{minutes} min {rest} s" if minutes else f"{rest} s"
