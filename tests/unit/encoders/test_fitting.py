from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch
import torchvision
from fakes.tiny_models import TINY_IMAGE

from encoders import BundleError, Content, Modality, load_encoder, read_bundle
from encoders.bundle import Bundle, LexicalSpec
from encoders.fitting import Changes, fit_bundle
from encoders.image import published_spec
from encoders.lexical import read_idf
from encoders.rounding import to_float16
from encoders.types import SparseRow

TITLES = ["red shoe", "blue shoe", "red phone 64 gb", "camera"]
SMALL = {"image_resize": 40, "image_crop": 32}


@pytest.fixture
def weights_file(tmp_path: Path, tiny_weights: dict[str, torch.Tensor]) -> Path:
    """The tiny image weights as a training script leaves them, a classifier among them."""
    path = tmp_path / "trained.pth"
    torch.save(tiny_weights | {"fc.weight": torch.zeros(1000, 1024), "fc.bias": torch.zeros(1000)}, path)
    return path


@pytest.fixture
def whole(tiny_bert: Path, weights_file: Path) -> Changes:
    """A bundle's worth of changes, so that no base is needed."""
    return Changes(text_model=str(tiny_bert), image_backbone=TINY_IMAGE.backbone, image_weights=weights_file, **SMALL)


def test_a_bundle_without_a_base_stands_alone(
    tmp_path: Path, whole: Changes, tiny_bert: Path, encoded_image: Callable[..., bytes]
) -> None:
    bundle = fit_bundle(TITLES, tmp_path / "mine", changes=whole, matching={"match": 0.9}, origin={"command": "fit"})
    moved = bundle.path.rename(tmp_path / "moved")
    tiny_bert_name = tiny_bert.name
    assert bundle.text is not None
    assert bundle.text.model == "text"
    assert tiny_bert_name not in (moved / "manifest.json").read_text()
    encoder = load_encoder(read_bundle(moved), device="cpu")
    (encoded,) = encoder.encode([Content("red shoe", encoded_image("red"))])
    assert set(encoded.embedding) == {Modality.IMAGE, Modality.TEXT, Modality.LEXICAL}
    assert bundle.dimensions == {Modality.TEXT: 16, Modality.IMAGE: 1024}
    assert bundle.matching == {"match": 0.9}


def test_the_idf_is_that_of_the_titles(tmp_path: Path, tiny_bundle: Bundle) -> None:
    bundle = fit_bundle(TITLES, tmp_path / "mine", base=tiny_bundle)
    assert bundle.lexical == LexicalSpec(idf="idf.safetensors")
    idf = read_idf(bundle.file("idf.safetensors"))
    assert idf.unseen == pytest.approx(np.log(1 + len(TITLES)) + 1)


def test_new_rows_are_of_numbers_that_float16_holds(
    tmp_path: Path, whole: Changes, tiny_bundle: Bundle, encoded_image: Callable[..., bytes]
) -> None:
    first = fit_bundle(TITLES, tmp_path / "first", base=tiny_bundle)
    alone = fit_bundle(TITLES, tmp_path / "alone", changes=whole)
    plain = fit_bundle(TITLES, tmp_path / "plain", base=tiny_bundle, changes=Changes(rows="float32"))
    assert [one.rows for one in (tiny_bundle, first, alone, plain)] == ["float32", "float16", "float16", "float32"]
    (encoded,) = load_encoder(first, device="cpu").encode([Content("red shoe", encoded_image("red"))])
    assert len(encoded.embedding) == 3
    for row in encoded.embedding.values():
        numbers = row.values if isinstance(row, SparseRow) else row
        assert np.array_equal(numbers.astype(np.float16).astype(np.float32), numbers)
        assert float(np.linalg.norm(numbers)) == pytest.approx(1, abs=1e-3)


def test_rows_that_would_be_the_bases_otherwise_stay_what_they_are(tmp_path: Path, tiny_bundle: Bundle) -> None:
    plain = fit_bundle(TITLES, tmp_path / "plain", base=tiny_bundle, changes=Changes(rows="float32"))
    matched = fit_bundle(TITLES, tmp_path / "same", base=plain, matching={"match": 0.5})
    no_titles = fit_bundle([], tmp_path / "none", base=plain)
    others = fit_bundle(TITLES[1:], tmp_path / "others", base=plain)
    no_image = fit_bundle(TITLES, tmp_path / "no-image", base=plain, changes=Changes(image=False))
    assert [one.rows for one in (matched, no_titles, others, no_image)] == ["float32", "float32", "float16", "float16"]


def test_provenance_tells_what_it_was_made_from(tmp_path: Path, tiny_bundle: Bundle) -> None:
    provenance = fit_bundle(iter(TITLES), tmp_path / "mine", base=tiny_bundle, origin={"command": "fit x"}).provenance
    assert provenance["titles"]["count"] == 4
    assert provenance["base"] == {"name": "tiny", "digest": tiny_bundle.digest, "provenance": {}}
    assert provenance["command"] == "fit x"
    assert provenance["libraries"]["torch"]


def test_the_same_titles_make_the_same_bundle_and_others_another(tmp_path: Path, tiny_bundle: Bundle) -> None:
    samples = [TITLES, TITLES, TITLES[::-1], ["red shoeblue shoe", *TITLES[2:]]]
    digests = [fit_bundle(sample, tmp_path / "mine", base=tiny_bundle).digest for sample in samples]
    assert digests[0] == digests[1]
    assert len(set(digests)) == 3


