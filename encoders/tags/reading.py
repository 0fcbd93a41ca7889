"""Lists of tags: files of one tag a line, with the phrases that say it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from encoders.errors import BundleError

MOST_WORDS: Final = 1_000
"""Of a list."""
MOST_PHRASES: Final = 20
"""Of a tag."""
LONGEST: Final = 80
"""Characters of a word or a phrase; models read few more."""

_LARGEST_BYTES = 1_000_000
_SUFFIX = ".txt"
_NAME = re.compile(r"[a-z][a-z0-9_-]{0,39}")
_SHIPPED = Path(__file__).parent / "lists"
_COMMENT = "#"


@dataclass(frozen=True, slots=True)
class TagList:
    """The tags of one list.

    Args:
        name: as 'colour'.
        tags: each word, in the order of the file, to the phrases that say it.
        meanings: words and phrases, without what does not matter, to the word.
    """

    name: str
    tags: Mapping[str, tuple[str, ...]]
    meanings: Mapping[str, str]

    def word_of(self, text: str) -> str | None:
        """The word that somebody means who writes this: the word itself or one of its phrases."""
        return self.meanings.get(_plain(text))


def shipped_lists() -> dict[str, Path]:
    """The lists that come with the package: name to file."""
    return {path.stem: path for path in sorted(_SHIPPED.glob(f"*{_SUFFIX}"))}


def lists_in(folder: Path, bundle: str) -> dict[str, Path]:
    """The lists of a folder of one's own: name to file.

    Args:
        folder: what is not called NAME.txt there is left out.
        bundle: that they are for.

    Raises:
        BundleError: there is no such folder, or no list in it, or one whose name can't be used.
    """
    files = {path.stem: path for path in sorted(folder.glob(f"*{_SUFFIX}")) if path.is_file()}
    if not files:
        got = f"no list in '{folder}'" if folder.is_dir() else f"no folder '{folder}'"
        raise BundleError(bundle, got, "files as 'colour.txt'", "write a list, one tag a line")
    if odd := next((name for name in files if not _NAME.fullmatch(name)), None):
        got, wanted = f"the list '{odd}{_SUFFIX}'", "a name of small letters, digits, '-' and '_', 40 at most,"
        raise BundleError(bundle, got, wanted, "rename it")
    return files


def read_list(name: str, path: Path, bundle: str) -> TagList:
    """Read one list: a line is `word` or `word: phrase, phrase`; empty lines and `#` comments are skipped.

    Args:
        name: of the list.
        path: its file, UTF-8.
        bundle: that it is for.

    Raises:
        BundleError: a line says something else; it names the line.
    """
    reading = _Reading(name, f"list '{path}'", bundle)
    for number, line in enumerate(_lines(reading, path), start=1):
        text = line.split(_COMMENT, 1)[0].strip()
        if text:
            reading.take(number, text)
    if not reading.tags:
        raise reading.refusal("no tag", "at least one", "write one a line, or remove the file")
    return TagList(name, reading.tags, reading.meanings)


def _lines(reading: _Reading, path: Path) -> list[str]:
    try:
        data = path.read_bytes()
    except OSError as error:
        got, remedy = f"can't be read ({error.strerror or error})", "check the file"
        raise reading.refusal(got, "a list of tags", remedy) from error
    if len(data) > _LARGEST_BYTES:
        raise reading.refusal(f"{len(data)} bytes", f"at most {_LARGEST_BYTES}", "shorten it")
    try:
        return data.decode("utf-8-sig").splitlines()
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise reading.refusal("a byte that is not UTF-8", "UTF-8", "save it as UTF-8", line) from error


class _Reading:
    """The tags of a file so far, and where each word and phrase was."""

    def __init__(self, name: str, subject: str, bundle: str) -> None:
        self.tags: dict[str, tuple[str, ...]] = {}
        self._name, self._subject, self._bundle = name, subject, bundle
        self.meanings: dict[str, str] = {}

    def take(self, line: int, text: str) -> None:
        word, colon, rest = (part.strip() for part in text.partition(":"))
        phrases = tuple(part.strip() for part in rest.split(",")) if colon else (word,)
        self._check(line, word, phrases)
        for one in dict.fromkeys((_plain(word), *map(_plain, phrases))):
            if one in self.meanings:
                got = f"'{one}', which '{self.meanings[one]}' has already"
                raise self.refusal(got, "each word and phrase once", "remove one of them", line)
            self.meanings[one] = word
        self.tags[word] = phrases

    def _check(self, line: int, word: str, phrases: tuple[str, ...]) -> None:
        if not all((word, *phrases)):
            raise self.refusal("nothing where a word or phrase is", "a word", "write it, or remove the sign", line)
        if "," in word:
            raise self.refusal(f"'{word[:LONGEST]}'", "one tag a line", "write 'word: phrase, phrase'", line)
        if odd := next((one for one in (word, *phrases) if len(one) > LONGEST or not one.isprintable()), None):
            got = f"{len(odd)} characters" if len(odd) > LONGEST else "a character that can't be printed"
            raise self.refusal(got, f"at most {LONGEST} that can be", "shorten it", line)
        if len(set(map(_plain, phrases))) < len(phrases):
            raise self.refusal(f"a phrase of '{word}' again", "each once", "remove one of them", line)
        if len(phrases) > MOST_PHRASES:
            raise self.refusal(f"{len(phrases)} phrases", f"at most {MOST_PHRASES}", "keep the best", line)
        if len(self.tags) == MOST_WORDS:
            raise self.refusal("another tag", f"at most {MOST_WORDS}", "make two lists of it", line)

    def refusal(self, got: str, wanted: str, remedy: str, line: int | None = None) -> BundleError:
        """An error that names the file and the line."""
        where = self._subject if line is None else f"{self._subject}, line {line}"
        return BundleError(self._bundle, f"{where}: {got}", wanted, remedy)


def _plain(text: str) -> str:
    """Without what does not matter when two are compared."""
    return " ".join(text.casefold().replace("-", " ").replace("_", " ").split())
