"""What looks at photos in a new bundle beside the image encoder: dual encoder, captions and tags."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Final

from encoders.bundle import Bundle, CaptionSpec, DualSpec, TagSpec, TextSpec
from encoders.errors import BundleError
from encoders.fitting.changes import Changes
from encoders.fitting.parts import Files, Part, files_of, kept_folder, pinned
from encoders.types import Modality

DUAL_FOLDER: Final = "dual"
CAPTION_FOLDER: Final = "captions"
TAG_FOLDER: Final = "tags"


def dual_part(base: Bundle | None, changes: Changes) -> Part[DualSpec]:
    """The dual encoder: the base's, unless another is named."""
    if not changes.dual:
        return Part()
    if changes.dual_model is None:
        if base is None or base.dual is None:
            return Part()
        return Part(base.dual, base.dimensions[Modality.JOINT_IMAGE], kept_folder(base, base.dual.model))
    from encoders.dual import DualEncoder  # noqa: PLC0415 - imports torch

    spec = DualSpec(changes.dual_model, pinned(changes.dual_model, changes.dual_revision))
    dimensions = DualEncoder(spec).dimensions
    files = files_of(spec.model, DUAL_FOLDER)
    return Part(DualSpec(DUAL_FOLDER) if files else spec, dimensions, files)


def caption_part(base: Bundle | None, changes: Changes, text: Part[TextSpec]) -> Part[CaptionSpec]:
    """The captioning model: the base's as long as something reads captions, unless another is named."""
    if not changes.captions:
        return Part()
    if changes.caption_model is None:
        if base is None or base.captions is None or text.spec is None:
            return Part()
        spec = replace(base.captions, min_words=changes.caption_min_words or base.captions.min_words)
        return Part(spec, text.dimensions, kept_folder(base, spec.model))
    from encoders.captions import Captioner  # noqa: PLC0415 - imports torch

    revision = pinned(changes.caption_model, changes.caption_revision)
    spec = CaptionSpec(changes.caption_model, revision)
    if base and base.captions:
        # Which titles say too little, and what a caption is worth, is no matter of who writes it
        spec = replace(spec, min_words=base.captions.min_words, share=base.captions.share)
    if changes.caption_min_words:
        spec = replace(spec, min_words=changes.caption_min_words)
    Captioner(spec)
    files = files_of(spec.model, CAPTION_FOLDER)
    inside = replace(spec, model=CAPTION_FOLDER, revision=None)
    return Part(inside if files else spec, text.dimensions, files)


def tag_part(base: Bundle | None, changes: Changes, dual: Part[DualSpec]) -> Part[TagSpec]:
    """The lists of tags: the base's as long as a dual encoder is there, and those that are given."""
    old = base.tags if base and changes.tags and dual.spec else None
    files: Files = {name: base.file(name) for name in old.lists.values()} if base and old else {}
    given = (changes.tags and changes.tag_lists) or {}
    if not files and not given:
        return Part()
    lists = {**(old.lists if old else {}), **{name: f"{TAG_FOLDER}/{name}.txt" for name in given}}
    files |= {lists[name]: path for name, path in given.items()}
    spec = TagSpec(lists, _cuts(base, changes, lists, files))
    return Part(replace(spec, template=old.template) if old else spec, files=files)


def _cuts(base: Bundle | None, changes: Changes, lists: dict[str, str], files: Files) -> dict[str, float]:
    """Those of the base where neither the list nor what it is compared by is another; elsewhere the default."""
    from encoders.tags.calibrating import DEFAULT_CUT  # noqa: PLC0415 - scipy takes a fraction of a second

    old = base.tags.lists if base and base.tags and not changes.replaces_dual else {}
    same = {name for name in lists if base and name in old and _same(base, old[name], files[lists[name]])}
    known = base.tags.cuts if base and base.tags else {}
    return {name: cut for name in lists if (cut := known.get(name) if name in same else DEFAULT_CUT) is not None}


def _same(base: Bundle, old: str, new: bytes | Path) -> bool:
    return base.file(old).read_bytes() == (new if isinstance(new, bytes) else new.read_bytes())


def check_seeing_changes(base: Bundle | None, changes: Changes, output: str) -> None:
    """Whether what is asked for has what it needs, before any model is loaded.

    Raises:
        BundleError: it has not, or a list of tags can't be read.
    """
    from encoders.tags import read_list  # noqa: PLC0415 - scipy takes a fraction of a second

    for name, path in (changes.tag_lists or {}).items():
        read_list(name, path, output)
    dual = changes.dual and (changes.dual_model or (base and base.dual))
    captions = changes.captions and (changes.caption_model or (base and base.captions))
    text = changes.text and (changes.text_model or base is None or base.text)
    if changes.tags and changes.tag_lists and not dual:
        raise BundleError(output, "tags without a joint encoder", "one that finds them", "name one: --joint-model NAME")
    if changes.captions and changes.caption_model and not text:
        raise BundleError(output, "captions without a text encoder", "one that reads them", "keep or name one")
    if changes.caption_min_words and not captions:
        got, remedy = "a least number of words without captions", "name a model: --caption-model NAME"
        raise BundleError(output, got, "a model that writes them", remedy)
    for what, model, revision in (
        ("joint", changes.dual_model, changes.dual_revision),
        ("caption", changes.caption_model, changes.caption_revision),
    ):
        if revision and not model:
            got = f"the revision '{revision}' of no {what} model"
            raise BundleError(output, got, "a model", f"name it: --{what}-model NAME")
