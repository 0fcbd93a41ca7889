"""What is refused before a generation is begun, and what it is filled from."""

from dataclasses import replace

import pytest

from encoders.bundle import (
    DualSpec,
    ImageSpec,
    LexicalSpec,
    Manifest,
    TagSpec,
    TextSpec,
    read_bundle,
    write_bundle,
)
from encoders.types import Modality
from streams.errors import GenerationInUseError, GenerationSourceError, SettingsError, UnknownGenerationError
from streams.events.generations import Generation, Live, Roster, Source, Step
from streams.reindex.joining import encoders_of, known_generation
from streams.reindex.planning import Plan, check_name, check_same_plan, origin_of, planned
from streams.settings import Settings

TEXT = {Modality.TEXT: 8}


def manifest(**changes):
    return replace(Manifest(text=TextSpec("light"), lexical=LexicalSpec(), dimensions=TEXT), **changes)


@pytest.fixture
def write(tmp_path):
    def written(name, **changes):
        return write_bundle(tmp_path / name, manifest(**changes), {})

    return written


@pytest.fixture
def live(write):
    """The generation that is live."""
    bundle = write("live")
    return Generation(
        name="g1",
        bundle=str(bundle.path),
        digest=bundle.digest,
        encoders=encoders_of(bundle),
        settings={"search_limit": "64"},
    )


@pytest.mark.parametrize("name", ["", "G2", "-g", "a" * 41, "g.2", "g 2", "../g"])
def test_a_name_is_one_word(name):
    with pytest.raises(SettingsError, match="choose another name"):
        check_name(name, Settings(_env_file=None))


def test_no_generation_is_called_like_the_alias():
    with pytest.raises(SettingsError, match="live collection"):
        check_name("listings", Settings(_env_file=None))


def test_a_generation_is_begun_beside_a_live_one_that_is_not_being_exchanged(live):
    known = {"g1": live}
    assert origin_of(Roster(known, Live(generation="g1"))) == live
    with pytest.raises(UnknownGenerationError, match="matchstream worker"):
        origin_of(Roster(known))
    for step in set(Step) - {Step.SETTLED}:
        with pytest.raises(GenerationInUseError, match="reindex promote g1"):
            origin_of(Roster(known, Live(generation="g1", step=step)))


def test_with_other_thresholds_the_rows_are_taken_over(live, write):
    other = write("other", matching={"list_limit": 7})
    found = planned(Plan(name="g2", bundle=str(other.path)), live, other)
    assert (found.source, found.origin) == (Source.EMBEDDINGS, "g1")
    assert (found.bundle, found.digest) == (str(other.path), other.digest)


def test_rows_that_are_the_same_may_be_made_anew(live):
    found = planned(Plan(name="g2", source=Source.LISTINGS), live, read_bundle(live.bundle))
    assert (found.source, found.origin, found.bundle) == (Source.LISTINGS, "", live.bundle)


def test_settings_stay_unless_they_are_told_otherwise(live):
    bundle = read_bundle(live.bundle)
    assert planned(Plan(name="g2", overrides={"product_limit": "9"}), live, bundle).settings == {
        "search_limit": "64",
        "product_limit": "9",
    }
    assert planned(Plan(name="g2", overrides={"search_limit": "9"}), live, bundle).settings == {"search_limit": "9"}


OTHER_ENCODERS = {
    "text with 16 dimensions instead of 8": {"dimensions": {Modality.TEXT: 16}},
    "(text)": {"text": TextSpec("another")},
    "(lexical)": {"lexical": LexicalSpec(bits=12)},
    "lexical only in 'g1'": {"lexical": None},
    "image only in 'other'": {"image": ImageSpec(), "dimensions": {**TEXT, Modality.IMAGE: 4}},
}


@pytest.mark.parametrize(("told", "changes"), OTHER_ENCODERS.items(), ids=OTHER_ENCODERS)
def test_other_rows_are_made_of_the_listings_and_never_copied(live, write, told, changes):
    other = write("other", **changes)
    assert planned(Plan(name="g2"), live, other).source is Source.LISTINGS
    with pytest.raises(GenerationSourceError, match="--from listings") as raised:
        planned(Plan(name="g2", source=Source.EMBEDDINGS), live, other)
    assert told in raised.value.got


def test_tags_of_other_cuts_are_made_anew_though_all_rows_are_the_same(live, tmp_path):
    def tagged(name, cut, words=b"red\n"):
        dimensions = {**TEXT, Modality.JOINT_IMAGE: 4, Modality.JOINT_TEXT: 4}
        tags = TagSpec({"colour": "tags/colour.txt"}, {"colour": cut})
        parts = manifest(dual=DualSpec("two"), tags=tags, dimensions=dimensions)
        return write_bundle(tmp_path / name, parts, {"tags/colour.txt": words})

    bundle = tagged("tagged", 0.5)
    origin = replace(live, bundle=str(bundle.path), digest=bundle.digest, encoders=encoders_of(bundle))
    assert planned(Plan(name="g2"), origin, tagged("same", 0.5)).source is Source.EMBEDDINGS
    for other in (tagged("other", 0.6), tagged("more", 0.5, b"red\nblue\n")):
        assert planned(Plan(name="g2"), origin, other).source is Source.LISTINGS
        with pytest.raises(GenerationSourceError, match=r"\(captions and tags\)"):
            planned(Plan(name="g2", source=Source.EMBEDDINGS), origin, other)


def test_lengths_are_told_only_where_the_other_bundle_can_be_read(live, write):
    other = write("other", dimensions={Modality.TEXT: 16})
    with pytest.raises(GenerationSourceError, match=r"'g1' \(text\)"):
        planned(Plan(name="g2", source=Source.EMBEDDINGS), replace(live, bundle="/nowhere"), other)


def test_the_same_plan_again_is_no_other_one(live, write):
    begun = planned(Plan(name="g2", overrides={"product_limit": "9"}), live, read_bundle(live.bundle))
    for same in (Plan(name="g2"), Plan(name="g2", bundle=live.bundle, overrides={"search_limit": "64"})):
        check_same_plan(begun, same)
    other = write("other", matching={"list_limit": 7})
    for plan, told in (
        (Plan(name="g2", bundle=str(other.path)), "bundle"),
        (Plan(name="g2", overrides={"product_limit": "8"}), "product_limit=9"),
        (Plan(name="g2", overrides={"qdrant_shards": "8"}), "no qdrant_shards"),
        (Plan(name="g2", source=Source.LISTINGS), "--from embeddings"),
    ):
        with pytest.raises(GenerationInUseError, match="reindex drop g2") as raised:
            check_same_plan(begun, plan)
        assert told in raised.value.got


def test_who_is_not_known_is_told_who_is(live):
    with pytest.raises(UnknownGenerationError, match=r"\('g1'\).*reindex start g2"):
        known_generation(Roster({"g1": live}), "g2")
