"""The model hub: what a repository holds, and one file of it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, Final, Self

import httpx
from huggingface_hub import HfApi, constants, hf_hub_download
from huggingface_hub.hf_api import RepoSibling

from encoders.models.choosing import RemoteFile
from encoders.models.refusals import in_words

Tell = Callable[[str, int], None]
"""Is told how many bytes of a file are here."""

MAIN: Final = "main"
"""The revision that is meant where none is named."""

_CONVERTER = "SFconvertbot"
_TRIES = 5
_CHUNK = 1 << 20


@dataclass(frozen=True, slots=True)
class Repository:
    """A repository at one commit.

    Args:
        name: as it was asked for.
        commit: all forty digits.
        licence: as the model's card states it; empty where it states none.
        files: those that lie in no folder.
        conversion: a revision by the hub's own converter with the weights as safetensors, where there is one.
    """

    name: str
    commit: str
    licence: str
    files: tuple[RemoteFile, ...]
    conversion: str | None = None


class Hub:
    """The hub of the environment (`HF_ENDPOINT`, `HF_TOKEN`), by its own library.

    Args:
        endpoint: another one.
    """

    def __init__(self, endpoint: str | None = None) -> None:
        self.endpoint = endpoint or constants.ENDPOINT
        self._api = HfApi(endpoint=self.endpoint, library_name="matchstream")
        # Its own protocol for large files begins a file anew that was cut; plain HTTP goes on where it ended
        constants.HF_HUB_DISABLE_XET = True
        constants.DOWNLOAD_CHUNK_SIZE = _CHUNK  # less is lost at a cut, and the bar moves

    def look(self, name: str, revision: str | None) -> Repository:
        """What a repository holds at a revision, by the commit that it names now.

        Raises:
            PullError: it can't be had, in words.
        """
        with in_words(self.endpoint, name, revision):
            info = self._api.model_info(name, revision=revision or MAIN, files_metadata=True)
            siblings = [one for one in info.siblings or () if "/" not in one.rfilename]
        files = tuple(_remote(one) for one in siblings)
        safe = any(file.name.endswith(".safetensors") for file in files)
        return Repository(name, info.sha or "", _licence(info), files, None if safe else self._conversion(name))

    def _conversion(self, name: str) -> str | None:
        """Asked only for a remedy: whatever goes wrong, there is none."""
        try:
            for one in self._api.get_repo_discussions(name, author=_CONVERTER, discussion_type="pull_request"):
                if one.status in {"open", "draft"} and one.author == _CONVERTER:
                    return f"refs/pr/{one.num}"
        except (httpx.HTTPError, OSError, ValueError, KeyError):
            pass
        return None

    def fetch(self, repository: Repository, file: RemoteFile, folder: Path, tell: Tell) -> Path:
        """Fetch one file into a folder; what is there of it already is not fetched again.

        Raises:
            PullError: it can't be had, in words.
        """
        with in_words(self.endpoint, repository.name, repository.commit):
            for left in reversed(range(_TRIES)):
                try:
                    path = self._download(repository, file, folder, tell)
                except httpx.TransportError:
                    if not left:
                        raise
                else:
                    tell(file.name, file.size)
                    return Path(path)
        raise AssertionError  # the last try returns or raises

    def _download(self, repository: Repository, file: RemoteFile, folder: Path, tell: Tell) -> str:
        meter: Any = _meter(file.name, tell)
        return hf_hub_download(
            repository.name,
            file.name,
            revision=repository.commit,
            local_dir=folder,
            endpoint=self.endpoint,
            tqdm_class=meter,
        )


def _remote(sibling: RepoSibling) -> RemoteFile:
    """Large files have a sha256; git's name of those is of a note that points to them."""
    if sibling.lfs:
        return RemoteFile(sibling.rfilename, sibling.lfs.size, sha256=sibling.lfs.sha256)
    return RemoteFile(sibling.rfilename, sibling.size or 0, blob=sibling.blob_id)


def _meter(name: str, tell: Tell) -> type:
    """A progress bar as the hub's library wants one, which only passes on how far a file is."""

    class Meter:
        def __init__(self, *_: object, initial: int = 0, **__: object) -> None:
            self._here = initial
            tell(name, initial)

        def update(self, size: int = 1) -> None:
            self._here += size
            tell(name, self._here)

        def __enter__(self) -> Self:
            return self

        def __exit__(
            self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
        ) -> None:
            """Nothing is open."""

    return Meter


def _licence(info: Any) -> str:
    card: Any = info.card_data or {}
    stated = card.get("license")
    if stated == "other":
        stated = card.get("license_name") or stated
    return ", ".join(map(str, stated)) if isinstance(stated, list) else str(stated or "")
