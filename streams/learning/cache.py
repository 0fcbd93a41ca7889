"""Dense rows kept on disk, so that what was embedded once is not embedded again.

A folder holds the rows of one encoder, in safetensors files that are written once and never changed: two
processes may write at the same time, and a row that is there twice is the same row.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import suppress
from hashlib import blake2b
from pathlib import Path
from uuid import uuid4

import numpy as np
import orjson
from numpy.typing import NDArray
from safetensors import SafetensorError
from safetensors.numpy import load_file, save

from encoders.bundle import Bundle
from encoders.bundle.parts import identity_of
from encoders.types import Modality

DEFAULT_FOLDER = Path(".cache/matchstream")
_KEY_BYTES = 16

Key = bytes
Dense = NDArray[np.float32]


def key_of(content: str | bytes) -> Key:
    """What a title or an image file is known by."""
    data = content.encode("utf-8", "surrogatepass") if isinstance(content, str) else content
    return blake2b(data, digest_size=_KEY_BYTES).digest()


class RowCache:
    """The rows of one encoder by the digest of what was encoded.

    Args:
        folder: of this encoder alone; None keeps nothing.
        size: numbers in a row.
        warn: told what can't be read or written; work goes on without.
    """

    def __init__(self, folder: Path | None, size: int, warn: Callable[[str], None]) -> None:
        self._folder, self._size, self._warn = folder, size, warn
        self._rows: dict[Key, Dense] = {}
        for file in sorted(folder.glob("*.safetensors")) if folder else ():
            self._read(file)

    def get(self, key: Key) -> Dense | None:
        """The row, if it is kept."""
        return self._rows.get(key)

    def add(self, rows: Mapping[Key, Dense]) -> None:
        """Keep more rows, on disk too."""
        self._rows.update(rows)
        if rows and self._folder:
            try:
                self._write(self._folder, rows)
            except OSError as error:
                self._warn(f"embeddings are not kept in '{self._folder}': {error}; they will be computed again")
                self._folder = None

    def _read(self, file: Path) -> None:
        try:
            tensors = load_file(file)
            self._rows.update(self._checked(tensors["keys"], tensors["rows"]))
        except (OSError, SafetensorError, KeyError, ValueError) as error:
            self._warn(f"kept embeddings '{file}' can't be read ({error}); they are computed again")

    def _checked(self, keys: NDArray[np.uint8], rows: Dense) -> dict[Key, Dense]:
        if keys.shape != (len(rows), _KEY_BYTES) or rows.shape != (len(keys), self._size):
            raise ValueError(f"{keys.shape} keys and {rows.shape} rows")
        return dict(zip(map(bytes, keys), rows, strict=True))

    def _write(self, folder: Path, rows: Mapping[Key, Dense]) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        keys = np.frombuffer(b"".join(rows), np.uint8).reshape(-1, _KEY_BYTES)
        data = save({"keys": keys.copy(), "rows": np.stack(list(rows.values()))})
        building = folder / f".{uuid4().hex}"
        try:
            building.write_bytes(data)
            building.rename(folder / f"{key_of(data).hex()}.safetensors")
        finally:
            with suppress(FileNotFoundError):
                building.unlink()


def folder_of(bundle: Bundle, modality: Modality, folder: Path) -> Path:
    """Where the rows of one of a bundle's encoders are: bundles that share it share them.

    A model named by a path or by a hub's name is taken to be the same as long as the name is.
    """
    return folder / f"{modality}-{identity_of(bundle, modality)}"


def captions_folder(bundle: Bundle, folder: Path) -> Path:
    """Where the captions by a bundle's model are; which titles get one, and how much it counts, is no part of them."""
    spec = bundle.captions
    files = {name: one for name, one in bundle.files.items() if spec and name.startswith(f"{spec.model}/")}
    said = {"prompt": spec.prompt, "max_tokens": spec.max_tokens, "revision": spec.revision} if spec else {}
    model = files or (spec.model if spec else "")
    known = orjson.dumps({**said, "model": model}, option=orjson.OPT_SORT_KEYS)
    return folder / f"captions-{key_of(known).hex()}"
