"""The tiny dual encoders, and a whole one where somebody has it and says where."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import pytest
from fakes.tiny_duals import save_tiny_chinese_clip, save_tiny_clip, save_tiny_siglip, save_tiny_siglip2
from PIL import Image

from encoders.bundle import DualSpec
from encoders.dual import DualEncoder

WHOLE = "MATCHSTREAM_JOINT_MODEL"
TINY = {
    "clip": save_tiny_clip,
    "siglip": save_tiny_siglip,
    "siglip2": save_tiny_siglip2,
    "chinese_clip": save_tiny_chinese_clip,
}


@pytest.fixture(scope="session")
def tiny_duals(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """The folder of each tiny dual encoder."""
    folders = {name: tmp_path_factory.mktemp("duals") / name for name in TINY}
    for name, save in TINY.items():
        save(folders[name])
    return folders


@pytest.fixture(scope="session", params=[*TINY, WHOLE])
def folder(request: pytest.FixtureRequest, tiny_duals: dict[str, Path]) -> Path:
    """Each tiny dual encoder, and the whole one of the environment variable."""
    if request.param in tiny_duals:
        return tiny_duals[request.param]
    if WHOLE not in os.environ:
        pytest.skip(f"{WHOLE} names no folder of a whole checkpoint")
    return Path(os.environ[WHOLE])


@pytest.fixture(scope="session")
def encoder(folder: Path) -> DualEncoder:
    return DualEncoder(DualSpec(str(folder)))


@pytest.fixture(scope="session")
def photos() -> list[Image.Image]:
    """Pictures of several shapes, larger and smaller than what models look at."""
    noise = np.random.default_rng(1).integers(0, 256, (20, 30, 3), dtype=np.uint8)
    wide = Image.fromarray(noise).resize((333, 257), Image.Resampling.BICUBIC)
    return [wide, wide.rotate(90, expand=True), wide.crop((3, 9, 24, 20)), wide.resize((700, 90)), wide.transpose(0)]
