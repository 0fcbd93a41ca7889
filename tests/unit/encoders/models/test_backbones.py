"""Weights that torchvision publishes: pulled and checked by the digest in their name, then used without a network."""

from collections.abc import Callable
from hashlib import sha256
from io import BytesIO
from pathlib import Path

import pytest
import torch
import torchvision
from fakes.model_hub import FakeHub
from fakes.no_network import forbid_network
from fakes.tiny_models import TINY_IMAGE

from encoders.errors import ModelMissingError, PullError
from encoders.image import ImageEncoder, published_weights
from encoders.models import Kind, Store
from encoders.models.backbones import Published, is_backbone, published
from encoders.models.pulling import Outcome, pull_backbone

NAME = "shufflenet_v2_x0_5"


@pytest.fixture
def content() -> bytes:
    file = BytesIO()
    torch.manual_seed(3)
    torch.save(torchvision.models.get_model(NAME, weights=None).state_dict(), file)
    return file.getvalue()


@pytest.fixture
def here(hub: FakeHub, content: bytes, monkeypatch: pytest.MonkeyPatch) -> Published:
    """What torchvision would publish, were it these weights on this hub."""
    monkeypatch.setattr("encoders.models.plain._CHUNK", 10_000)
    digest = sha256(content).hexdigest()[:8]
    found = Published(NAME, hub.keep(f"/models/{NAME}-{digest}.pth", content), "")
    monkeypatch.setattr("encoders.models.backbones.published", lambda _: found)
    return found


@pytest.fixture
def pull_it(here: Published, store: Store) -> Callable[[], Outcome]:
    return lambda: pull_backbone(here, store, lambda _here, _total: None)


def test_pulled_weights_are_used_without_a_network(
    pull_it: Callable[[], Outcome], monkeypatch: pytest.MonkeyPatch, content: bytes
) -> None:
    outcome = pull_it()
    assert (outcome.pulled.record.kind, outcome.fetched) == (Kind.IMAGE, len(content))
    assert pull_it().fetched == 0
    forbid_network(monkeypatch)
    assert ImageEncoder(TINY_IMAGE, published_weights(TINY_IMAGE)).dimensions == 1024


def test_cut_downloads_go_on(hub: FakeHub, pull_it: Callable[[], Outcome]) -> None:
    hub.cut_after += [100_000, 50_000]
    assert pull_it().pulled.damage(thorough=True) is None
    assert [one.range for one in hub.asked if one.method == "GET"] == [None, "bytes=100000-", "bytes=150000-"]


def test_a_server_that_always_begins_anew(hub: FakeHub, pull_it: Callable[[], Outcome]) -> None:
    hub.cut_after += [100_000]
    hub.ranges_honoured = False
    assert pull_it().pulled.damage(thorough=True) is None


def test_changed_weights_are_refused_and_nothing_of_them_is_left(
    hub: FakeHub, here: Published, pull_it: Callable[[], Outcome], store: Store
) -> None:
    hub.changed.add(here.file)
    with pytest.raises(PullError, match=f"'{here.file}' came as other bytes"):
        pull_it()
    assert [path for path in store.folder.rglob("*") if path.is_file()] == []


def test_a_server_that_refuses_or_is_gone(hub: FakeHub, pull_it: Callable[[], Outcome]) -> None:
    hub.refusal = (503, {})
    with pytest.raises(PullError, match=r"127\.0\.0\.1 answers 503, its weights wanted; try again later"):
        pull_it()


def test_pulled_weights_that_lost_their_file_are_told(pull_it: Callable[[], Outcome]) -> None:
    pulled = pull_it().pulled
    next(pulled.folder.glob("*.pth")).unlink()
    with pytest.raises(ModelMissingError, match=r"can't be read .*run 'matchstream models pull shufflenet_v2_x0_5'"):
        published_weights(TINY_IMAGE)


def test_every_backbone_has_a_digest_in_its_files_name() -> None:
    assert published("resnet18").revision == "f37072fd"
    assert is_backbone("resnet18")
    assert not is_backbone("fasterrcnn_resnet50_fpn")
    assert not is_backbone("bert-base-uncased")
    for name in torchvision.models.list_models(module=torchvision.models):
        assert len(published(name).revision) >= 8, name
        assert Path(published(name).file).suffix == ".pth"
