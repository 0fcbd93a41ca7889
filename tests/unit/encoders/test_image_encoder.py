import logging
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
import torchvision
from fakes.no_network import forbid_network
from fakes.tiny_models import TINY_IMAGE
from safetensors.torch import save_file

from encoders.bundle import ImageSpec
from encoders.errors import BundleError, ImageError, ModelMissingError
from encoders.image import ImageEncoder, Weights, kept_weights, published_spec, published_weights, read_weights
from encoders.image.backbone import build_backbone

FAMILIES = {
    "resnet18": 512,
    "shufflenet_v2_x0_5": 1024,
    "regnet_y_400mf": 440,
    "mobilenet_v2": 1280,
    "mobilenet_v3_small": 576,
    "efficientnet_b0": 1280,
    "mnasnet0_5": 1280,
    "densenet121": 1024,
    "squeezenet1_1": 512,
    "googlenet": 1024,
}
LARGE_FAMILIES = {"alexnet": 256, "vgg11": 512, "convnext_tiny": 768, "swin_t": 768, "vit_b_32": 768, "maxvit_t": 512}


def pictures(count: int, side: int) -> list[np.ndarray]:
    return list(np.random.default_rng(0).integers(0, 256, (count, side, side, 3), dtype=np.uint8))


def _check_family(backbone: str, dimensions: int) -> None:
    options = {"init_weights": False} if backbone == "googlenet" else {}
    spec = replace(published_spec(backbone), weights="image.safetensors")
    torch.manual_seed(3)  # with most random weights an EfficientNet's features are too small to be made unit rows
    whole = torchvision.models.get_model(backbone, weights=None, **options).state_dict()
    encoder = ImageEncoder(spec, whole)
    rows = encoder.encode(pictures(2, spec.crop))
    assert rows.shape == (2, dimensions) == (2, encoder.dimensions)
    assert np.linalg.norm(rows, axis=1) == pytest.approx(np.ones(2), abs=1e-5)
    assert kept_weights(spec, whole).keys() < whole.keys()


@pytest.mark.parametrize(("backbone", "dimensions"), FAMILIES.items())
def test_pooled_features_come_from_every_family(backbone: str, dimensions: int) -> None:
    _check_family(backbone, dimensions)


@pytest.mark.slow
@pytest.mark.parametrize(("backbone", "dimensions"), LARGE_FAMILIES.items())
def test_pooled_features_come_from_every_large_family(backbone: str, dimensions: int) -> None:
    _check_family(backbone, dimensions)


def test_rows_of_mobilenet_are_its_features_averaged_over_the_picture() -> None:
    torch.manual_seed(0)
    model = torchvision.models.mobilenet_v2(weights=None).eval()
    encoder = ImageEncoder(ImageSpec("mobilenet_v2", mean=(0.5, 0.5, 0.5), std=(0.5, 0.5, 0.5)), model.state_dict())
    pixels = pictures(2, 224)
    images = torch.from_numpy(np.stack(pixels)).permute(0, 3, 1, 2).float() / 127.5 - 1
    with torch.no_grad():
        features = model.features(images).mean((2, 3))
    expected = features / features.norm(dim=1, keepdim=True)
    assert encoder.encode(pixels) == pytest.approx(expected.numpy(), abs=1e-5)


def test_rows_of_resnet_are_what_its_classifier_is_given() -> None:
    torch.manual_seed(0)
    model = torchvision.models.resnet18(weights=None).eval()
    spec = ImageSpec(resize=64, crop=64)
    pixels = pictures(1, 64)
    rows = ImageEncoder(spec, model.state_dict()).encode(pixels)
    mean, std = (torch.tensor(values).view(3, 1, 1) for values in (spec.mean, spec.std))
    model.fc = torch.nn.Identity()
    with torch.no_grad():
        features = model((torch.from_numpy(pixels[0]).permute(2, 0, 1) / 255 - mean).div(std)[None])
    assert rows == pytest.approx((features / features.norm()).numpy(), abs=1e-5)


@pytest.mark.parametrize(
    ("backbone", "crop", "precision"),
    [
        ("resnet18", 128, "float32"),
        ("resnet18", 128, "bfloat16"),
        ("mobilenet_v3_small", 128, "float32"),
        ("mobilenet_v3_small", 128, "bfloat16"),
        ("vit_b_32", 224, "bfloat16"),
    ],
)
def test_a_photo_has_the_same_bits_whatever_company_it_comes_in(backbone: str, crop: int, precision: str) -> None:
    torch.manual_seed(0)
    encoder = ImageEncoder(
        ImageSpec(backbone, precision=precision, resize=crop, crop=crop),
        torchvision.models.get_model(backbone, weights=None).state_dict(),
    )
    pixels = pictures(11, crop)
    together = encoder.encode(pixels)
    for size in (1, 2, 3, 7):
        parts = [encoder.encode(pixels[start : start + size]) for start in range(0, len(pixels), size)]
        assert np.array_equal(np.concatenate(parts), together)
    assert not np.allclose(together[0], together[1], atol=1e-3)


def test_no_images_are_no_rows(tiny_image: ImageEncoder) -> None:
    assert tiny_image.encode([]).shape == (0, 1024)


def test_a_file_is_prepared_as_the_specification_says(
    tiny_image: ImageEncoder, encoded_image: Callable[..., bytes]
) -> None:
    assert tiny_image.prepare(encoded_image("green", "JPEG")).shape == (32, 32, 3)
    with pytest.raises(ImageError, match="48 x 48 pixels, 100 pixels at most"):
        tiny_image.prepare(encoded_image("green"), max_pixels=100)


