import re
import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import orjson
import pytest

import encoders
from encoders.bundle import (
    SHIPPED,
    Bundle,
    ImageSpec,
    LexicalSpec,
    Manifest,
    TextSpec,
    read_bundle,
    shipped_bundles,
    write_bundle,
)
from encoders.bundle.writing import _exchange
from encoders.errors import BundleError
from encoders.types import Modality

MANIFEST = Manifest(
    text=TextSpec("some/model", revision="abc"),
    image=ImageSpec(weights="image.safetensors"),
    lexical=LexicalSpec(idf="idf.safetensors"),
    dimensions={Modality.TEXT: 384, Modality.IMAGE: 512},
    matching={"match": 0.9},
    provenance={"titles": {"count": 3}},
)
FILES: dict[str, bytes | Path] = {"image.safetensors": b"image", "idf.safetensors": b"idf", "text/config.json": b"{}"}


@pytest.fixture
def bundle(tmp_path: Path) -> Bundle:
    return write_bundle(tmp_path / "one", MANIFEST, FILES)


def test_what_was_written_is_read(bundle: Bundle) -> None:
    read = read_bundle(bundle.path)
    assert read == bundle
    assert (read.name, read.text, read.image, read.lexical) == ("one", MANIFEST.text, MANIFEST.image, MANIFEST.lexical)
    assert (read.dimensions, read.matching, read.provenance) == (
        MANIFEST.dimensions,
        MANIFEST.matching,
        MANIFEST.provenance,
    )
    assert read.file("text/config.json").read_bytes() == b"{}"
    assert read.modalities == {Modality.TEXT, Modality.IMAGE, Modality.LEXICAL}


def test_a_file_that_is_not_there_is_named(bundle: Bundle) -> None:
    with pytest.raises(BundleError, match="no file 'scorer"):
        bundle.file("scorer.txt")


def test_the_digest_is_the_same_wherever_the_bundle_lies(bundle: Bundle, tmp_path: Path) -> None:
    elsewhere = Path(shutil.copytree(bundle.path, tmp_path / "two"))
    assert read_bundle(elsewhere).digest == bundle.digest


@pytest.mark.parametrize(
    "other",
    [
        (replace(MANIFEST, matching={"match": 0.8}), FILES),
        (replace(MANIFEST, provenance={}), FILES),
        (MANIFEST, FILES | {"idf.safetensors": b"other"}),
        (MANIFEST, FILES | {"scorer.txt": b"more"}),
    ],
)
def test_the_digest_changes_with_whatever_is_in_the_bundle(
    bundle: Bundle, tmp_path: Path, other: tuple[Manifest, dict[str, bytes | Path]]
) -> None:
    assert write_bundle(tmp_path / "other", *other).digest != bundle.digest


def test_a_bundle_is_replaced_by_a_new_one_even_made_from_its_own_files(bundle: Bundle) -> None:
    changed = replace(bundle, matching={"match": 0.7})
    written = write_bundle(bundle.path, changed, {name: bundle.file(name) for name in bundle.files})
    assert read_bundle(bundle.path) == written
    assert written.matching == {"match": 0.7}
    assert [path.name for path in bundle.path.parent.iterdir()] == ["one"]


def test_a_folder_that_is_no_bundle_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "photos").mkdir()
    (tmp_path / "photos" / "cat.jpg").write_bytes(b"cat")
    with pytest.raises(BundleError, match="choose another folder"):
        write_bundle(tmp_path / "photos", MANIFEST, FILES)
    assert [path.name for path in tmp_path.rglob("*")] == ["photos", "cat.jpg"]


