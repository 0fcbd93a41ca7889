"""Which listings get a caption, and the rows of the seller's words together with it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from encoders.captions import Captioner
from encoders.errors import CaptionError
from encoders.fusion.mixing import mixed
from encoders.fusion.texts import Once
from encoders.preparing import Pixels
from encoders.types import Content, Row


@dataclass(frozen=True, slots=True)
class Asked:
    """Contents of a batch of which rows of their words or a caption are wanted.

    Args:
        titles: by position, empty where there is none.
        lacking: positions of those whose title says too little.
        share: what the row of a caption counts beside that of a title.
    """

    titles: Mapping[int, str] = field(default_factory=dict)
    lacking: frozenset[int] = frozenset()
    share: float = 0.0


@dataclass(frozen=True, slots=True)
class Captions:
    """What a model says of photos.

    Args:
        texts: by position.
        failures: position to why there is none, where there may be one another time.
    """

    texts: Mapping[int, str] = field(default_factory=dict)
    failures: Mapping[int, str] = field(default_factory=dict)


def asked(contents: Sequence[Content], captioner: Captioner | None) -> Asked:
    """What is wanted of a batch; nothing without a captioner."""
    if captioner is None:
        return Asked()
    titles = {i: content.described.strip() for i, content in enumerate(contents) if content.described is not None}
    return Asked(titles, frozenset(i for i, title in titles.items() if captioner.wanted(title)), captioner.share)


def captions_of(photos: Mapping[int, Pixels], captioner: Captioner | None) -> Captions:
    """Captions of prepared photos; without any the model is not asked."""
    if captioner is None or not photos:
        return Captions()
    said = dict(zip(photos, captioner.caption(list(photos.values())), strict=True))
    texts = {i: caption for i, caption in said.items() if isinstance(caption, str) and caption}
    return Captions(texts, {i: str(caption) for i, caption in said.items() if isinstance(caption, CaptionError)})


def described_rows(encoder: Once, wanted: Asked, captions: Captions) -> dict[int, Row]:
    """Rows of titles and, where there is one, of the caption.

    Where a caption failed there is no row: of the title alone it would be another one than the next time.
    """
    titles = {i: title for i, title in wanted.titles.items() if title and i not in captions.failures}
    own, generated = encoder.rows(titles), encoder.rows(captions.texts)
    both = {i: mixed(own.get(i), generated.get(i), wanted.share) for i in own.keys() | generated.keys()}
    return {i: row for i, row in both.items() if row is not None}
