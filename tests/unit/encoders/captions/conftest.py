"""Captioning models on disk: tiny ones, and a full one where there is one."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from fakes.tiny_captioner import save_tiny_blip, save_tiny_git
from PIL import Image

from encoders.bundle import CaptionSpec
from encoders.captions import Captioner

FULL = "MATCHSTREAM_CAPTION_MODEL"
"""Folder of a full checkpoint, to run the same tests on it."""


@pytest.fixture(scope="session")
def tiny_blip_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("captioners") / "blip"
    save_tiny_blip(folder)
    return folder


@pytest.fixture(scope="session")
def tiny_git_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("captioners") / "git"
    save_tiny_git(folder)
    return folder


@pytest.fixture(scope="session", params=["tiny BLIP", "tiny GIT", "full checkpoint"])
def model(request: pytest.FixtureRequest, tiny_blip_folder: Path, tiny_git_folder: Path) -> Path:
    """The folder of a captioning model."""
    if request.param == "full checkpoint" and not os.environ.get(FULL):
        pytest.skip(f"{FULL} names no folder")
    folders = {"tiny BLIP": tiny_blip_folder, "tiny GIT": tiny_git_folder}
    return folders.get(request.param) or Path(os.environ[FULL])


@pytest.fixture(scope="session")
def captioner(model: Path) -> Captioner:
    return Captioner(CaptionSpec(str(model), max_tokens=12))


@pytest.fixture
def copied(tiny_blip_folder: Path, tmp_path: Path) -> Callable[..., Path]:
    """Makes a copy of the tiny BLIP without some of its files."""

    def copy(*without: str) -> Path:
        folder = tmp_path / "copied"
        folder.mkdir()
        for path in tiny_blip_folder.iterdir():
            if path.name not in without:
                (folder / path.name).write_bytes(path.read_bytes())
        return folder

    return copy


@pytest.fixture(scope="session")
def noise() -> Callable[..., list[Image.Image]]:
    """Makes pictures of noise, each of other proportions."""

    def draw(count: int) -> list[Image.Image]:
        random = np.random.default_rng(0)
        sizes = [(40 + 7 * i, 60 - 3 * i, 3) for i in range(count)]
        return [Image.fromarray(random.integers(0, 256, size, dtype=np.uint8)) for size in sizes]

    return draw
