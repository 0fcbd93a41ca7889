"""From a bundle on disk to an encoder that runs. torch is imported when an encoder is asked for."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from encoders.bundle import PUBLISHED, Bundle
from encoders.bundle.versions import warn_of_other_versions
from encoders.errors import BundleError, EncoderError
from encoders.types import Embedding, Encoder, Modality

if TYPE_CHECKING:
    import torch

    from encoders.captions import Captioner
    from encoders.dual import DualEncoder
    from encoders.image import ImageEncoder
    from encoders.joint import JointEncoder
    from encoders.lexical import LexicalEncoder
    from encoders.tags import Tagger

Derive = Callable[[Embedding, Mapping[str, Any]], Embedding]
"""From what was encoded of a listing, and its JSON, to all of its rows; rows derived before are not looked at."""


def load_encoder(
    bundle: Bundle,
    *,
    device: str = "auto",
    torch_threads: int = 1,
    max_pixels: int = 40_000_000,
    caption_timeout_s: float = 60.0,
) -> Encoder:
    """Load every encoder of a bundle that looks at content; derived rows are the business of `load_joint`.

    Args:
        bundle: what to load.
        device: auto (a CUDA device if there is one), cpu, cuda, or cuda:1 and so on.
        torch_threads: threads inside one operation on a CPU, for the whole process.
        max_pixels: images of more are not decoded.
        caption_timeout_s: captions of a batch may take so long.

    Raises:
        BundleError: a part of the bundle can't be used.
        ModelMissingError: a model that the bundle names is not to be had.
        EncoderError: the device is not there.
    """
    import torch  # noqa: PLC0415 - this is where torch is first needed

    from encoders.fusion import FusedEncoder, Parts  # noqa: PLC0415 - imports torch
    from encoders.text import TextEncoder  # noqa: PLC0415 - imports torch

    warn_of_other_versions(bundle.name, bundle)
    torch.set_num_threads(torch_threads)
    where = choose_device(device)
    dual = _dual_encoder(bundle, where)
    parts = Parts(
        text=TextEncoder(bundle.text, bundle.path, where) if bundle.text else None,
        image=_image_encoder(bundle, where),
        lexical=_lexical_encoder(bundle),
        dual=dual,
        captioner=_captioner(bundle, where, caption_timeout_s),
        tagger=_tagger(bundle, dual),
        rows=bundle.rows,
    )
    encoder = FusedEncoder(parts, max_pixels=max_pixels)
    expected = {modality: size for modality, size in bundle.dimensions.items() if not modality.derived}
    if dict(encoder.dimensions) != expected:
        got, wanted = _in_words(encoder.dimensions), _in_words(expected)
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


def load_joint(bundle: Bundle) -> JointEncoder | None:
    """Load what joins the rows of a bundle's other encoders; None where nothing does. Needs no torch.

    Raises:
        BundleError: it can't be used, or is made for rows of other lengths.
    """
    from encoders.joint import read_joint, sum_of  # noqa: PLC0415 - scipy takes a fraction of a second

    if bundle.joint is None:
        return None
    if bundle.joint.weights is None:
        return sum_of(bundle.joint, bundle.dimensions[Modality.JOINT])
    joint = read_joint(bundle.file(bundle.joint.weights), bundle.joint)
    got = {**joint.sources, Modality.JOINT: joint.dimensions}
    wanted = {modality: bundle.dimensions[modality] for modality in got if modality in bundle.dimensions}
    if got != wanted:
        remedy = "make the bundle again with 'matchstream train'"
        raise BundleError(bundle.name, f"a joint encoder of {_in_words(got)} dimensions", _in_words(wanted), remedy)
    return joint


def derive_nothing(embedding: Embedding, _listing: Mapping[str, Any]) -> Embedding:
    """What was encoded is all there is."""
    return embedding


def load_derive(bundle: Bundle) -> Derive:
    """What derives the rows of a bundle that no encoder makes.

    Raises:
        BundleError: as of `load_joint`.
    """
    joint = load_joint(bundle)
    return joint.derive if joint else derive_nothing


def _in_words(dimensions: Mapping[Modality, int]) -> str:
    return ", ".join(f"{modality} {size}" for modality, size in sorted(dimensions.items())) or "no"


def _image_encoder(bundle: Bundle, device: torch.device) -> ImageEncoder | None:
    from encoders.image import ImageEncoder, published_weights, read_weights  # noqa: PLC0415 - imports torch

    if bundle.image is None:
        return None
    if bundle.image.weights == PUBLISHED:
        weights = published_weights(bundle.image)
    else:
        weights = read_weights(bundle.file(bundle.image.weights))
    head = bundle.file(bundle.image.head) if bundle.image.head else None
    return ImageEncoder(bundle.image, weights, device, bundle.name, head)


def _dual_encoder(bundle: Bundle, device: torch.device) -> DualEncoder | None:
    from encoders.dual import DualEncoder  # noqa: PLC0415 - imports torch

    return DualEncoder(bundle.dual, bundle.path, device) if bundle.dual else None


def _captioner(bundle: Bundle, device: torch.device, timeout_s: float) -> Captioner | None:
    from encoders.captions import Captioner  # noqa: PLC0415 - imports torch

    return Captioner(bundle.captions, bundle.path, device, timeout_s) if bundle.captions else None


def _tagger(bundle: Bundle, dual: DualEncoder | None) -> Tagger | None:
    from encoders.tags import Tagger  # noqa: PLC0415 - imports torch

    return Tagger(bundle.tags, bundle.path, dual) if bundle.tags and dual else None


def _lexical_encoder(bundle: Bundle) -> LexicalEncoder | None:
    from encoders.lexical import FLAT, LexicalEncoder, read_idf  # noqa: PLC0415 - scikit-learn takes a second

    if bundle.lexical is None:
        return None
    return LexicalEncoder(bundle.lexical, read_idf(bundle.file(bundle.lexical.idf)) if bundle.lexical.idf else FLAT)
