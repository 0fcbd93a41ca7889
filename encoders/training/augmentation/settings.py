"""How often photos and titles are changed, and how far."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass


@dataclass(frozen=True, slots=True)
class PhotoSettings:
    """How often each change befalls a photo, and how far all of them go.

    Args:
        strength: how far, from 0, the picture that evaluation looks at, to 1, what careless sellers do.
        crop: probability that another part is looked at than the one evaluation looks at.
        tilt: that the camera was held askew: rotation and perspective.
        flip: that it is mirrored; 0 where there is text on packs.
        colour: that brightness, contrast, saturation and hue differ.
        blur: that it is out of focus.
        border: that there is a frame or bars around it.
        watermark: that a seller's name or logo lies over it.
        recompression: that it was made smaller, compressed and enlarged again, as screenshots are.
        erasing: that something hides a part of it.

    Raises:
        ValueError: one of them is not within 0 and 1.
    """

    strength: float = 1.0
    crop: float = 1.0
    tilt: float = 0.3
    flip: float = 0.0
    colour: float = 0.8
    blur: float = 0.15
    border: float = 0.15
    watermark: float = 0.15
    recompression: float = 0.3
    erasing: float = 0.2

    def __post_init__(self) -> None:
        _check_shares("photo augmentation", asdict(self))


@dataclass(frozen=True, slots=True)
class TitleSettings:
    """How often each change befalls a title; `strength` multiplies all of these probabilities.

    Args:
        strength: from 0, the title as it is, to 1.
        drop: probability of each word to be left out.
        telling_drop: of each that tells variants apart: with a digit in it, 'pro', 'without'.
        spelling: of each phrase and unit with another spelling to be written so.
        model: of each model number to have its parts joined or parted otherwise.
        swap: that two neighbouring words change places.
        typo: that a long word has one wrong letter.
        case: that all is in capitals, in small letters, or begins with capitals.
        noise: that the seller praises or promises something.

    Raises:
        ValueError: one of them is not within 0 and 1.
    """

    strength: float = 1.0
    drop: float = 0.1
    telling_drop: float = 0.02
    spelling: float = 0.4
    model: float = 0.3
    swap: float = 0.15
    typo: float = 0.15
    case: float = 0.15
    noise: float = 0.2

    def __post_init__(self) -> None:
        _check_shares("title augmentation", asdict(self))


def _check_shares(subject: str, shares: Mapping[str, float]) -> None:
    for name, share in shares.items():
        if not 0 <= share <= 1:
            raise ValueError(f"{subject}: {name} is {share}, a number from 0 to 1 wanted; change that setting")
