"""Captioning models from disk: of the right kind, whole, and with what prepares photos and prompts for them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, TypeVar

import torch
from safetensors import SafetensorError
from transformers import AutoConfig, AutoImageProcessor, AutoModelForImageTextToText, AutoTokenizer

from encoders.bundle import CaptionSpec
from encoders.errors import BundleError, reason_of
from encoders.models import find_model
from encoders.models.quiet import no_progress_bar
from encoders.preparing import Preparation, preparation_of

_KINDS: Final = {"blip": "BlipForConditionalGeneration", "git": "GitForCausalLM"}
"""What config.json calls models that say what they see, without a question or an order."""

_MODEL: Final = f"a captioning model ({', '.join(_KINDS.values())})"
_REMEDY: Final = "give one as 'Salesforce/blip-image-captioning-base': 'matchstream fit --caption-model'"
_DAMAGE: Final = (OSError, RuntimeError, ValueError, LookupError, TypeError, AttributeError, SafetensorError)
"""What transformers trips over in files that are damaged, or are of something else."""

_Loaded = TypeVar("_Loaded")


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """A captioning model that was loaded.

    Args:
        model: on the CPU; it decodes greedily whatever its files say.
        tokenizer: makes words of what it says.
        preparation: of photos.
        given: tokens that it goes on from.
        begun: how many of those come back before what it says.
        source: where it came from, in words.
    """

    model: Any
    tokenizer: Any
    preparation: Preparation
    given: tuple[int, ...]
    begun: int
    source: str


def load_checkpoint(spec: CaptionSpec, bundle: Path | None) -> Checkpoint:
    """Load a captioning model; code that it brings is never run.

    Raises:
        ModelMissingError: it is in none of the places that it may live in.
        BundleError: it is no captioning model, or not whole, or its prompt leaves no room for a caption.
    """
    found = find_model(spec.model, spec.revision, bundle)
    files = _Files(found.folder, spec, bundle.name if bundle else "new")
    config = files.config()
    preparation, tokenizer = files.preparation(), files.tokenizer(config)
    given, begun = files.prompt(tokenizer, config)
    return Checkpoint(files.model(), tokenizer, preparation, given, begun, found.source)


class _Files:
    """What is read of a model's folder, and refused."""

    def __init__(self, folder: Path, spec: CaptionSpec, bundle: str) -> None:
        self._folder, self._spec, self._bundle = folder, spec, bundle

    def config(self) -> Any:
        config = self._read(AutoConfig.from_pretrained, "a config.json", "a whole one")
        kinds = config.architectures or [_KINDS.get(config.model_type)]
        if _KINDS.get(config.model_type) not in kinds or config.model_type not in _KINDS:
            raise self.refused(f"of the kind {', '.join(map(str, config.architectures or [config.model_type]))}")
        return config

    def preparation(self) -> Preparation:
        kind: Any = AutoImageProcessor

        def load(folder: Path, **options: Any) -> Preparation:
            # Pillow resizes alike on every machine, and in any thread
            return preparation_of(kind.from_pretrained(folder, backend="pil", **options))

        return self._read(load, "an image processor", "its preprocessor_config.json or processor_config.json beside it")

    def tokenizer(self, config: Any) -> Any:
        wanted = "its tokenizer's files beside it"
        tokenizer = self._read(AutoTokenizer.from_pretrained, "a tokenizer", wanted)
        size = config.get_text_config().vocab_size
        # Without its files some tokenizers are loaded all the same, and know no word
        if not size // 2 <= len(tokenizer) <= size:
            raise self.refused(f"with a tokenizer of {len(tokenizer)} tokens beside {size} of the model", wanted)
        return tokenizer

    def prompt(self, tokenizer: Any, config: Any) -> tuple[tuple[int, ...], int]:
        """The tokens that the model is given, and how many of them come back."""
        text = config.get_text_config()
        begun = (text.bos_token_id, *tokenizer(self._spec.prompt, add_special_tokens=False).input_ids)
        room = text.max_position_embeddings - self._spec.max_tokens
        if len(begun) > room:
            got = f"a prompt of {len(begun) - 1} tokens before captions of {self._spec.max_tokens}"
            wanted = f"{text.max_position_embeddings - 1} together at most"
            raise self.refused(got, wanted, "shorten the prompt, or lower max_tokens, in its manifest")
        # BLIP takes what a text encoder reads, its end included, and lets go of the end itself
        return ((*begun, text.sep_token_id) if config.model_type == "blip" else begun), len(begun)

    def model(self) -> Any:
        def load(folder: Path, **options: Any) -> Any:
            # Only safetensors: other weight files are pickles, which run what they hold
            safe = {"use_safetensors": True, "dtype": torch.float32, "output_loading_info": True}
            with no_progress_bar():
                return AutoModelForImageTextToText.from_pretrained(folder, **safe, **options)

        model, report = self._read(load, "weights", "whole ones as safetensors")
        if report["missing_keys"]:
            some = sorted(report["missing_keys"])
            raise self.refused(f"without weights '{some[0]}' ({len(some)} such)")
        _decode_greedily(getattr(model, "text_decoder", model))
        return model

    def _read(self, load: Callable[..., _Loaded], what: str, wanted: str) -> _Loaded:
        try:
            return load(self._folder, trust_remote_code=False, local_files_only=True)
        except _DAMAGE as error:
            raise self.refused(f"without {what} that can be used ({reason_of(error)})", wanted) from error

    def refused(self, got: str, wanted: str = _MODEL, remedy: str = _REMEDY) -> BundleError:
        return BundleError(self._bundle, f"caption model '{self._spec.model}' {got}", wanted, remedy)


def _decode_greedily(speaker: Any) -> None:
    """Nothing that its files say of sampling or beams counts: the same photo has the same caption."""
    said, kind = speaker.generation_config, type(speaker.generation_config)
    ids = {name: getattr(said, name) for name in ("bos_token_id", "eos_token_id", "pad_token_id")}
    speaker.generation_config = kind(do_sample=False, num_beams=1, **ids)
