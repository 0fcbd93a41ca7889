"""The ways of looking at a listing, by models of published sizes, each loaded once."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import torch
from benchmarks.seeing.memory import resident
from benchmarks.seeing.published_sizes import save_blip, save_clip, save_resnet
from fakes.seeing_bundle import TAG_LISTS

from encoders.bundle import CaptionSpec, DualSpec, ImageSpec, LexicalSpec, TagSpec, TextSpec
from encoders.captions import Captioner
from encoders.dual import DualEncoder
from encoders.fusion import FusedEncoder, Parts
from encoders.image import ImageEncoder, read_weights
from encoders.lexical import LexicalEncoder
from encoders.tags import Tagger
from encoders.text import TextEncoder

OFF = "text, lexical and image"
FEW, MANY = 2, 8
"""Listings of a batch with and without captions, which take as long as tens of everything else."""
_ALL = ("dual", "tagger", "captioner")


@dataclass(frozen=True, slots=True)
class Case:
    """One way of looking.

    Args:
        encoder: of the parts that are on.
        listings: of a batch.
        photos: of a listing.
    """

    encoder: FusedEncoder
    listings: int = MANY
    photos: int = 1


class Loaded:
    """The parts of an encoder, each loaded once, with the bytes that the process grew by.

    Args:
        folder: for the models.
    """

    def __init__(self, folder: Path) -> None:
        for name, save in (("clip", save_clip), ("blip", save_blip), ("image.safetensors", save_resnet)):
            save(folder / name)
        lists = {name: f"tags/{name}.txt" for name in TAG_LISTS}
        (folder / "tags").mkdir()
        for name, words in TAG_LISTS.items():
            (folder / lists[name]).write_text(words)
        cpu = torch.device("cpu")
        self.memory: dict[str, int] = {}
        with self._growing("text"):
            text = TextEncoder(TextSpec(), None, cpu)
        with self._growing("image"):
            weights = read_weights(folder / "image.safetensors")
            image = ImageEncoder(ImageSpec(weights="image.safetensors"), weights, cpu)
        with self._growing("dual"):
            dual = DualEncoder(DualSpec(str(folder / "clip")), None, cpu)
        with self._growing("captions"):
            captioner = Captioner(CaptionSpec(str(folder / "blip")), None, cpu, 600.0)
        with self._growing("tags"):
            tagger = Tagger(TagSpec(lists, dict.fromkeys(lists, 0.0)), folder, dual)
        self.parts = {"text": text, "image": image, "lexical": LexicalEncoder(LexicalSpec()), "dual": dual}
        self.parts |= {"captioner": captioner, "tagger": tagger}

    def encoder(self, *names: str) -> FusedEncoder:
        """An encoder of some of the parts."""
        return FusedEncoder(Parts(**{name: self.parts[name] for name in names}))

    @contextmanager
    def _growing(self, name: str) -> Iterator[None]:
        before = resident()
        yield
        self.memory[name] = resident() - before


def cases_of(loaded: Loaded) -> dict[str, Case]:
    """The ways of looking, in the order in which they are measured and shown."""
    off = ("text", "lexical", "image")
    return {
        "text": Case(loaded.encoder("text")),
        "text and image": Case(loaded.encoder("text", "image")),
        OFF: Case(loaded.encoder(*off)),
        "+ dual encoder": Case(loaded.encoder(*off, "dual")),
        "+ dual encoder, tags": Case(loaded.encoder(*off, "dual", "tagger")),
        "+ dual encoder, three photos": Case(loaded.encoder(*off, "dual"), photos=3),
        "+ captions": Case(loaded.encoder(*off, "captioner"), FEW),
        "+ dual encoder, tags, captions, three photos": Case(loaded.encoder(*off, *_ALL), FEW, photos=3),
    }