def test_everything_else_is_the_bases(tmp_path: Path, tiny_bundle: Bundle, encoded_image: Callable[..., bytes]) -> None:
    bundle = fit_bundle(TITLES, tmp_path / "mine", base=tiny_bundle)
    assert (bundle.text, bundle.image) == (tiny_bundle.text, tiny_bundle.image)
    assert (bundle.dimensions, bundle.matching) == (tiny_bundle.dimensions, tiny_bundle.matching)
    content = Content("red shoe", encoded_image("red"))
    (mine,), (base,) = (load_encoder(each, device="cpu").encode([content]) for each in (bundle, tiny_bundle))
    for modality in bundle.dimensions:
        assert np.array_equal(mine.embedding[modality], to_float16(base.embedding[modality]))


def test_a_bundle_can_be_fitted_onto_itself(tiny_bundle: Bundle) -> None:
    bundle = fit_bundle(TITLES, tiny_bundle.path, base=tiny_bundle)
    assert read_bundle(tiny_bundle.path) == bundle
    assert bundle.provenance["base"]["digest"] == tiny_bundle.digest


@pytest.mark.parametrize(
    ("changes", "left"), [(Changes(image=False), Modality.TEXT), (Changes(text=False), Modality.IMAGE)]
)
def test_a_modality_can_be_left_out(tmp_path: Path, tiny_bundle: Bundle, changes: Changes, left: Modality) -> None:
    bundle = fit_bundle(TITLES, tmp_path / "mine", base=tiny_bundle, changes=changes)
    assert bundle.modalities == {left, Modality.LEXICAL}
    assert set(bundle.dimensions) == {left}
    assert set(fit_bundle(TITLES, tmp_path / "next", base=bundle).dimensions) == {left}


@pytest.mark.parametrize(
    ("changes", "name"),
    [
        (Changes(text_head=Path("head")), "text"),
        (Changes(text=False, text_model="model", text_head=Path("head")), "text"),
        (Changes(image_head=Path("head")), "image"),
        (Changes(image_mean=(0.5, 0.5, 0.5), image_head=Path("head")), "image"),
    ],
)
def test_a_head_without_its_encoder_is_refused(
    tmp_path: Path, tiny_bundle: Bundle, changes: Changes, name: str
) -> None:
    with pytest.raises(BundleError, match=rf"the {name} head 'head' without an encoder, .* wanted; name that too"):
        fit_bundle(TITLES, tmp_path / "mine", base=tiny_bundle, changes=changes)
    assert not (tmp_path / "mine").exists()


def test_other_preparation_keeps_the_bases_weights(tmp_path: Path, tiny_bundle: Bundle) -> None:
    changes = Changes(image_mean=(0.5, 0.5, 0.5), image_crop=24)
    bundle = fit_bundle(TITLES, tmp_path / "mine", base=tiny_bundle, changes=changes)
    assert bundle.image is not None
    assert (bundle.image.mean, bundle.image.crop, bundle.image.resize) == ((0.5, 0.5, 0.5), 24, 40)
    assert bundle.image.std == TINY_IMAGE.std
    assert bundle.files["image.safetensors"]


def test_other_weights_keep_the_bases_preparation(tmp_path: Path, tiny_bundle: Bundle, weights_file: Path) -> None:
    bundle = fit_bundle(TITLES, tmp_path / "mine", base=tiny_bundle, changes=Changes(image_weights=weights_file))
    assert bundle.image == tiny_bundle.image


def test_another_backbone_brings_its_own_preparation(tmp_path: Path, tiny_bundle: Bundle) -> None:
    backbone = "mobilenet_v3_small"
    weights = tmp_path / "weights.pth"
    torch.save(torchvision.models.mobilenet_v3_small(weights=None).state_dict(), weights)
    changes = Changes(image_backbone=backbone, image_weights=weights)
    bundle = fit_bundle(TITLES, tmp_path / "mine", base=tiny_bundle, changes=changes)
    assert bundle.image is not None
    assert (bundle.image.resize, bundle.image.crop) == (published_spec(backbone).resize, published_spec(backbone).crop)
    assert bundle.dimensions[Modality.IMAGE] == 576


def test_the_classifier_is_not_kept(tmp_path: Path, whole: Changes) -> None:
    bundle = fit_bundle(TITLES, tmp_path / "mine", changes=whole)
    assert bundle.file("image.safetensors").stat().st_size < 2_000_000
    assert b"fc.weight" not in bundle.file("image.safetensors").read_bytes()


def test_weights_of_another_backbone_leave_no_bundle(tmp_path: Path, tiny_bundle: Bundle, weights_file: Path) -> None:
    changes = Changes(image_backbone="resnet18", image_weights=weights_file)
    with pytest.raises(BundleError, match="those of resnet18 wanted"):
        fit_bundle(TITLES, tmp_path / "mine", base=tiny_bundle, changes=changes)
    assert not (tmp_path / "mine").exists()


def test_photos_alone_keep_the_idf_of_the_base(tmp_path: Path, tiny_bundle: Bundle) -> None:
    base = fit_bundle(TITLES, tmp_path / "base", base=tiny_bundle)
    kept = fit_bundle([], tmp_path / "mine", base=base)
    assert kept.files["idf.safetensors"] == base.files["idf.safetensors"]


def test_no_titles_leave_no_bundle(tmp_path: Path, tiny_bundle: Bundle) -> None:
    with pytest.raises(BundleError, match="no title to learn from"):
        fit_bundle([], tmp_path / "mine", base=tiny_bundle)
    assert not (tmp_path / "mine").exists()
