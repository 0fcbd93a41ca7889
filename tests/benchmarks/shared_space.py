"""What a dual encoder brings beside other encoders, and what joins them best, on products that nobody learned from.

    python tests/benchmarks/shared_space.py -o docs/benchmarks

No published weights are needed: photos and titles are generated, and the dual encoder is a small CLIP that is trained
here. Three sets of products, none shared: CLIP learns from one, the recipes `contrastive` and `fusion` from the second,
and every figure is taken on the third, by which no recipe and no weight is chosen: thresholds come from other folds of
products, and where several similarities are combined they count in equal parts.
"""

from __future__ import annotations

import argparse
import statistics
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import orjson
import torch
from benchmarks.seeing.joining import Listings, dual_bundle
from benchmarks.seeing.small_clip import train_clip
from benchmarks.trained.measuring import Figures
from rich.console import Console
from rich.table import Table as Shown

from encoders.bundle import Bundle
from encoders.metrics import Entries, ranking
from encoders.training.catalogue import generate_catalogue, write_catalogue
from encoders.types import Modality
from streams.learning.candidates import find_candidates
from streams.learning.folds import folds
from streams.learning.labelled import LabelledCatalogue
from streams.learning.measuring import measure
from streams.matching.policy import Policy

IMAGE, TEXT, LEXICAL, JOINT = Modality.IMAGE, Modality.TEXT, Modality.LEXICAL, Modality.JOINT
SHARED = (Modality.JOINT_IMAGE, Modality.JOINT_TEXT)
_SUM = "joint: sum of joint_image, joint_text"
RECIPES = ("contrastive", "fusion")
_CATALOGUES = (901, 902, 903)
"""Seeds of products; the demo's own encoder of photos learned from others."""
_FOLDS = 5

out = Console(width=None if sys.stdout.isatty() else 140)


@dataclass(frozen=True, slots=True)
class Sizes:
    """How much of everything.

    Args:
        clip: products that CLIP learns from.
        joint: products that the recipes learn from.
        judged: products of the figures.
        epochs: of CLIP.
        recipe_epochs: of the recipes; None takes as many as they usually are trained.
    """

    clip: int = 1500
    joint: int = 300
    judged: int = 300
    epochs: int = 30
    recipe_epochs: int | None = None


def compared(work: Path, sizes: Sizes, seeds: Sequence[int]) -> dict[str, list[Figures]]:
    """Figures of each row, one for each seed; those that no seed decides have one alone."""
    counts = (sizes.clip, sizes.joint, sizes.judged)
    seen, learned, judged = (generate_catalogue(*one) for one in zip(counts, _CATALOGUES, strict=True))
    for name, listings in (("learned", learned), ("judged", judged)):
        write_catalogue(listings, work / name)
    sides = [Listings(work / name, work / "kept") for name in ("learned", "judged")]
    found: dict[str, list[Figures]] = {}
    for number, seed in enumerate(seeds):
        train_clip(seen, work / f"clip-{seed}", seed, sizes.epochs)
        out.print(f"seed {seed}: CLIP trained, {time.process_time():.0f} s of a processor so far")
        for image in (True, False):
            bundle = dual_bundle(work / f"clip-{seed}", work / f"bundle-{seed}-{image}", image=image)
            for name, figures in _rows(bundle, *sides, seed, sizes):
                rows = found.setdefault(name, [])
                if not rows or ("joint" in name and len(rows) <= number):  # the others are the same every time
                    rows.append(figures)
        for name, some in found.items():
            out.print(f"seed {seed}: {name}: mean F1 {some[-1].mean_f1:.3f}, recall@1 {some[-1].recall_at_1:.3f}")
    return found


def _rows(
    bundle: Bundle, learned: Listings, judged: Listings, seed: int, sizes: Sizes
) -> Iterator[tuple[str, Figures]]:
    """Each similarity alone, then beside the mean of those that every catalogue has; and what recipes make of them."""
    plain = [modality for modality in (IMAGE, TEXT, LEXICAL) if modality in bundle.modalities]
    catalogue = judged.embedded(bundle)
    for modality in (*plain, *SHARED):
        yield str(modality), figures_of(catalogue, [modality])
    yield _words(plain), figures_of(catalogue, plain)
    yield f"{_words(plain)} + {_words(SHARED)}", figures_of(catalogue, [*plain, *SHARED])
    yield _SUM, figures_of(catalogue, [JOINT])
    yield f"{_words(plain)} + {_SUM}", figures_of(catalogue, [*plain, JOINT])
    for recipe in RECIPES:
        joined = learned.joined(recipe, bundle, Path(f"{bundle.path}-{recipe}"), seed, sizes.recipe_epochs)
        sources = [*joined.joint.sources] if joined.joint else []
        name, catalogue = f"joint: {recipe} of {', '.join(sources)}", judged.embedded(joined)
        yield name, figures_of(catalogue, [JOINT])
        yield f"{_words(plain)} + {name}", figures_of(catalogue, [*plain, JOINT])


def figures_of(catalogue: LabelledCatalogue, modalities: Sequence[Modality]) -> Figures:
    """All listings' lists by the mean of some similarities, as they are; a listing that has none finds nobody."""
    policy = Policy(weights=dict.fromkeys(modalities, 1.0))
    found = find_candidates(catalogue.embeddings, catalogue.details, policy, floor=0.0, steps=0)
    figure = measure(found, found.combined, catalogue.codes, folds(catalogue.labels, _FOLDS))
    ranked = ranking(Entries.of_pairs(catalogue.codes, found.one, found.other, found.combined), (1, 10))
    return Figures(figure.mean_f1, ranked.recall[1], ranked.recall[10], ranked.mrr)


def _words(modalities: Sequence[Modality]) -> str:
    return " + ".join(modalities)


def main() -> None:
    """Measure, print the table and write the figures."""
    options = _options()
    torch.set_num_threads(1)
    with TemporaryDirectory(prefix="matchstream-") as folder:
        found = compared(options.work or Path(folder), Sizes(), range(options.seeds))
    seconds = time.process_time()
    out.print(_shown(found))
    out.print(f"{seconds:.0f} s of a processor")
    if options.output:
        rows = {name: [asdict(one) for one in some] for name, some in found.items()}
        data = {"sizes": asdict(Sizes()), "seeds": options.seeds, "processor_seconds": round(seconds), "rows": rows}
        text = orjson.dumps(data, option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE)
        (options.output / "shared-space.json").write_bytes(text)
        out.print(f"wrote {options.output / 'shared-space.json'}")


def _shown(found: Mapping[str, Sequence[Figures]]) -> Shown:
    shown = Shown("similarity", "mean F1", "recall@1", "recall@10", "MRR", box=None)
    for name, some in found.items():
        columns = zip(*(asdict(one).values() for one in some), strict=True)
        shown.add_row(name, *(_spread(column) for column in columns))
    return shown


def _spread(values: Sequence[float]) -> str:
    """The median, and from where to where."""
    median = f"{statistics.median(values):.3f}"
    return median if len(values) == 1 else f"{median} ({min(values):.3f} to {max(values):.3f})"


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n", 1)[0])
    parser.add_argument("-o", "--output", type=Path, help="folder for the figures as JSON")
    parser.add_argument("-w", "--work", type=Path, help="folder to keep catalogues and bundles in")
    parser.add_argument("--seeds", type=int, default=3)
    return parser.parse_args()


if __name__ == "__main__":
    main()
