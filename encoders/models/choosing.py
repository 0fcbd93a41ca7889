"""Which files of a repository are needed, and what the model is for. Never code, never pickles."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from encoders.errors import PullError
from encoders.models.store import Kind

CONFIG: Final = "config.json"

KNOWN: Final = (
    "openai/clip-vit-base-patch32",
    "google/siglip-base-patch16-224",
    "Salesforce/blip-image-captioning-base",
    "sentence-transformers/all-MiniLM-L6-v2",
    "resnet18",
)
"""Names to begin with."""

_BESIDE = re.compile(
    r"(config|generation_config|preprocessor_config|processor_config|tokenizer|tokenizer_config|special_tokens_map"
    r"|added_tokens|vocab)\.json|vocab\.txt|merges\.txt|[\w.-]+\.model"
)
_SHARD = re.compile(r"model-\d{5}-of-\d{5}\.safetensors")
_WHOLE, _INDEX = "model.safetensors", "model.safetensors.index.json"
_OTHER_WEIGHTS = re.compile(r".*\.(bin|pt|pth|ckpt|h5|msgpack|onnx|gguf|safetensors)")
_DUAL = ("get_text_features", "get_image_features")
_CAPTIONERS = {"BlipForConditionalGeneration", "GitForCausalLM"}


@dataclass(frozen=True, slots=True)
class RemoteFile:
    """A file of a repository, as the hub says.

    Args:
        name: without a folder.
        size: in bytes.
        sha256: of its content, where the hub knows it.
        blob: git's name for it: the sha1 of its length and its content, where the hub knows it.
    """

    name: str
    size: int
    sha256: str | None = None
    blob: str | None = None


def needed(model: str, files: Iterable[RemoteFile], conversion: str | None = None) -> list[RemoteFile]:
    """The configurations, the tokenizer and the weights, the smallest first; what is in folders is not looked at.

    Args:
        model: whose they are.
        files: of its repository.
        conversion: a revision that is known to have the same weights as safetensors.

    Raises:
        PullError: there is no configuration, or there are no weights that can be read safely.
    """
    by_name = {file.name: file for file in files}
    if CONFIG not in by_name:
        wanted, remedy = "a model for transformers", "choose another repository; one of open_clip alone can't be loaded"
        raise PullError(model, f"a repository without {CONFIG}", wanted, remedy)
    weights = _weights(by_name)
    if not weights:
        raise _without_safetensors(model, by_name, conversion)
    chosen = [file for name, file in by_name.items() if _BESIDE.fullmatch(name) or name in weights]
    return sorted(chosen, key=lambda file: (file.size, file.name))


def _weights(names: Iterable[str]) -> set[str]:
    names = set(names)
    if _WHOLE in names:
        return {_WHOLE}
    shards = {name for name in names if _SHARD.fullmatch(name)}
    return {*shards, _INDEX} if shards and _INDEX in names else set()


def _without_safetensors(model: str, names: Iterable[str], conversion: str | None) -> PullError:
    others = sorted(name for name in names if _OTHER_WEIGHTS.fullmatch(name))
    got = f"weights as {', '.join(others[:3])} alone" if others else "no weights"
    remedy = "pickles run what they hold, and are not fetched: choose a revision or a repository with safetensors"
    if conversion:
        remedy = (
            f"the hub's own conversion of them waits there: matchstream models pull {model} --revision {conversion}"
        )
    return PullError(model, got, _WHOLE, remedy)


def kind_of(model: str, config: Mapping[str, Any]) -> Kind:
    """What a model is for, from its configuration.

    Raises:
        PullError: it needs code of its own, or is of a type that nothing here can use.
    """
    wanted = "one that reads titles, a CLIP or SigLIP, or a captioner"
    remedy = f"choose another, as {KNOWN[0]}"
    if config.get("auto_map"):
        raise PullError(model, "a model that brings its own code", f"{wanted}, by transformers' own code", remedy)
    kind = _kind(str(config.get("model_type", "")), config.get("architectures") or ())
    if kind is None:
        told = config.get("model_type") or "no type that it states"
        raise PullError(model, f"a model of type '{told}' ({_named(config)})", wanted, remedy)
    return kind


def _named(config: Mapping[str, Any]) -> str:
    return ", ".join(map(str, config.get("architectures") or ())) or "no architecture stated"


def _kind(model_type: str, architectures: Sequence[str]) -> Kind | None:
    import transformers  # noqa: PLC0415 - takes a second or two
    from transformers.models.auto import modeling_auto  # noqa: PLC0415 - likewise

    if _CAPTIONERS & {*architectures}:
        return Kind.CAPTIONS
    named = modeling_auto.MODEL_MAPPING_NAMES.get(model_type)
    found = getattr(transformers, named, None) if isinstance(named, str) else None
    if found is None:
        return None
    if all(hasattr(found, method) for method in _DUAL):
        return Kind.DUAL if not architectures or named in architectures else None
    writes = found.config_class().is_encoder_decoder or any(name.endswith("ForCausalLM") for name in architectures)
    return Kind.TEXT if found.main_input_name == "input_ids" and not writes else None
