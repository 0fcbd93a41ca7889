import pytest
from hypothesis import given
from hypothesis import strategies as st

from encoders.bundle.titles import words_of
from encoders.captions.wording import LONGEST, tidied


@pytest.mark.parametrize(
    ("said", "shown"),
    [
        ("a red mug", "a red mug"),
        ("  a red\n\n mug\t", "a red mug"),
        ("a\x00red\x1b[31m mug", "a red [31m mug"),
        ("a \u202egum\u202c der\u200b mug", "a gum der mug"),
        ("Größe 8-20 €", "Größe 8-20 €"),
        ("\u200b \x07", ""),
    ],
)
def test_a_caption_is_one_line_of_what_can_be_seen(said: str, shown: str) -> None:
    assert tidied(said) == shown


def test_a_long_caption_is_cut_between_words() -> None:
    assert tidied("mug " * 99) == " ".join(["mug"] * (LONGEST // 4))
    assert tidied("m" * 999) == "m" * LONGEST
    assert tidied("m" * LONGEST + " mug") == "m" * LONGEST


@given(st.text(max_size=700))
def test_any_text_is_tidied_once_and_for_all(said: str) -> None:
    shown = tidied(said)
    assert len(shown) <= LONGEST
    assert tidied(shown) == shown
    shown.encode()


@pytest.mark.parametrize(
    ("title", "words"),
    [
        ("", 0),
        (" -- !!! _", 0),
        ("mug", 1),
        ("T-Shirt 8.5 XL", 3),
        ("Mug\u2019s handle", 2),
        ("红色陶瓷马克杯", 4),
        ("コーヒー マグ", 3),
        ("Größe 38½", 2),
    ],
)
def test_words_are_what_has_letters_or_digits(title: str, words: int) -> None:
    assert words_of(title) == words
