import os
from dataclasses import replace
from errno import EACCES, EDQUOT, ENOENT, ENOSPC
from hashlib import blake2b

import pytest
from fakes.full_disk import files_of_at_most

from encoders.bundle import LexicalSpec, Manifest, read_bundle, write_bundle
from encoders.bundle.writing import _CHUNK_BYTES, _told
from encoders.errors import BundleError

MANIFEST = Manifest(lexical=LexicalSpec())
ROOM = 100_000
TOO_MUCH = b"x" * (2 * ROOM)


@pytest.fixture
def old(tmp_path):
    return write_bundle(tmp_path / "one", MANIFEST, {"a.txt": b"a"})


@pytest.mark.parametrize(
    ("files", "manifest"),
    [
        ({"a.txt": TOO_MUCH, "b.txt": b"b"}, MANIFEST),
        ({"a.txt": b"a", "b.txt": TOO_MUCH}, MANIFEST),
        ({"a.txt": b"a"}, replace(MANIFEST, provenance={"notes": TOO_MUCH.decode()})),
    ],
    ids=["first file", "last file", "manifest"],
)
def test_a_full_disk_is_told_and_the_old_bundle_stays(old, files, manifest):
    with files_of_at_most(ROOM), pytest.raises(BundleError, match=r"can't be written .* make room for .*, or choose"):
        write_bundle(old.path, manifest, files)
    assert read_bundle(old.path) == old
    assert [path.name for path in old.path.parent.iterdir()] == ["one"]


def test_a_full_disk_leaves_nothing_where_nothing_was(tmp_path):
    with files_of_at_most(ROOM), pytest.raises(BundleError, match=r"make room for 200\.0 kB"):
        write_bundle(tmp_path / "deep" / "new", MANIFEST, {"a.txt": TOO_MUCH})
    assert list((tmp_path / "deep").iterdir()) == []


@pytest.mark.parametrize(
    ("number", "remedy"), [(ENOSPC, "make room"), (EDQUOT, "make room"), (EACCES, "choose another")]
)
def test_what_the_file_system_refuses_comes_with_a_remedy(tmp_path, number, remedy):
    with pytest.raises(BundleError, match=f"{os.strerror(number)}.*{remedy}"), _told(tmp_path, {}):
        raise OSError(number, os.strerror(number))


def test_what_is_no_matter_of_the_place_is_not_told_as_one(tmp_path):
    with pytest.raises(FileNotFoundError), _told(tmp_path, {}):
        raise OSError(ENOENT, "gone")


def test_a_file_where_a_folder_should_be_is_told(tmp_path):
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(BundleError, match="choose another folder"):
        write_bundle(tmp_path / "file" / "new", MANIFEST, {})
    with pytest.raises(BundleError, match="choose another folder"):
        write_bundle(tmp_path / ("long" * 100), MANIFEST, {})


def test_files_larger_than_a_part_are_copied_whole(tmp_path):
    data = os.urandom(_CHUNK_BYTES) * 2 + b"end"
    (tmp_path / "weights.bin").write_bytes(data)
    bundle = write_bundle(tmp_path / "new", MANIFEST, {"weights.bin": tmp_path / "weights.bin", "same.bin": data})
    assert bundle.file("weights.bin").read_bytes() == data
    assert bundle.files["weights.bin"] == bundle.files["same.bin"] == blake2b(data, digest_size=32).hexdigest()


def test_names_that_are_no_text_are_told(tmp_path):
    with pytest.raises(BundleError, match="use names that are UTF-8"):
        write_bundle(tmp_path / "new", replace(MANIFEST, provenance={"command": ["fit", "\udcff.jsonl"]}), {})
    assert list(tmp_path.iterdir()) == []
