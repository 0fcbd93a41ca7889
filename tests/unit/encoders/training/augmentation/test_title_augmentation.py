import re
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from dataclasses import fields, replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from encoders.training.augmentation import TitleAugmentation, TitleSettings
from encoders.training.augmentation.slips import pieces_of
from encoders.training.catalogue import TRAINING_SEED, generate_catalogue
from streams.matching.details import Details
from streams.matching.variants import VetoKind, vetoes_of

CHANGES = [field.name for field in fields(TitleSettings) if field.name != "strength"]
NOTHING = TitleSettings(**dict.fromkeys(CHANGES, 0.0))
EVERYTHING = TitleSettings(**dict.fromkeys(CHANGES, 1.0))
TITLE = "Samsung Galaxy smartphone SM-G960F 64 GB black dual sim without charger"


def written(title, seeds=60, **often):
    """What becomes of a title by one change alone."""
    augmentation = TitleAugmentation(replace(NOTHING, **often))
    return {augmentation(title, seed) for seed in range(seeds)}


@given(title=st.text(max_size=60), seed=st.integers(0, 2**63 - 1))
@settings(max_examples=120, deadline=None)
def test_no_text_becomes_empty_and_the_seed_decides(title, seed):
    augmentation = TitleAugmentation(EVERYTHING)
    changed = augmentation(title, seed)
    assert bool(changed.strip()) == bool(title.strip())
    assert augmentation(title, seed) == changed


@given(words=st.lists(st.sampled_from([*TITLE.split(), "İ", "6 x 330 ml", '5.8"']), min_size=1))
@settings(max_examples=60, deadline=None)
def test_leaving_out_alone_adds_nothing_and_leaves_something(words):
    title = " ".join(words)
    for kept in written(title, seeds=4, drop=0.7, telling_drop=0.7):
        assert kept
        assert not Counter(kept.split()) - Counter(title.split())


@given(title=st.text(max_size=40))
@settings(max_examples=40, deadline=None)
def test_without_strength_the_title_stays(title):
    assert TitleAugmentation(replace(EVERYTHING, strength=0.0))(title, 1) == title


def test_threads_and_another_order_get_the_same():
    augmentation = TitleAugmentation()
    alone = [augmentation(TITLE, seed) for seed in range(200)]
    with ThreadPoolExecutor(6) as pool:
        together = list(pool.map(lambda seed: augmentation(TITLE, seed), reversed(range(200))))
    assert alone == together[::-1]
    assert len(set(alone)) > 100


def test_what_tells_variants_apart_is_left_out_at_the_stated_rate():
    title = " ".join([*("word",) * 20, *("w4",) * 20])
    augmentation = TitleAugmentation(replace(NOTHING, drop=0.2, telling_drop=0.05))
    kept = Counter(word for seed in range(300) for word in augmentation(title, seed).split())
    assert kept["word"] / 6000 == pytest.approx(0.80, abs=0.02)
    assert kept["w4"] / 6000 == pytest.approx(0.95, abs=0.02)


def test_strength_multiplies_what_is_left_out():
    augmentation = TitleAugmentation(replace(NOTHING, drop=0.4, strength=0.5))
    kept = sum(len(augmentation("word " * 20, seed).split()) for seed in range(300))
    assert kept / 6000 == pytest.approx(0.8, abs=0.02)


@pytest.mark.parametrize("word", ["without sim", "w/out sim", "pro", "Plus,", "frost free", "8", "12-pack"])
def test_telling_words_are_not_left_out_with_the_others(word):
    assert all(word in one for one in written(f"red kettle {word} handle", drop=1.0))


def test_what_only_says_something_together_stays_together():
    assert pieces_of("Cola 6 x 330 ml caffeine free No sugar red") == [
        *("Cola", "6 x 330 ml", "caffeine free", "No sugar", "red"),
    ]


@pytest.mark.parametrize(
    ("title", "becomes"),
    [
        ("kettle black", {"kettle blk", "kettle blck"}),
        ("kettle BLK", {"kettle BLACK", "kettle BLCK"}),
        ("Black kettle", {"Blk kettle", "Blck kettle"}),
        ("pan, s/s, lid", {"pan, stainless steel, lid", "pan, stainless, lid"}),
        ("phone w/o sim", {"phone without sim", "phone w/out sim"}),
        ("hob 55 inch", {"hob 55in", 'hob 55"', "hob 55 inches"}),
        ('hob 55"', {"hob 55in", "hob 55 inch", "hob 55inch"}),
        ("hob 55in", {'hob 55"', "hob 55 inch", "hob 55inch"}),
        ("phone 64 gb 5.8 inch", {'phone 64 gigabyte 5.8"', "phone 64 gigabyte 5.8in"}),
        ("milk 2 litre", {"milk 2l", "milk 2 ltr", "milk 2ltr"}),
    ],
)
def test_words_and_units_are_written_otherwise_both_ways(title, becomes):
    assert becomes <= written(title, seeds=80, spelling=1.0)


