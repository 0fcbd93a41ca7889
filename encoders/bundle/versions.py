"""Whether the libraries are of the versions that a bundle was made with."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from functools import cache
from importlib.metadata import PackageNotFoundError, version

from encoders.bundle.manifest import Manifest

_ENCODING = ("torch", "torchvision", "transformers")
"""Those that compute rows. Only a new major version may compute noticeably others."""

_log = logging.getLogger(__name__)


def other_versions(manifest: Manifest) -> dict[str, tuple[str, str]]:
    """Libraries whose major version is another here than where the bundle was made: then and now, by name."""
    made_with = manifest.provenance.get("libraries")
    if not isinstance(made_with, Mapping):
        return {}
    pairs = {name: (str(made_with[name]), _installed(name)) for name in _ENCODING if name in made_with}
    return {name: (then, now) for name, (then, now) in pairs.items() if now and _major(then) != _major(now)}


def warn_of_other_versions(name: str, manifest: Manifest) -> None:
    """Log, once in a process, that rows may differ from those that the thresholds were chosen for."""
    for library, (then, now) in other_versions(manifest).items():
        _warn_once(name, library, then, now)


@cache
def _warn_once(name: str, library: str, then: str, now: str) -> None:
    remedy = "compare with 'matchstream evaluate', or make the bundle again"
    _log.warning("bundle '%s': made with %s %s, %s is installed; %s", name, library, then, now, remedy)


def _installed(library: str) -> str:
    try:
        return version(library)
    except PackageNotFoundError:
        return ""


def _major(number: str) -> str:
    return number.split(".", 1)[0]
