import re

import numpy as np
import pytest
from safetensors.numpy import save

from encoders.bundle import ImageSpec, JointSpec, LexicalSpec, Manifest, TextSpec, write_bundle
from encoders.bundle.checking import check_manifest
from encoders.errors import BundleError
from encoders.types import Modality, Numeric


def tensors(**shapes):
    """A safetensors file; a dot in a name is written as two underscores."""
    return save({name.replace("__", "."): np.ones(shape, np.float32) for name, shape in shapes.items()})


def with_head(tmp_path, head, size=4):
    manifest = Manifest(image=ImageSpec(head="head.safetensors"), dimensions={Modality.IMAGE: size})
    return write_bundle(tmp_path / "new", manifest, {"head.safetensors": head})


@pytest.mark.parametrize("weight", [(4,), (4, 9)], ids=["scaling", "mixing"])
def test_heads_that_make_rows_of_the_right_length_are_taken(tmp_path, weight):
    assert with_head(tmp_path, tensors(weight=weight, bias=4)).image.head == "head.safetensors"


@pytest.mark.parametrize(
    ("head", "message"),
    [
        (tensors(weight=5, bias=5), "tensor 'weight' of shape (5,) in 'head.safetensors', shape (4,) wanted"),
        (tensors(weight=(5, 4), bias=5), "tensor 'weight' of shape (5, 4) in 'head.safetensors', shape (4, 4) wanted"),
        (tensors(weight=(4, 2, 2), bias=4), "shape (4, 2, 2) in 'head.safetensors', shape (4, 2) wanted"),
        (tensors(weight=4, bias=5), "tensor 'bias' of shape (5,) in 'head.safetensors', shape (4,) wanted"),
        (tensors(weight=4), "no tensor 'bias' in 'head.safetensors', one of shape (4,) wanted"),
        (tensors(bias=4), "no tensor 'weight'"),
        (b"no tensors", "file 'head.safetensors' that is no safetensors file"),
    ],
)
def test_another_head_is_refused_in_words(tmp_path, head, message):
    with pytest.raises(BundleError, match=f"{re.escape(message)}.*matchstream train"):
        with_head(tmp_path, head)
    assert list(tmp_path.iterdir()) == []


LINEAR = {"image__0__weight": (3, 5), "image__0__bias": 3}
DEEP = {"text__0__weight": (7, 4), "text__0__bias": 7, "text__2__weight": (3, 7), "text__2__bias": 3}
NUMBERS = {"numeric__0__weight": (3, 1), "numeric__0__bias": 3, "numeric__mean": 1, "numeric__std": 1}
JOINT = {**LINEAR, **DEEP, **NUMBERS, "bias": 3}


def with_joint(tmp_path, file):
    manifest = Manifest(
        text=TextSpec("some/model"),
        image=ImageSpec(),
        joint=JointSpec("joint.safetensors", numeric=(Numeric.LOG_PRICE,)),
        dimensions={Modality.TEXT: 4, Modality.IMAGE: 5, Modality.JOINT: 3},
    )
    return write_bundle(tmp_path / "new", manifest, {"joint.safetensors": file})


def test_a_joint_encoder_of_one_or_two_layers_a_part_is_taken(tmp_path):
    assert with_joint(tmp_path, tensors(**JOINT)).joint is not None
    assert with_joint(tmp_path, tensors(**{name: shape for name, shape in JOINT.items() if name != "bias"})).joint


@pytest.mark.parametrize(
    ("name", "shape", "message"),
    [
        ("image__0__weight", (3, 4), "'image.0.weight' of shape (3, 4) in 'joint.safetensors', shape (3, 5) wanted"),
        ("image__0__weight", None, "no tensor 'image.0.weight' in 'joint.safetensors', one of shape (3, 5) wanted"),
        ("image__0__bias", 4, "'image.0.bias' of shape (4,)"),
        ("text__0__weight", (7, 5), "'text.0.weight' of shape (7, 5) in 'joint.safetensors', shape (7, 4) wanted"),
        ("text__2__weight", (3, 6), "'text.2.weight' of shape (3, 6) in 'joint.safetensors', shape (3, 7) wanted"),
        ("text__2__bias", None, "no tensor 'text.2.bias'"),
        ("numeric__0__weight", (3, 2), "'numeric.0.weight' of shape (3, 2)"),
        ("numeric__std", None, "no tensor 'numeric.std'"),
        ("bias", 4, "tensor 'bias' of shape (4,)"),
    ],
)
def test_another_joint_encoder_is_refused_in_words(tmp_path, name, shape, message):
    changed = {other: value for other, value in {**JOINT, name: shape}.items() if value is not None}
    with pytest.raises(BundleError, match=re.escape(message)):
        with_joint(tmp_path, tensors(**changed))


@pytest.mark.parametrize(
    "sources",
    [(Modality.IMAGE,), (Modality.LEXICAL,), (Modality.JOINT,), (Modality.TEXT, Modality.TEXT)],
)
def test_joint_rows_are_made_of_what_the_bundle_encodes_and_of_nothing_twice(sources):
    manifest = Manifest(
        text=TextSpec("some/model"),
        lexical=LexicalSpec(),
        joint=JointSpec("joint.safetensors", sources),
        dimensions={Modality.TEXT: 4, Modality.JOINT: 3},
    )
    with pytest.raises(BundleError, match=f"joint rows of {', '.join(sources)}, some of text, each once"):
        check_manifest("new", manifest)
