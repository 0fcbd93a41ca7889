"""Every test has a store of its own, and a hub's cache that is empty."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from fakes.model_hub import FakeHub, fake_hub

from encoders.models import Store, keep_models_in, pulled_models


@pytest.fixture(autouse=True)
def store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Store]:
    """Where models are pulled to."""
    before = pulled_models().folder
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_CACHE", str(tmp_path / "hub-cache"))
    monkeypatch.setenv("TORCH_HOME", str(tmp_path / "torch"))
    keep_models_in(tmp_path / "models")
    yield pulled_models()
    keep_models_in(before)


@pytest.fixture
def hub() -> Iterator[FakeHub]:
    with fake_hub() as started:
        yield started
