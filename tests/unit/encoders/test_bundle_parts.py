import logging
from dataclasses import replace

import numpy as np
import pytest
from safetensors.numpy import save

from encoders.bundle import ImageSpec, JointSpec, LexicalSpec, Manifest, TextSpec, read_bundle, write_bundle
from encoders.bundle.headers import parameters_in
from encoders.bundle.parts import encoder_files, identity_of, parts_of
from encoders.bundle.versions import other_versions, warn_of_other_versions
from encoders.types import Modality

TEXT, IMAGE, JOINT, LEXICAL = Modality.TEXT, Modality.IMAGE, Modality.JOINT, Modality.LEXICAL


def weights(value, shape=(4,)):
    return np.full(shape, value, np.float32)


FILES = {
    "text/model.safetensors": save({"a": weights(1, (2, 3))}),
    "text/vocab.txt": b"red",
    "head.safetensors": save({"weight": weights(1), "bias": weights(0)}),
    "image.safetensors": save({"a": weights(1, (5,)), "seen": np.array(7)}),
    "joint.safetensors": save({"text.0.weight": weights(1, (3, 4)), "text.0.bias": weights(0, (3,))}),
    "idf.safetensors": b"idf",
    "scorer.txt": b"trees",
}
MANIFEST = Manifest(
    text=TextSpec("text", head="head.safetensors"),
    image=ImageSpec(weights="image.safetensors"),
    joint=JointSpec("joint.safetensors", (TEXT,)),
    lexical=LexicalSpec(idf="idf.safetensors"),
    dimensions={TEXT: 4, IMAGE: 512, JOINT: 3},
)


@pytest.fixture
def bundle(tmp_path):
    return write_bundle(tmp_path / "one", MANIFEST, FILES)


def same_rows(one, other):
    return {modality for modality in Modality if identity_of(one, modality) == identity_of(other, modality)}


def test_each_encoder_has_its_files_their_size_and_their_numbers(bundle):
    parts = parts_of(bundle)
    assert parts[TEXT].files.keys() == {"text/model.safetensors", "text/vocab.txt", "head.safetensors"}
    assert parts[TEXT].parameters == 2 * 3 + 4 + 4
    assert parts[IMAGE].parameters == 5  # what counts batches is no parameter
    assert parts[JOINT].parameters == 3 * 4 + 3
    assert parts[LEXICAL].parameters is None
    assert parts[LEXICAL].size == 3
    assert (parts[TEXT].dimensions, parts[LEXICAL].dimensions) == (4, None)
    assert "a trained head" in parts[TEXT].words


def test_models_that_are_elsewhere_have_no_files(tmp_path):
    manifest = Manifest(text=TextSpec("some/model"), image=ImageSpec(), dimensions={TEXT: 4, IMAGE: 4})
    parts = parts_of(write_bundle(tmp_path / "new", manifest, {"scorer.txt": b""}))
    assert all((part.files, part.parameters, part.size) == ({}, None, 0) for part in parts.values())


@pytest.mark.parametrize(
    ("file", "content", "others"),
    [
        ("text/model.safetensors", save({"a": weights(2, (2, 3))}), {TEXT, JOINT}),
        ("text/vocab.txt", b"blue", {TEXT, JOINT}),
        ("head.safetensors", save({"weight": weights(2), "bias": weights(0)}), {TEXT, JOINT}),
        ("image.safetensors", save({"a": weights(2, (5,))}), {IMAGE}),
        ("joint.safetensors", save({"text.0.weight": weights(2, (3, 4)), "text.0.bias": weights(0, (3,))}), {JOINT}),
        ("idf.safetensors", b"other", {LEXICAL}),
        ("scorer.txt", b"other", set()),
    ],
)
def test_other_rows_are_made_exactly_where_a_file_they_depend_on_is_another(tmp_path, bundle, file, content, others):
    changed = write_bundle(tmp_path / "other", MANIFEST, FILES | {file: content})
    assert same_rows(bundle, changed) == set(Modality) - others


@pytest.mark.parametrize(
    ("manifest", "others"),
    [
        (replace(MANIFEST, text=replace(MANIFEST.text, max_tokens=9)), {TEXT, JOINT}),
        (replace(MANIFEST, image=replace(MANIFEST.image, resize=300)), {IMAGE}),
        (replace(MANIFEST, lexical=replace(MANIFEST.lexical, emphasis=1.0)), {LEXICAL}),
        (replace(MANIFEST, rows="float16"), {TEXT, IMAGE, JOINT, LEXICAL}),
        (replace(MANIFEST, matching={"match_threshold": 0.1}, provenance={"a": 1}), set()),
    ],
)
def test_other_rows_are_made_exactly_where_a_setting_they_depend_on_is_another(tmp_path, bundle, manifest, others):
    assert same_rows(bundle, write_bundle(tmp_path / "other", manifest, FILES)) == set(Modality) - others


def test_a_files_name_does_not_matter(tmp_path, bundle):
    manifest = replace(
        MANIFEST,
        text=TextSpec("words", head="behind.safetensors"),
        image=ImageSpec(weights="photos.safetensors"),
        joint=JointSpec("space.safetensors", (TEXT,)),
        lexical=LexicalSpec(idf="rare.safetensors"),
    )
    names = {"text/": "words/", "head": "behind", "image": "photos", "joint": "space", "idf": "rare"}
    files = dict(FILES)
    for name, other in names.items():
        files = {(other + path.removeprefix(name) if path.startswith(name) else path): x for path, x in files.items()}
    assert same_rows(bundle, write_bundle(tmp_path / "other", manifest, files)) == set(Modality)


def test_a_text_model_in_a_folder_of_a_longer_name_is_not_taken_for_its_own(tmp_path):
    manifest = Manifest(text=TextSpec("text"), dimensions={TEXT: 4})
    bundle = write_bundle(tmp_path / "new", manifest, {"text/config.json": b"{}", "texts/config.json": b"{}"})
    assert list(encoder_files(bundle, TEXT)) == ["text/config.json"]


def test_what_holds_no_tensors_has_no_parameters(tmp_path):
    (tmp_path / "broken.safetensors").write_bytes(b"no header")
    assert parameters_in(tmp_path / "broken.safetensors") is None
    assert parameters_in(tmp_path / "nowhere.safetensors") is None


@pytest.mark.parametrize("libraries", [None, "torch 1", ["torch"], {}, {"numpy": "0.1"}])
def test_provenance_that_names_no_versions_is_no_reason_to_warn(libraries):
    assert other_versions(Manifest(provenance={"libraries": libraries})) == {}


def test_only_another_major_version_is_worth_a_word():
    (_, now) = other_versions(Manifest(provenance={"libraries": {"torch": "0.4.1"}}))["torch"]
    major = now.split(".")[0]
    assert other_versions(Manifest(provenance={"libraries": {"torch": f"{major}.0.0+cpu"}})) == {}
    assert set(other_versions(Manifest(provenance={"libraries": {"transformers": 4, "torch": now}}))) == {
        "transformers"
    }


def test_the_bundle_that_ships_was_made_with_what_is_installed():
    assert other_versions(read_bundle("demo")) == {}


def test_another_major_version_is_logged_once(caplog):
    manifest = Manifest(provenance={"libraries": {"torch": "0.4.1"}})
    with caplog.at_level(logging.WARNING):
        warn_of_other_versions("logged-once", manifest)
        warn_of_other_versions("logged-once", manifest)
    assert [record.getMessage().split(", ")[0] for record in caplog.records] == [
        "bundle 'logged-once': made with torch 0.4.1"
    ]