@pytest.mark.parametrize(
    "title",
    [
        "size 8 in black-ish",
        "2 in 1",
        "blackberry",
        "dress ss",
        "4g phone",
        "8 m",
        "12-330ml",
        "5 ml2",
        "A/with/B",
        "X-blk",
    ],
)
def test_what_only_looks_like_another_spelling_stays(title):
    assert written(title, spelling=1.0) == {title}


@pytest.mark.parametrize(
    ("title", "becomes"),
    [
        ("SM-G960F/DS", {"SMG960F/DS", "SM G960F/DS"}),
        ("KX410", {"KX-410", "KX 410"}),
        ("2-in-1 press", {"2in1 press", "2 in 1 press"}),
        ("lens 18-55mm", {"lens 18-55mm"}),
        ("T-shirt 2019-20", {"T-shirt 2019-20"}),
        ("500ml MP3", {"500ml MP3"}),
    ],
)
def test_model_numbers_are_joined_and_parted(title, becomes):
    assert written(title, model=1.0) == becomes


def test_neighbours_change_places_but_nothing_that_tells_variants_apart():
    assert written("red kettle steel 2 litre pro", swap=1.0) == {
        "kettle red steel 2 litre pro",
        "red steel kettle 2 litre pro",
    }
    assert written("iphone 8 64 gb", swap=1.0) == {"iphone 8 64 gb"}


def test_one_letter_is_wrong_in_one_long_word():
    changed = written("Panasonic toaster mini x3000b", seeds=200, typo=1.0)
    assert len(changed) > 30
    for title in changed:
        one, other, *rest = title.split()
        assert rest == ["mini", "x3000b"]
        assert (one == "Panasonic") != (other == "toaster")
        assert one[0] + other[0] == "Pt"
        assert abs(len(one) + len(other) - len("Panasonictoaster")) <= 1


def test_a_typo_changes_a_word_of_one_letter_only():
    assert "aaaaa" not in written("aaaaa", typo=1.0)


def test_case_changes_and_letters_stay():
    changed = written("Bosch kettle 2l", case=1.0)
    assert changed == {"BOSCH KETTLE 2L", "bosch kettle 2l", "Bosch Kettle 2l"}


def test_noise_stands_before_or_behind_the_title():
    changed = written(TITLE, seeds=200, noise=1.0)
    assert all(TITLE in title and len(title) > len(TITLE) for title in changed)
    assert {title.startswith(TITLE) for title in changed} == {True, False}


def test_no_veto_reads_a_contradiction_into_what_is_written_otherwise():
    often = replace(EVERYTHING, drop=0.3, telling_drop=0.1, spelling=0.7, model=0.7)
    augmentation = TitleAugmentation(often)
    titles = [one.title for one in generate_catalogue(60, TRAINING_SEED, photos=False) if one.title]
    for seed, title in enumerate(titles):
        changed = augmentation(title, seed)
        assert not vetoes_of(Details(title=title), Details(title=changed), tuple(VetoKind)), (title, changed)


def test_digits_are_all_there_where_nothing_is_left_out():
    noise_free = replace(EVERYTHING, drop=0.0, telling_drop=0.0, noise=0.0)
    augmentation = TitleAugmentation(noise_free)
    title = "Canon EOS-4000D 18-55mm 24.1 MP 6 x 330 ml 7-in-1 KX410"
    assert all(re.sub(r"\D", "", augmentation(title, seed)) == re.sub(r"\D", "", title) for seed in range(60))


@pytest.mark.parametrize("change", ["strength", *CHANGES])
@pytest.mark.parametrize("share", [-0.1, 1.01, float("nan")])
def test_a_setting_that_is_no_share_is_refused_by_name(change, share):
    with pytest.raises(ValueError, match=f"title augmentation: {change} is {share}, a number from 0 to 1 wanted"):
        TitleSettings(**{change: share})
