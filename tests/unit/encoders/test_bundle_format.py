from dataclasses import replace

import numpy as np
import orjson
import pytest
from safetensors.numpy import save

from encoders.bundle import ImageSpec, JointSpec, LexicalSpec, Manifest, TextSpec, read_bundle, write_bundle
from encoders.errors import BundleError
from encoders.types import Modality, Numeric

HEAD = save({"weight": np.ones(4, np.float32), "bias": np.zeros(4, np.float32)})
JOINT = save({"text.0.weight": np.ones((3, 4), np.float32), "text.0.bias": np.zeros(3, np.float32)})
PLAIN = Manifest(text=TextSpec("some/model"), image=ImageSpec(), dimensions={Modality.TEXT: 4, Modality.IMAGE: 4})
WITH_HEAD = replace(PLAIN, image=ImageSpec(head="head.safetensors"))
WITH_JOINT = replace(
    PLAIN,
    joint=JointSpec("joint.safetensors", (Modality.TEXT,), cross_modal=True),
    dimensions={Modality.TEXT: 4, Modality.IMAGE: 4, Modality.JOINT: 3},
)


def written(folder):
    return orjson.loads((folder / "manifest.json").read_bytes())


def test_the_bundle_that_ships_is_written_again_byte_for_byte(tmp_path):
    shipped = read_bundle("demo")
    again = write_bundle(tmp_path / "demo", shipped, {name: shipped.file(name) for name in shipped.files})
    assert again.digest == shipped.digest
    assert (again.path / "manifest.json").read_bytes() == (shipped.path / "manifest.json").read_bytes()
    assert shipped.digest == "2b27d3409b4a5c4492ab3da3c053e4eca864424b7cc3b535527cbbeff5182506"


def test_what_format_1_has_words_for_is_written_in_format_1(tmp_path):
    write_bundle(tmp_path / "plain", PLAIN, {})
    manifest = written(tmp_path / "plain")
    assert manifest["format"] == 1
    assert "joint" not in manifest
    assert "head" not in manifest["image"]
    assert "head" not in manifest["text"]
    assert manifest["lexical"] is None


@pytest.mark.parametrize(
    ("manifest", "files"),
    [(WITH_HEAD, {"head.safetensors": HEAD}), (WITH_JOINT, {"joint.safetensors": JOINT})],
    ids=["head", "joint"],
)
def test_what_training_adds_is_written_in_format_2_and_read_back(tmp_path, manifest, files):
    bundle = write_bundle(tmp_path / "trained", manifest, files)
    assert written(bundle.path)["format"] == 2
    assert (bundle.text, bundle.image, bundle.joint) == (manifest.text, manifest.image, manifest.joint)
    assert bundle.dimensions == manifest.dimensions


def test_a_joint_specification_comes_back_with_its_sources_and_numbers(tmp_path):
    tensors = {f"{part}.0.weight": np.ones((3, 4), np.float32) for part in ("image", "text")}
    tensors |= {"numeric.0.weight": np.ones((3, 2), np.float32)}
    tensors |= {f"{part}.0.bias": np.zeros(3, np.float32) for part in ("image", "text", "numeric")}
    tensors |= {f"numeric.{name}": np.ones(2, np.float32) for name in ("mean", "std")}
    joint = JointSpec("j.safetensors", (Modality.IMAGE, Modality.TEXT), (Numeric.LOG_PRICE, Numeric.WORDS))
    bundle = write_bundle(tmp_path / "joint", replace(WITH_JOINT, joint=joint), {"j.safetensors": save(tensors)})
    assert bundle.joint == joint
    assert isinstance(bundle.joint.numeric[0], Numeric)


def test_rows_of_other_numbers_are_written_in_format_4_and_read_back(tmp_path):
    bundle = write_bundle(tmp_path / "half", replace(PLAIN, rows="float16"), {})
    assert (bundle.rows, written(bundle.path)["rows"], written(bundle.path)["format"]) == ("float16", "float16", 4)
    assert "rows" not in written(write_bundle(tmp_path / "plain", PLAIN, {}).path)
    assert read_bundle("demo").rows == "float32"


def test_rows_of_numbers_that_nobody_knows_are_refused(tmp_path):
    bundle = write_bundle(tmp_path / "half", replace(PLAIN, rows="float16"), {})
    (bundle.path / "manifest.json").write_bytes(orjson.dumps(written(bundle.path) | {"rows": "float8"}))
    with pytest.raises(BundleError, match=r"'rows' in manifest\.json: input should be 'float32' or 'float16'"):
        read_bundle(bundle.path)


def test_a_bundle_without_dense_encoders_stays_format_1(tmp_path):
    write_bundle(tmp_path / "words", Manifest(lexical=LexicalSpec()), {})
    assert written(tmp_path / "words")["format"] == 1
