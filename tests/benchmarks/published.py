"""How well published models see one's own listings: words that find photos, photos of one product, tags, captions.

    matchstream models pull openai/clip-vit-base-patch32
    python tests/benchmarks/published.py --joint-model openai/clip-vit-base-patch32 \\
        --listings LISTINGS.jsonl --label product_id --images FOLDER

Either model may be left out. Nothing is fetched: models are folders, or names that `matchstream models pull` knows.
Nothing is fitted: tags are told from a probability of 0.5 on, and are compared with what sellers state themselves.
"""

from __future__ import annotations

import argparse
import statistics
import sys
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import numpy as np
import orjson
import torch
from benchmarks.seeing.pictured import Pictured, read_pictured
from numpy.typing import NDArray
from rich.console import Console

from encoders.bundle import CaptionSpec, DualSpec, TagSpec
from encoders.captions import Captioner
from encoders.dual import DualEncoder
from encoders.errors import EncoderError
from encoders.loading import choose_device
from encoders.models import keep_models_in
from encoders.tags import Ranking, read_list, shipped_lists, stated_words
from encoders.tags.calibrating import DEFAULT_CUT
from encoders.training.retrieval import Seen, recalls
from streams.settings import load_settings

_KS = (1, 5)
_TOGETHER = 64
_EXAMPLES = 3

out = Console()


def joint_figures(model: DualSpec, pictured: Pictured, device: torch.device) -> dict[str, Any]:
    """What is found in the space of a dual encoder, and the tags by it."""
    dual = DualEncoder(model, None, device)
    start = time.perf_counter()
    photos = np.concatenate(
        [dual.photos.encode([dual.photos.prepared(one) for one in some]) for some in _parts(pictured.photos)]
    )
    per_second = len(photos) / (time.perf_counter() - start)
    titled = np.flatnonzero([bool(title) for title in pictured.titles])
    titles = dual.texts.encode([pictured.titles[i] for i in titled])
    seen = Seen(torch.from_numpy(photos), np.arange(len(photos)))
    words = Seen(torch.from_numpy(titles), titled.astype(np.int64))
    return {
        "words find their own photo": _own(titles @ photos.T, titled),
        "words find another photo of the product": recalls(words, seen, pictured.codes, _KS),
        "a photo finds another of the product": recalls(seen, seen, pictured.codes, _KS),
        "photos per second": per_second,
        "tags": tag_figures(dual, photos, pictured),
    }


def _own(cosines: NDArray[np.float32], places: NDArray[np.intp]) -> dict[str, float]:
    """Share of titles whose own photo is among the nearest."""
    better = (cosines > cosines[np.arange(len(places)), places][:, None]).sum(1)
    return {f"recall_at_{k}": float((better < k).mean()) if len(places) else 0.0 for k in _KS}


def tag_figures(dual: DualEncoder, photos: NDArray[np.float32], pictured: Pictured) -> dict[str, Any]:
    """For each shipped list: how many photos get a tag, and how often it is what the seller states."""
    lists = [read_list(name, path, "published") for name, path in shipped_lists().items()]
    stated = [stated_words(one, lists) for one in pictured.listings]
    found = {}
    for name, best in Ranking(lists, TagSpec({}).template, dual).best(list(photos)).items():
        told = best.probabilities >= DEFAULT_CUT
        right = [
            words[name] == word
            for words, word, tells in zip(stated, best.words, told, strict=True)
            if tells and name in words
        ]
        often = Counter(word for word, tells in zip(best.words, told, strict=True) if tells).most_common(_EXAMPLES)
        found[name] = {
            "share of photos with one": float(told.mean()),
            "stated by sellers": len(right),
            "right where stated": float(np.mean(right)) if right else None,
            "most often": dict(often),
        }
    return found


def caption_figures(model: CaptionSpec, pictured: Pictured, most: int, device: torch.device) -> dict[str, Any]:
    """How fast captions are made, how long they are, and the first few."""
    captioner = Captioner(model, None, device, timeout_s=3600.0)
    prepared = [captioner.prepared(photo) for photo in pictured.photos[:most]]
    start = time.perf_counter()
    captions = [str(one) for some in _parts(prepared) for one in captioner.caption(some)]
    return {
        "captions per second": len(captions) / (time.perf_counter() - start),
        "words, median": statistics.median(len(one.split()) for one in captions),
        "different": len(set(captions)) / len(captions),
        "the first": [
            {"title": title, "caption": one} for title, one in zip(pictured.titles, captions[:_EXAMPLES], strict=False)
        ],
    }


def _parts(everything: Sequence[Any]) -> Iterator[Sequence[Any]]:
    return (everything[start : start + _TOGETHER] for start in range(0, len(everything), _TOGETHER))


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure, print and write the figures."""
    options = _options(arguments)
    images = options.images.resolve() if options.images else None
    settings = load_settings(**({"image_root": images} if images else {}), device=options.device)
    keep_models_in(settings.models_path)
    device = choose_device(settings.device)
    pictured = read_pictured(options.listings, options.label, images, options.limit, settings)
    found: dict[str, Any] = {
        "device": str(device),
        "listings": len(pictured.titles),
        "products": len(set(pictured.codes.tolist())),
    }
    try:
        if options.joint_model:
            spec = DualSpec(options.joint_model, options.joint_revision)
            found[options.joint_model] = joint_figures(spec, pictured, device)
        if options.caption_model:
            model = CaptionSpec(options.caption_model, options.caption_revision)
            found[options.caption_model] = caption_figures(model, pictured, options.captions, device)
    except EncoderError as error:
        sys.exit(str(error))
    text = orjson.dumps(found, option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE)
    out.print_json(text.decode())
    if options.output:
        options.output.write_bytes(text)


def _options(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n", 1)[0])
    parser.add_argument("--joint-model", help="a CLIP or SigLIP: a folder, or a name that was pulled")
    parser.add_argument("--joint-revision")
    parser.add_argument("--caption-model", help="a BLIP for captions, likewise")
    parser.add_argument("--caption-revision")
    parser.add_argument("--listings", type=Path, required=True, help="JSONL, as every command reads it")
    parser.add_argument("--label", required=True, help="field that names the product")
    parser.add_argument("--images", type=Path, help="folder that image paths are relative to")
    parser.add_argument("--limit", type=int, default=2000, help="listings at most (%(default)s)")
    parser.add_argument("--captions", type=int, default=50, help="photos to be described (%(default)s)")
    parser.add_argument("--device", default="auto")
    parser.add_argument("-o", "--output", type=Path, help="file for the figures")
    options = parser.parse_args(arguments)
    if not (options.joint_model or options.caption_model):
        parser.error("neither --joint-model nor --caption-model: name one of them, or both")
    return options


if __name__ == "__main__":
    main()
