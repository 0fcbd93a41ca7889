"""Photos to captions."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from pathlib import Path
from time import monotonic
from typing import Any, Final

import torch
from PIL import Image
from transformers import StoppingCriteria, StoppingCriteriaList

from encoders.batches import Batches, moved
from encoders.bundle import CaptionSpec
from encoders.captions.loading import load_checkpoint
from encoders.captions.wording import tidied
from encoders.errors import BundleError, CaptionError, EncoderError, reason_of
from encoders.preparing import Pixels

TIMEOUT_SETTING: Final = "MATCHSTREAM_CAPTION_TIMEOUT_S"

_CPU_BATCH, _GPU_BATCH = 4, 32
_log = logging.getLogger(__name__)


class Captioner:
    """Says what photos show.

    Args:
        spec: which model, and for which titles.
        bundle: the bundle's folder, where the model may live.
        device: where it runs.
        timeout_s: a batch may take so long; what is not done then has no caption.
        clock: seconds that only grow.

    Raises:
        ModelMissingError: the model is in none of the places that it may live in.
        BundleError: it is no captioning model, or not whole, or its parts do not fit together.
        EncoderError: there is no room for it on the device.
    """

    def __init__(
        self,
        spec: CaptionSpec,
        bundle: Path | None = None,
        device: torch.device | None = None,
        timeout_s: float = 60.0,
        clock: Callable[[], float] = monotonic,
    ) -> None:
        loaded = load_checkpoint(spec, bundle)
        self._spec, self._timeout_s, self._clock = spec, timeout_s, clock
        self._device = device or torch.device("cpu")
        self._subject = f"caption model '{spec.model}' on {self._device}"
        self._model = moved(loaded.model, self._device, self._subject).eval().requires_grad_(requires_grad=False)
        self._tokenizer, self._preparation = loaded.tokenizer, loaded.preparation
        self._given, self._begun = torch.tensor([loaded.given], device=self._device), loaded.begun
        self._batches = Batches(_GPU_BATCH if self._device.type == "cuda" else _CPU_BATCH, self._subject)
        self._try(bundle.name if bundle else "new")
        _log.info("caption model '%s' from %s, on %s", spec.model, loaded.source, self._device)

    @property
    def share(self) -> float:
        """What a caption's row counts beside that of a title."""
        return self._spec.share

    def wanted(self, title: str) -> bool:
        """Whether a title says too little."""
        return self._spec.wanted(title)

    def prepared(self, image: Image.Image) -> Pixels:
        """A decoded photo as the model looks at it: (h, w, 3) uint8. Safe in any thread."""
        return self._preparation.prepared(image)

    def caption(self, pixels: Sequence[Pixels]) -> list[str | CaptionError]:
        """A caption of each without the prompt, or why there is none; empty where the model says nothing.

        A caption that time cut off is not kept: it would be another one each time.
        """
        deadline = self._clock() + self._timeout_s
        captions: list[str | CaptionError] = []
        while len(captions) < len(pixels):
            captions += self._some(pixels[len(captions) :][: self._batches.size], deadline)
        failed = [caption for caption in captions if isinstance(caption, CaptionError)]
        if failed:
            _log.warning("%s: %d of %d captions failed: %s", self._subject, len(failed), len(captions), failed[0])
        return captions

    def _some(self, pixels: Sequence[Pixels], deadline: float) -> list[str | CaptionError]:
        """What goes wrong here is kept from those before and after."""
        try:
            return self._batches.results(lambda some: self._generated(some, deadline), pixels)
        except (EncoderError, RuntimeError) as error:
            got = f"none made ({reason_of(error)}), one wanted"
            failure = CaptionError(f"caption: {got}; mend the model or its device")
            return [failure] * len(pixels)

    def _generated(self, pixels: Sequence[Pixels], deadline: float) -> list[str | CaptionError]:
        late = _Late(deadline, self._clock)
        tokens = None if late.now else self._tokens(pixels, self._spec.max_tokens, late)
        if tokens is None or late.stopped:
            got = f"not done within the {self._timeout_s:g} s that those of a batch may take together"
            failure = CaptionError(f"caption: {got}; raise {TIMEOUT_SETTING}, or use a GPU")
            return [failure] * len(pixels)
        return [tidied(text) for text in self._tokenizer.batch_decode(tokens, skip_special_tokens=True)]

    def _tokens(self, pixels: Sequence[Pixels], most: int, *criteria: StoppingCriteria) -> torch.Tensor:
        given = self._given.expand(len(pixels), -1).clone()
        # In single precision on a GPU, too: in half of it words tie, and what shares the batch decides
        with torch.inference_mode():
            tokens: torch.Tensor = self._model.generate(
                pixel_values=self._preparation.numbers(pixels, self._device),
                input_ids=given,
                attention_mask=torch.ones_like(given),
                max_new_tokens=most,
                min_new_tokens=1,
                stopping_criteria=StoppingCriteriaList(criteria),
            )
        return tokens[:, self._begun :]

    def _try(self, bundle: str) -> None:
        """See that model, processor and tokenizer are of one another, before the first listing comes."""
        blank = [self.prepared(Image.new("RGB", (8, 8)))]
        try:
            self._batches.results(lambda some: self._tokens(some, 1), blank)
        except (RuntimeError, ValueError, IndexError) as error:
            got = f"caption model '{self._spec.model}' that fails ({reason_of(error)})"
            remedy = "take its processor and its tokenizer from where the model comes from"
            raise BundleError(bundle, got, "parts that fit together", remedy) from error


class _Late(StoppingCriteria):
    """Ends what is being decoded at a deadline, and remembers that it did."""

    def __init__(self, deadline: float, clock: Callable[[], float]) -> None:
        self._deadline, self._clock = deadline, clock
        self.stopped = False

    @property
    def now(self) -> bool:
        """Whether the deadline is over."""
        return self._clock() >= self._deadline

    def __call__(self, input_ids: torch.Tensor, _scores: object, **_options: Any) -> torch.Tensor:
        """Asked after every token: (n,) whether each is to end."""
        self.stopped = self.now
        return torch.full((len(input_ids),), self.stopped, device=input_ids.device, dtype=torch.bool)
