"""Files of a bundle that lie about themselves: refused in words, and nothing of what they promise is read."""

import os
import struct
from pathlib import Path

import numpy as np
import orjson
import pytest
from safetensors.numpy import save

from encoders.bundle import read_bundle
from encoders.bundle.headers import parameters_in
from encoders.bundle.reading import new_digest
from encoders.errors import BundleError


def tensors(header: bytes, *, length: int | None = None, data: bytes = b"") -> bytes:
    return struct.pack("<Q", len(header) if length is None else length) + header + data


def claims(shape: list[int], end: int, dtype: str = "F32") -> bytes:
    return orjson.dumps({"weight": {"dtype": dtype, "shape": shape, "data_offsets": [0, end]}})


LYING = {
    "nothing": b"",
    "half a length": b"\x08\x00\x00",
    "a header of 2**63 bytes": tensors(b"{}", length=2**63),
    "a header behind the end": tensors(b"{}", length=1_000_000),
    "no JSON": tensors(b"{" * 64),
    "deep JSON": tensors(b'{"a":' + b"[" * 100_000),
    "data behind the end": tensors(claims([1 << 30], 1 << 32)),
    "less data than its shape": tensors(claims([4], 8), data=bytes(8)),
    "a shape beyond all numbers": tensors(claims([2**40, 2**40], 16), data=bytes(16)),
    "a negative shape": tensors(claims([-1], 4), data=bytes(4)),
    "another kind of number": tensors(claims([4], 16, "F3"), data=bytes(16)),
    "two tensors in one place": tensors(
        orjson.dumps({name: {"dtype": "F32", "shape": [1], "data_offsets": [0, 4]} for name in "ab"}), data=bytes(4)
    ),
    "a pickle": b"\x80\x04\x95cposix\nsystem\n",
}


def bundle(folder: Path, head: bytes) -> Path:
    """One whose manifest is true to its files."""
    (folder / "head.safetensors").write_bytes(head)
    manifest = {
        "format": 2,
        "image": {"head": "head.safetensors"},
        "dimensions": {"image": 4},
        "files": {"head.safetensors": new_digest(head).hexdigest()},
    }
    (folder / "manifest.json").write_bytes(orjson.dumps(manifest))
    return folder


def test_an_honest_file_is_taken(tmp_path: Path) -> None:
    head = save({"weight": np.ones(4, np.float32), "bias": np.ones(4, np.float32)})
    assert read_bundle(bundle(tmp_path, head)).dimensions == {"image": 4}


@pytest.mark.parametrize("head", LYING.values(), ids=LYING)
def test_a_file_of_tensors_that_lies_is_refused_in_words(tmp_path: Path, head: bytes) -> None:
    with pytest.raises(BundleError, match=r"no safetensors file|no tensor") as caught:
        read_bundle(bundle(tmp_path, head))
    assert len(str(caught.value)) < 500
    assert parameters_in(tmp_path / "head.safetensors") is None


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"[" * 100_000,
        b'{"format": 1e400}',
        b'{"format": 99999999999999999999}',
        b'{"format": true, "files": {}}',
        b'{"format": 2, "files": {"../../etc/passwd": "' + b"0" * 64 + b'"}, "lexical": {}}',
        b'{"format": 2, "files": {"a\\u0000": "' + b"0" * 64 + b'"}, "lexical": {}}',
        b'{"format": 2, "files": {"/dev/zero": "' + b"0" * 64 + b'"}, "lexical": {}}',
        b'{"format": 2, "files": {}, "lexical": {"bits": 64}}',
        b'{"format": 2, "files": {}, "lexical": {"limit": 1e9}}',
        b'{"format": 2, "files": {}, "image": {"weights": "../x.safetensors"}, "dimensions": {"image": 4}}',
        b'{"format": 2, "files": {}, "text": {}, "dimensions": {"text": 1e400}}',
    ],
)
def test_a_manifest_that_asks_for_what_no_bundle_has_is_refused_in_words(tmp_path: Path, raw: bytes) -> None:
    (tmp_path / "manifest.json").write_bytes(raw)
    with pytest.raises(BundleError) as caught:
        read_bundle(tmp_path)
    assert len(str(caught.value).splitlines()) == 1


def test_a_file_that_changed_behind_its_manifest_is_refused(tmp_path: Path) -> None:
    folder = bundle(tmp_path, save({"weight": np.ones(4, np.float32), "bias": np.ones(4, np.float32)}))
    os.truncate(folder / "head.safetensors", 20)
    with pytest.raises(BundleError, match="has digest"):
        read_bundle(folder)
