import re

import pytest

from encoders.errors import BundleError
from encoders.tags import lists_in, read_list, shipped_lists


@pytest.fixture
def read(tmp_path):
    """Reads a list with the given content."""

    def run(content):
        (tmp_path / "colour.txt").write_bytes(content if isinstance(content, bytes) else content.encode())
        return read_list("colour", tmp_path / "colour.txt", "mine")

    return run


def test_a_line_is_a_word_with_its_phrases_or_a_word_alone(read):
    found = read("\ufeff# colours\r\nred\r\n\r\ngrey: gray, something grey  # two\n")
    assert found.tags == {"red": ("red",), "grey": ("gray", "something grey")}
    assert [found.word_of(text) for text in (" RED", "Something-Grey", "grey", "green")] == [
        "red",
        "grey",
        "grey",
        None,
    ]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("red\n\nRed", "line 3: 'red', which 'red' has already, each word and phrase once wanted; remove one of them"),
        ("grey: gray\nsilver: Gray", "line 2: 'gray', which 'grey' has already"),
        ("grey: gray, GRAY", "line 1: a phrase of 'grey' again"),
        ("grey:", "line 1: nothing where a word or phrase is"),
        (": gray", "line 1: nothing where"),
        ("grey: a,,b", "line 1: nothing where"),
        ("red, blue", "line 1: 'red, blue', one tag a line wanted; write 'word: phrase, phrase'"),
        ("x" * 81, "line 1: 81 characters, at most 80"),
        ("red\nbl\x1bue", "line 2: a character that can't be printed"),
        ("red: " + ", ".join(map(str, range(21))), "line 1: 21 phrases, at most 20 wanted"),
        ("\n".join(map(str, range(1001))), "line 1001: another tag, at most 1000 wanted; make two lists"),
        (b"red\nblau\ngr\xfcn", "line 3: a byte that is not UTF-8, UTF-8 wanted; save it as UTF-8"),
        ("# none", "no tag, at least one wanted"),
        ("x\n" * 500_001, "1000002 bytes, at most 1000000 wanted"),
    ],
)
def test_another_line_is_refused_by_file_and_number(read, tmp_path, content, message):
    with pytest.raises(BundleError, match=rf"bundle 'mine': list '{tmp_path}/colour.txt'.*{re.escape(message)}"):
        read(content)


def test_a_file_that_is_not_there_is_refused(tmp_path):
    with pytest.raises(BundleError, match=r"list '.*no\.txt': can't be read"):
        read_list("no", tmp_path / "no.txt", "mine")


def test_the_lists_that_ship_can_be_read_and_are_large_enough():
    counts = {name: len(read_list(name, path, "x").tags) for name, path in shipped_lists().items()}
    wanted = {"category": 80, "colour": 25, "material": 40, "pattern": 20, "style": 25, "use": 30}
    assert counts.keys() == wanted.keys()
    assert all(counts[name] >= least for name, least in wanted.items())


def test_a_folder_of_ones_own_holds_lists_by_name(tmp_path):
    for name in ("brand.txt", "colour.txt", "notes.md"):
        (tmp_path / name).write_text("x")
    assert list(lists_in(tmp_path, "mine")) == ["brand", "colour"]
    (tmp_path / "My list.txt").write_text("x")
    with pytest.raises(BundleError, match=r"the list 'My list\.txt', a name of small letters"):
        lists_in(tmp_path, "mine")


def test_a_folder_without_lists_is_refused(tmp_path):
    with pytest.raises(BundleError, match="no list in"):
        lists_in(tmp_path, "mine")
    with pytest.raises(BundleError, match="no folder"):
        lists_in(tmp_path / "nowhere", "mine")