def test_weights_kept_give_the_same_rows_again(tiny_image: ImageEncoder, tiny_weights: Weights, tmp_path: Path) -> None:
    kept = kept_weights(TINY_IMAGE, tiny_weights)
    save_file(kept, tmp_path / "kept.safetensors")
    again = ImageEncoder(TINY_IMAGE, read_weights(tmp_path / "kept.safetensors"))
    assert np.array_equal(again.encode(pictures(3, 32)), tiny_image.encode(pictures(3, 32)))
    assert not any(name.startswith("fc.") for name in kept)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda w: {name: w[name] for name in list(w)[3:]}, "weights without"),
        (lambda w: w | {"layer9.weight": torch.zeros(1)}, r"weights with 'layer9.weight' \(1 such\)"),
        (lambda w: w | {"conv5.0.weight": torch.zeros(3, 3)}, r"weights with another shape of 'conv5.0.weight'"),
    ],
)
def test_weights_of_another_backbone_are_refused(
    tiny_weights: dict[str, torch.Tensor], change: Callable[[dict], dict], words: str
) -> None:
    with pytest.raises(BundleError, match=f"^bundle 'mine': {words}.*those of shufflenet_v2_x0_5 wanted"):
        ImageEncoder(TINY_IMAGE, change(dict(tiny_weights)), bundle="mine")


def test_weights_gone_astray_in_training_are_refused(tiny_weights: dict[str, torch.Tensor]) -> None:
    astray = {name: tensor * float("nan") if "conv5.0" in name else tensor for name, tensor in tiny_weights.items()}
    with pytest.raises(BundleError, match="rows of no number"):
        ImageEncoder(TINY_IMAGE, astray)


def test_an_unknown_backbone_is_refused_with_the_nearest_names() -> None:
    with pytest.raises(BundleError, match=r"backbone 'resnet81'.*try resnet18"):
        build_backbone(ImageSpec("resnet81"))
    with pytest.raises(BundleError, match="backbone 'fasterrcnn_resnet50_fpn'"):
        published_spec("fasterrcnn_resnet50_fpn")


def test_a_size_that_the_backbone_does_not_take_is_refused() -> None:
    spec = ImageSpec("vit_b_32", resize=100, crop=100)
    weights = build_backbone(spec)[0].state_dict()
    with pytest.raises(BundleError, match="images of 100 pixels, a size that vit_b_32 takes wanted"):
        ImageEncoder(spec, weights)


def test_published_weights_bring_their_own_preparation() -> None:
    spec = published_spec("efficientnet_v2_l")
    assert (spec.crop, spec.mean, spec.interpolation, spec.weights) == (480, (0.5, 0.5, 0.5), "bicubic", "published")


def test_published_weights_that_are_not_here_are_told_with_the_remedy_and_not_fetched(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    forbid_network(monkeypatch)
    monkeypatch.setenv("TORCH_HOME", str(tmp_path))
    wanted = r"run 'matchstream models pull resnet18', or .*'matchstream fit --image-weights FILE'"
    with pytest.raises(ModelMissingError, match=wanted) as caught:
        published_weights(ImageSpec())
    assert str(tmp_path) in str(caught.value)


def test_published_weights_that_were_downloaded_before_are_used(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    weights = torchvision.models.shufflenet_v2_x0_5(weights=None).state_dict()
    published = torchvision.models.get_model_weights("shufflenet_v2_x0_5").DEFAULT
    monkeypatch.setenv("TORCH_HOME", str(tmp_path))
    (tmp_path / "hub" / "checkpoints").mkdir(parents=True)
    torch.save(weights, tmp_path / "hub" / "checkpoints" / Path(published.url).name)
    assert ImageEncoder(TINY_IMAGE, published_weights(TINY_IMAGE)).dimensions == 1024


@pytest.mark.parametrize("wrap", [lambda w: w, lambda w: {"state_dict": w, "epoch": 3}])
@pytest.mark.parametrize("prefix", ["", "module."])
def test_state_dicts_of_training_scripts_are_read(
    tmp_path: Path, tiny_weights: dict[str, torch.Tensor], wrap: Callable[[dict], dict], prefix: str
) -> None:
    torch.save(wrap({prefix + name: tensor for name, tensor in tiny_weights.items()}), tmp_path / "w.pth")
    read = read_weights(tmp_path / "w.pth")
    assert read.keys() == tiny_weights.keys()
    assert all(torch.equal(read[name], tensor) for name, tensor in tiny_weights.items())


class Payload:
    """Something that would run on unpickling."""

    def __reduce__(self) -> tuple[object, tuple[str]]:
        return (logging.critical, ("a weights file ran code",))


@pytest.mark.parametrize("name", ["w.pth", "w.safetensors"])
def test_a_file_that_is_no_state_dict_is_refused_and_nothing_in_it_runs(
    tmp_path: Path, name: str, caplog: pytest.LogCaptureFixture
) -> None:
    torch.save({"fc.weight": Payload()}, tmp_path / name)
    with pytest.raises(BundleError, match=r"a state dict .* wanted"):
        read_weights(tmp_path / name)
    assert not caplog.records


@pytest.mark.parametrize("content", [[1, 2], {"epoch": 3}])
def test_other_content_is_refused(tmp_path: Path, content: object) -> None:
    torch.save(content, tmp_path / "w.pth")
    with pytest.raises(BundleError, match="of other things"):
        read_weights(tmp_path / "w.pth")


def test_a_missing_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BundleError, match="can't be read"):
        read_weights(tmp_path / "nowhere.pth")
