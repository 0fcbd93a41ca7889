"""Checkpoints of dual encoders: found on this machine, looked at before they are loaded, and loaded whole or not."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import torch
from safetensors import SafetensorError
from transformers import MODEL_MAPPING, AutoConfig, AutoImageProcessor, AutoModel, AutoTokenizer

from encoders.bundle import DualSpec
from encoders.errors import BundleError, reason_of
from encoders.models import FoundModel, find_model
from encoders.models.quiet import quietly

_OPEN_CLIP: Final = "open_clip_config.json"
_OF_ITSELF: Final = ("config.json", "tokenizer_config.json", "preprocessor_config.json", "processor_config.json")
_WANTED: Final = "a model with a tower for photos and one for texts"
_OTHER: Final = "name another one, as 'openai/clip-vit-base-patch32' or 'google/siglip-base-patch16-224'"
# Never what a checkpoint brings itself, and nothing from the network
_OPTIONS: Final[dict[str, Any]] = {"local_files_only": True, "trust_remote_code": False}
_UNREADABLE: Final = (
    *(OSError, RuntimeError, ValueError, KeyError, TypeError, AttributeError, ImportError),
    SafetensorError,
)
"""What transformers raises over files that are missing, damaged or of something else."""


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """A dual encoder as it was published.

    Args:
        name: as it was asked for.
        bundle: name of the bundle that asks for it, for error messages.
        source: where it comes from, in words.
        model: has `get_image_features` and `get_text_features`.
        tokenizer: of its texts.
        processor: of its photos.
    """

    name: str
    bundle: str
    source: str
    model: Any
    tokenizer: Any
    processor: Any

    @property
    def family(self) -> str:
        """What kind of model it is, as 'clip'."""
        return str(self.model.config.model_type)

    def refused(self, got: str, wanted: str = _WANTED, remedy: str = _OTHER) -> BundleError:
        """The error of a checkpoint that can't be used."""
        return BundleError(self.bundle, f"model '{self.name}' {got}", wanted, remedy)


def load_checkpoint(spec: DualSpec, bundle: Path | None = None) -> Checkpoint:
    """Load the model, its tokenizer and its image processor.

    Raises:
        ModelMissingError: the model is in none of the places that it may live in, or its weights can't be read.
        BundleError: it is no dual encoder, brings code of its own, or lacks something.
    """
    name = bundle.name if bundle else "new"
    _check_format(spec.model, name, bundle)
    found = find_model(spec.model, spec.revision, bundle)
    _check_code(found, name)
    with quietly():
        config = _config(found, name)
        _check_towers(found, config, name)
        processor = _image_processor(found, name)
        tokenizer = _tokenizer(found, config, name)
        return Checkpoint(spec.model, name, found.source, _model(found, config, name), tokenizer, processor)


def _check_format(model: str, name: str, bundle: Path | None) -> None:
    for folder in ([bundle / model] if bundle else []) + [Path(model).expanduser()]:
        if (folder / _OPEN_CLIP).is_file() and not (folder / "config.json").is_file():
            got = f"model '{model}' for open_clip alone (folder '{folder}' has {_OPEN_CLIP} and no config.json)"
            remedy = "take a repository with a config.json, which most publishers of such models have beside it"
            raise BundleError(name, got, "one that transformers can load", remedy)


def _check_code(found: FoundModel, name: str) -> None:
    """Refuse what brings code of its own, even of a kind that transformers knows: all is named as that code wants it.

    Marqo's models of shops are such.
    """
    for file in _OF_ITSELF:
        try:
            values = json.loads((found.folder / file).read_bytes())
        except (OSError, ValueError):
            continue  # whoever needs it says so
        code = values.get("auto_map") if isinstance(values, dict) else None
        if code:
            got = f"model '{found.name}', which brings code of its own ('auto_map' in {file}) that is never run"
            raise BundleError(name, got, "one whose code is in transformers", _OTHER)


def _config(found: FoundModel, name: str) -> Any:
    try:
        return AutoConfig.from_pretrained(found.folder, **_OPTIONS)
    except _UNREADABLE as error:
        got = f"model '{found.name}' of an unknown kind ({reason_of(error)})"
        raise BundleError(name, got, "one that transformers knows", _OTHER) from error


def _check_towers(found: FoundModel, config: Any, name: str) -> None:
    kind = MODEL_MAPPING.get(type(config), None)
    first = kind[0] if isinstance(kind, tuple) else kind
    label = getattr(first, "__name__", config.model_type)
    stated = config.architectures or [label]  # a captioner may share its towers with a dual encoder, not its weights
    both = hasattr(first, "get_image_features") and hasattr(first, "get_text_features")
    if not both or label not in stated:
        label = label if label in stated else str(stated[0])
        got = f"model '{found.name}', a {label}, which does not bring photos and texts into one space"
        raise BundleError(name, got, _WANTED, _OTHER)


def _image_processor(found: FoundModel, name: str) -> Any:
    kind: Any = AutoImageProcessor
    try:
        # Pillow resizes in the same way on every machine
        return kind.from_pretrained(found.folder, backend="pil", **_OPTIONS)
    except _UNREADABLE as error:
        got = f"model '{found.name}' without an image processor that can be read ({reason_of(error)})"
        remedy = f"copy the model's preprocessor_config.json into '{found.folder}', or pull it again"
        raise BundleError(name, got, "its own", remedy) from error


def _tokenizer(found: FoundModel, config: Any, name: str) -> Any:
    """The tokenizer, if it is the model's.

    Another one's numbers mean other words, and where files are missing transformers makes one without words.
    """
    wanted = int(getattr(config, "text_config", config).vocab_size)
    remedy = f"copy all files of the model's tokenizer into '{found.folder}', or pull it again"
    try:
        tokenizer = AutoTokenizer.from_pretrained(found.folder, **_OPTIONS)
    except _UNREADABLE as error:
        got = f"model '{found.name}' without a tokenizer that can be read ({reason_of(error)})"
        raise BundleError(name, got, f"one of {wanted} tokens", remedy) from error
    if not wanted // 2 <= len(tokenizer) <= wanted:
        got = f"model '{found.name}' with a tokenizer of {len(tokenizer)} tokens"
        raise BundleError(name, got, f"one of {wanted} tokens", remedy)
    return tokenizer


def _model(found: FoundModel, config: Any, name: str) -> Any:
    try:
        model, report = AutoModel.from_pretrained(
            found.folder,
            config=config,
            # Other weight files are pickles, which run what they hold
            use_safetensors=True,
            dtype=torch.float32,
            # Told below, by name
            ignore_mismatched_sizes=True,
            output_loading_info=True,
            **_OPTIONS,
        )
    except _UNREADABLE as error:
        raise found.unusable(error) from error
    missing = sorted({*report["missing_keys"], *(weights[0] for weights in report["mismatched_keys"])})
    if missing:
        got = f"model '{found.name}' without weights that fit '{missing[0]}' ({len(missing)} such)"
        remedy = f"pull it again, or {_OTHER}"
        raise BundleError(name, got, f"all weights of a {type(model).__name__}", remedy)
    return model.eval().requires_grad_(requires_grad=False)
