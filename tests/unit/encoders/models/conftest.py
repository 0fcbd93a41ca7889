"""Every test has a store of its own, and a hub's cache that is empty."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from fakes.model_hub import FakeHub, fake_hub
from fakes.pulls import NAME, Pull

from encoders.models import Store, keep_models_in, pulled_models
from encoders.models.hub import Hub
from encoders.models.pulling import Outcome, pull


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


@pytest.fixture
def pull_it(hub: FakeHub, store: Store, monkeypatch: pytest.MonkeyPatch) -> Pull:
    """Pulls `NAME`, or what else is named, and says nothing meanwhile."""
    asked = Hub(hub.endpoint)
    monkeypatch.setattr("huggingface_hub.constants.DOWNLOAD_CHUNK_SIZE", 100)  # the files are small

    def run(name: str = NAME, revision: str | None = None, report: Callable[[int, int], None] | None = None) -> Outcome:
        return pull(name, revision, store, asked, report or (lambda _here, _total: None))

    return run


@pytest.fixture
def files(tiny_bert: Path) -> dict[str, bytes]:
    """A repository as they are: a model, and much that is of no use here."""
    needless = {
        "README.md": b"# tiny",
        "pytorch_model.bin": b"a pickle",
        "modeling_tiny.py": b"print('run')",
        "onnx/model.onnx": b"other",
        "1_Pooling/config.json": b"{}",
        "tf_model.h5": b"other",
        "model.fp16.safetensors": b"other",
    }
    return {**{path.name: path.read_bytes() for path in tiny_bert.iterdir()}, **needless}
