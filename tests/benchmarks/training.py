"""What training brings: every recipe with several seeds, on products that nothing was trained on.

    python tests/benchmarks/training.py titles -w .data/benchmarks -o docs/benchmarks
    python tests/benchmarks/training.py photos -w .data/benchmarks -o docs/benchmarks
    python tests/benchmarks/training.py offers -w .data/benchmarks -o docs/benchmarks
    python tests/benchmarks/training.py bounds -w .data/benchmarks -o docs/benchmarks     # after offers
    python tests/benchmarks/training.py split -w .data/benchmarks -o docs/benchmarks
    python tests/benchmarks/training.py joint -w .data/benchmarks -o docs/benchmarks

Each writes `training-NAME.json`. Bundles are kept in the working folder, so that a run that was interrupted goes on.
Needs the PriceRunner offers, the grocery photos and the weights of MobileNetV2 of the data that MATCHSTREAM_DATA names.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import orjson
from benchmarks.nearest import recall
from benchmarks.trained.joint import joint_figures, plain_figures
from benchmarks.trained.limits import limits
from benchmarks.trained.measuring import measured
from benchmarks.trained.runs import Bench, spread
from real_data import data_folder

from encoders.bundle import Bundle, read_bundle
from encoders.types import Modality

TITLES = ("--modality", "text", "--set", "rate=2e-4", "--epochs", 4)
PHOTOS = ("--modality", "image", "--epochs", 5)
SMALL = ("--set", "crop=160", "--set", "resize=182")
LONG = ("--modality", "image", "--epochs", 8, "--patience", 20, "--set", "rate=3e-4", "--set", "batch=32")
_MOBILENET = (
    *("--image-backbone", "mobilenet_v2", "--image-mean", 0.5, 0.5, 0.5, "--image-std", 0.5, 0.5, 0.5),
    *("--image-resize", 256, "--image-crop", 224),
)


def titles(bench: Bench, seeds: range) -> dict[str, Any]:
    """ArcFace less softmax on titles: the same backbone, data and number of updates."""
    learned, judged = bench.listings("pricerunner", "encoders"), bench.listings("pricerunner", "score")
    base = _titles(bench)
    rows = {"untrained": [asdict(measured(bench.embedded(judged, base), Modality.TEXT))]}
    for recipe in ("softmax", "arcface"):
        options = (*TITLES, "--base", base.path)
        trained = [bench.trained(f"titles-{recipe}", learned, recipe, seed, *options) for seed in seeds]
        rows[recipe] = [_judged(bench, judged, one, Modality.TEXT) for one in trained]
    return _with_difference(rows)


def photos(bench: Bench, seeds: range) -> dict[str, Any]:
    """ArcFace less softmax on photos, likewise; at 160 pixels, which takes half the time."""
    learned, judged = bench.listings("grocery", "tune"), bench.listings("grocery", "score")
    base = _mobilenet(bench)  # untrained figures are at its own 224 pixels
    rows = {"untrained": [_judged(bench, judged, base, Modality.IMAGE)]}
    for recipe in ("softmax", "arcface"):
        options = (*PHOTOS, *SMALL, "--images", bench.photos, "--base", base.path)
        trained = [bench.trained(f"photos-{recipe}", learned, recipe, seed, *options) for seed in seeds]
        rows[recipe] = [_judged(bench, judged, one, Modality.IMAGE) for one in trained]
    return _with_difference(rows)


def _judged(bench: Bench, file: Path, bundle: Bundle, modality: Modality) -> dict[str, Any]:
    figures = asdict(measured(bench.embedded(file, bundle, bench.photos), modality))
    return {**figures, **_cost(bundle, modality)}


def _cost(bundle: Bundle, modality: Modality) -> dict[str, Any]:
    runs = bundle.provenance.get("training", {}).get("runs", {})
    run = runs.get(str(modality), {})
    return {
        name: run[name] for name in ("seconds", "updates", "device", "precision", "peak_memory_bytes") if name in run
    }


def _with_difference(rows: Mapping[str, list[dict[str, Any]]]) -> dict[str, Any]:
    pairs = zip(rows["arcface"], rows["softmax"], strict=True)
    difference = [arc["mean_f1"] - soft["mean_f1"] for arc, soft in pairs]
    means = {name: spread([one["mean_f1"] for one in some]) for name, some in rows.items()}
    return {"rows": rows, "mean_f1": means, "arcface_less_softmax": spread(difference)}


def offers(bench: Bench, seeds: range) -> dict[str, Any]:
    """Trained titles, then vetoes and the pair scorer learned on products that the encoder never saw."""
    matching, judged = bench.listings("pricerunner", "matching"), bench.listings("pricerunner", "score")
    learned, base = bench.listings("pricerunner", "encoders"), _titles(bench)
    found = {"untrained": [_fitted(bench, "offers-untrained", base, matching, judged)]}
    options = (*TITLES, "--base", base.path)
    trained = [bench.trained("titles-arcface", learned, "arcface", seed, *options) for seed in seeds]
    found["arcface"] = [_fitted(bench, f"offers-{one.name}", one, matching, judged) for one in trained]
    return {"rows": found, "mean_f1": {name: spread([one["mean_f1"] for one in some]) for name, some in found.items()}}


def bounds(bench: Bench, seeds: range) -> dict[str, Any]:
    """What limits the offers: of the untrained encoder, and of the trained one with each seed."""
    judged = bench.listings("pricerunner", "score")
    names = ["offers-untrained", *(f"offers-titles-arcface-{seed}" for seed in seeds)]
    bundles = [read_bundle(bench.work / name) for name in names]
    return {one.name: limits(bench.embedded(judged, one), one) for one in bundles}


def _fitted(bench: Bench, name: str, base: Bundle, matching: Path, judged: Path) -> dict[str, Any]:
    bundle = bench.bundle(name, "fit", matching, "--base", base.path, "--label", "product_id")
    report = bench.work / f"{name}-report"
    if not (report / "metrics.json").is_file():
        bench.run("evaluate", judged, "--label", "product_id", "--bundle", bundle.path, "-o", report)
    metrics = orjson.loads((report / "metrics.json").read_bytes())
    return dict(_flat(metrics))


def _flat(metrics: Mapping[str, Any]) -> Mapping[str, Any]:
    row = metrics["rows"][0] if "rows" in metrics else metrics
    return row.get("figures", row)


def split(bench: Bench, seeds: range) -> dict[str, Any]:
    """Recall of validation photos among the training photos; both show the same products."""
    gallery, queries = bench.listings("grocery-split", "train"), bench.listings("grocery-split", "val")
    base = _mobilenet(bench)
    options = (*LONG, *SMALL, "--images", bench.photos, "--base", base.path, "--held-out", 0.05)
    trained = [bench.trained("split-arcface", gallery, "arcface", seed, *options) for seed in seeds]

    def found(bundle: Bundle) -> dict[str, Any]:
        some = [bench.embedded(file, bundle, bench.photos) for file in (queries, gallery)]
        recalls = {f"recall_at_{k}": share for k, share in recall(*some, Modality.IMAGE).items()}
        return {**recalls, **_cost(bundle, Modality.IMAGE)}

    rows = {"untrained": [found(base)], "arcface": [found(one) for one in trained]}
    return {
        "rows": rows,
        "recall_at_1": {name: spread([r["recall_at_1"] for r in some]) for name, some in rows.items()},
    }


def joint(bench: Bench, seeds: range) -> dict[str, Any]:
    """Spaces over frozen encoders, beside each untuned combination of them."""
    base = _mobilenet(bench)
    learned, judged = bench.listings("grocery-words", "tune"), bench.listings("grocery-words", "score")
    found: dict[str, Any] = {"untuned": plain_figures(bench.embedded(judged, base, bench.photos))}
    for recipe in ("contrastive", "unified"):
        options = ("--images", bench.photos, "--base", base.path)
        trained = [bench.trained(f"joint-{recipe}", learned, recipe, seed, *options) for seed in seeds]
        found[recipe] = [
            {**joint_figures(bench.embedded(judged, one, bench.photos), one), **_cost(one, Modality.JOINT)}
            for one in trained
        ]
    return found


def _titles(bench: Bench) -> Bundle:
    file = bench.listings("pricerunner", "encoders")
    return bench.bundle("titles", "fit", file, "--no-image", "--matching", "docs/benchmarks/titles.json")


def _mobilenet(bench: Bench) -> Bundle:
    file = bench.listings("grocery-words", "tune")
    weights = ("--image-weights", bench.data / "weights" / "mobilenet_v2_qat_dequant.pth")
    return bench.bundle("photos", "fit", file, *_MOBILENET, *weights, "--matching", "docs/benchmarks/photos.json")


PARTS: dict[str, Callable[[Bench, range], dict[str, Any]]] = {
    "titles": titles,
    "photos": photos,
    "offers": offers,
    "bounds": bounds,
    "split": split,
    "joint": joint,
}


def main() -> None:
    """Measure one part and write it."""
    options = _options()
    data = data_folder()
    if data is None:
        sys.exit("real data: not found; set MATCHSTREAM_DATA to its folder")
    found = PARTS[options.part](Bench(data, options.work, options.threads), range(options.seeds))
    text = orjson.dumps(found, option=orjson.OPT_INDENT_2 | orjson.OPT_NON_STR_KEYS | orjson.OPT_APPEND_NEWLINE)
    (options.output / f"training-{options.part}.json").write_bytes(text)
    print(text.decode())


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n", 1)[0])
    parser.add_argument("part", choices=PARTS)
    parser.add_argument("-w", "--work", type=Path, required=True, help="folder for listings and bundles")
    parser.add_argument("-o", "--output", type=Path, required=True, help="folder for the figures")
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--threads", type=int, default=1)
    return parser.parse_args()


if __name__ == "__main__":
    main()