def test_an_empty_folder_may_become_a_bundle(tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    assert write_bundle(tmp_path / "empty", MANIFEST, FILES).name == "empty"


def test_parts_that_do_not_fit_together_leave_the_old_bundle_as_it_was(bundle: Bundle) -> None:
    with pytest.raises(BundleError, match=r"no file 'idf.safetensors'"):
        write_bundle(bundle.path, MANIFEST, {"image.safetensors": b"image"})
    assert read_bundle(bundle.path) == bundle
    assert [path.name for path in bundle.path.parent.iterdir()] == ["one"]


def test_a_crash_while_building_leaves_the_old_bundle_as_it_was(bundle: Bundle) -> None:
    with pytest.raises(FileNotFoundError):
        write_bundle(bundle.path, MANIFEST, FILES | {"text/vocab.txt": bundle.path / "nowhere"})
    assert read_bundle(bundle.path) == bundle
    assert [path.name for path in bundle.path.parent.iterdir()] == ["one"]


def test_the_old_bundle_comes_back_when_the_new_one_cannot_take_its_place(bundle: Bundle) -> None:
    with pytest.raises(FileNotFoundError):
        _exchange(bundle.path.with_name("never-built"), bundle.path)
    assert read_bundle(bundle.path) == bundle


def _set(**values: object) -> Callable[[dict], object]:
    return lambda manifest: manifest | values


def _in(part: str, **values: object) -> Callable[[dict], object]:
    return lambda manifest: manifest | {part: manifest[part] | values}


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (_set(format=5), "format 5, format 4 or older wanted; update matchstream"),
        (_set(format=5, speech={"model": "x"}), "format 5, format 4 or older wanted; update matchstream"),
        (_set(format="3"), "'format' in manifest.json"),
        (_set(format=0), "'format' in manifest.json"),
        (
            _set(audio={"model": "x"}),
            "'audio' in manifest.json, which is nothing known here (text, image, lexical, dual, joint, captions, tags)",
        ),
        (_set(dimensions={"text": 384}), "dimensions of text, dimensions of image, text wanted"),
        (_set(dimensions={"text": 384, "image": 0}), "'dimensions.image'"),
        (_set(text=None, image=None, lexical=None, dimensions={}), "no modality"),
        (_set(files={}), "no file 'idf.safetensors'"),
        (_set(files={"../escape": "0" * 64}), "'files.../escape"),
        (_in("image", crop="large"), "'image.crop'"),
        (_in("image", crop=500), "images of 256 pixels cropped to 500"),
        (_in("image", std=[0.2, 0.2, 0]), "'image.std.2'"),
        (_in("image", weights="/etc/weights.safetensors"), "'image.weights'"),
        (_in("image", weights="weights.pth"), "'image.weights'"),
        (_in("image", mena=[0, 0, 0]), "'image.mena'"),
        (_in("lexical", characters=[5, 3]), "runs of (5, 3) characters"),
        (_in("text", max_tokens=1), "'text.max_tokens'"),
        (lambda _: [], "manifest.json holds a list"),
    ],
)
def test_a_manifest_that_cannot_be_used_is_refused_in_words(
    bundle: Bundle, change: Callable[[dict], object], message: str
) -> None:
    path = bundle.path / "manifest.json"
    path.write_bytes(orjson.dumps(change(orjson.loads(path.read_bytes()))))
    with pytest.raises(BundleError, match=f"^bundle 'one': .*{re.escape(message)}"):
        read_bundle(bundle.path)


def test_a_manifest_that_is_not_json_is_refused(bundle: Bundle) -> None:
    (bundle.path / "manifest.json").write_text("{")
    with pytest.raises(BundleError, match="not JSON"):
        read_bundle(bundle.path)


def test_a_file_that_changed_since_is_noticed(bundle: Bundle) -> None:
    (bundle.path / "idf.safetensors").write_bytes(b"tampered")
    with pytest.raises(BundleError, match=r"file 'idf.safetensors' has digest .* copy the bundle again"):
        read_bundle(bundle.path)


def test_a_file_that_was_lost_is_noticed(bundle: Bundle) -> None:
    (bundle.path / "idf.safetensors").unlink()
    with pytest.raises(BundleError, match=r"file 'idf.safetensors' can't be read"):
        read_bundle(bundle.path)


@pytest.mark.parametrize(("name", "message"), [("nowhere", "no folder"), (".", "no manifest.json in")])
def test_where_no_bundle_is_the_remedy_is_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, message: str
) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(BundleError, match=f"{message} .*give a folder that 'matchstream fit' or 'train' wrote"):
        read_bundle(name)


def test_a_bare_name_is_a_bundle_that_ships_and_a_path_is_not(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    shipped = tmp_path / "shipped"
    ours = write_bundle(shipped / "demo", MANIFEST, FILES)
    theirs = write_bundle(tmp_path / "demo", replace(MANIFEST, matching={}), FILES)
    monkeypatch.setattr("encoders.bundle.reading.SHIPPED", shipped)
    monkeypatch.chdir(tmp_path)
    assert read_bundle("demo") == ours
    assert read_bundle("./demo") == read_bundle(Path("./demo").resolve()) == theirs
    assert shipped_bundles() == ["demo"]


def test_bundles_ship_inside_the_package() -> None:
    assert Path(encoders.__file__).parent / "bundles" == SHIPPED
