"""From a bundle on disk to an encoder that runs. torch is imported when an encoder is asked for."""

from __future__ import annotations

from typing import TYPE_CHECKING

from encoders.bundle import PUBLISHED, Bundle
from encoders.errors import BundleError, EncoderError
from encoders.types import Encoder

if TYPE_CHECKING:
    import torch

    from encoders.image import ImageEncoder
    from encoders.lexical import LexicalEncoder


def load_encoder(
    bundle: Bundle, *, device: str = "auto", torch_threads: int = 1, max_pixels: int = 40_000_000
) -> Encoder:
    """Load every encoder of a bundle.

    Args:
        bundle: what to load.
        device: auto (a CUDA device if there is one), cpu, cuda, or cuda:1 and so on.
        torch_threads: threads inside one operation on a CPU, for the whole process.
        max_pixels: images of more are not decoded.

    Raises:
        BundleError: a part of the bundle can't be used.
        ModelMissingError: a model that the bundle names is not to be had.
        EncoderError: the device is not there.
    """
    import torch  # noqa: PLC0415 - this is where torch is first needed

    from encoders.fusion import FusedEncoder  # noqa: PLC0415 - imports torch
    from encoders.text import TextEncoder  # noqa: PLC0415 - imports torch

    torch.set_num_threads(torch_threads)
    where = choose_device(device)
    encoder = FusedEncoder(
        TextEncoder(bundle.text, bundle.path, where) if bundle.text else None,
        _image_encoder(bundle, where),
        _lexical_encoder(bundle),
        max_pixels=max_pixels,
    )
    if dict(encoder.dimensions) != dict(bundle.dimensions):
        got, wanted = _in_words(encoder), _in_words(bundle)
        remedy = "the model is not the one that the bundle was made with: make the bundle again"
        raise BundleError(bundle.name, f"encoders of {got} dimensions", wanted, remedy)
    return encoder


def choose_device(device: str) -> torch.device:
    """The device by name; auto is a CUDA device if there is one, else the CPU.

    Raises:
        EncoderError: it is not there.
    """
    import torch  # noqa: PLC0415 - this is where torch is first needed

    count = torch.cuda.device_count()
    if device == "auto":
        return torch.device("cuda" if count else "cpu")
    chosen = torch.device(device)
    if chosen.type == "cuda" and (chosen.index or 0) >= count:
        remedy = "use 'cpu' or 'auto', or mend the driver"
        raise EncoderError(f"device '{device}': {count} CUDA devices found, one of that number wanted; {remedy}")
    return chosen


def _in_words(encoder: Encoder | Bundle) -> str:
    return ", ".join(f"{modality} {size}" for modality, size in sorted(encoder.dimensions.items())) or "no"


def _image_encoder(bundle: Bundle, device: torch.device) -> ImageEncoder | None:
    from encoders.image import ImageEncoder, published_weights, read_weights  # noqa: PLC0415 - imports torch

    if bundle.image is None:
        return None
    if bundle.image.weights == PUBLISHED:
        weights = published_weights(bundle.image)
    else:
        weights = read_weights(bundle.file(bundle.image.weights))
    return ImageEncoder(bundle.image, weights, device, bundle.name)


def _lexical_encoder(bundle: Bundle) -> LexicalEncoder | None:
    from encoders.lexical import FLAT, LexicalEncoder, read_idf  # noqa: PLC0415 - scikit-learn takes a second

    if bundle.lexical is None:
        return None
    return LexicalEncoder(bundle.lexical, read_idf(bundle.file(bundle.lexical.idf)) if bundle.lexical.idf else FLAT)
