"""What is pulled of each kind of model is all that its encoder needs."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from fakes.model_hub import FakeHub
from fakes.no_network import forbid_network
from fakes.tiny_captioner import save_tiny_blip
from fakes.tiny_duals import save_tiny_clip, save_tiny_siglip, save_tiny_siglip2
from PIL import Image

from encoders.bundle import CaptionSpec, DualSpec
from encoders.captions import Captioner
from encoders.dual import DualEncoder
from encoders.models import Kind, Store
from encoders.models.hub import Hub
from encoders.models.pulling import pull

PHOTO = Image.linear_gradient("L").convert("RGB")


@pytest.fixture
def published(hub: FakeHub, store: Store, tmp_path: Path) -> Callable[[Callable[[Path], None]], tuple[Path, Kind]]:
    """Publishes a model and pulls it as 'acme/tiny': its folder before, and what kind it is taken for."""

    def run(save: Callable[[Path], None]) -> tuple[Path, Kind]:
        folder = tmp_path / "before"
        save(folder)
        hub.publish("acme/tiny", {path.name: path.read_bytes() for path in folder.iterdir()})
        pulled = pull("acme/tiny", None, store, Hub(hub.endpoint), lambda _here, _total: None).pulled
        return folder, pulled.record.kind

    return run


@pytest.mark.parametrize("save", [save_tiny_clip, save_tiny_siglip, save_tiny_siglip2])
def test_a_dual_encoder(
    published: Callable[[Callable[[Path], None]], tuple[Path, Kind]],
    save: Callable[[Path], None],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    folder, kind = published(save)
    before = DualEncoder(DualSpec(str(folder)))
    forbid_network(monkeypatch)
    pulled = DualEncoder(DualSpec("acme/tiny"))
    assert kind is Kind.DUAL
    assert np.array_equal(pulled.texts.encode(["a red mug"]), before.texts.encode(["a red mug"]))
    rows = [one.photos.encode([one.photos.prepared(PHOTO)]) for one in (before, pulled)]
    assert np.array_equal(*rows)


def test_a_captioner(
    published: Callable[[Callable[[Path], None]], tuple[Path, Kind]], monkeypatch: pytest.MonkeyPatch
) -> None:
    folder, kind = published(save_tiny_blip)
    before = Captioner(CaptionSpec(str(folder)))
    forbid_network(monkeypatch)
    pulled = Captioner(CaptionSpec("acme/tiny"))
    assert kind is Kind.CAPTIONS
    assert pulled.caption([pulled.prepared(PHOTO)]) == before.caption([before.prepared(PHOTO)])
