"""The published schemas and examples are what the code does."""

from pathlib import Path

import orjson
import pytest
from jsonschema import Draft202012Validator

from streams.events import Judgement, Match, MatchEvent, Message, Verdict, read_listing_event, schemas
from streams.events.listing_model import Listing
from streams.events.listings import MAX_NESTING
from streams.events.records import dead_letter_headers
from streams.events.votes import Vote

DOCS = Path(__file__).parents[4] / "docs" / "schemas"
EXAMPLES = DOCS / "examples"
VALIDATORS = {name: Draft202012Validator(orjson.loads(content)) for name, content in schemas.schemas().items()}
LISTING, MATCH_EVENT, JUDGEMENT = (VALIDATORS[f"{name}.json"] for name in ("listing", "match-event", "judgement"))

TOLD = {
    "match-event-first": MatchEvent(
        listing_id="s1-9",
        revision=1,
        generation="g1",
        cause="listing s7-2 published",
        matches=(
            Match("s7-2", 0.9133, {"image": 0.9541, "text": 0.9012, "lexical": 0.8846, "rule": "combined>=0.85"}),
            Match("s2-120", 0.8712, {"text": 0.8933, "lexical": 0.8491, "rule": "combined>=0.85"}),
        ),
        added=("s7-2", "s2-120"),
        occurred_at="2026-01-01T00:00:00.000Z",
    ),
    "match-event-changed": MatchEvent(
        listing_id="s1-9",
        revision=2,
        generation="g1",
        cause="listing s2-120 withdrawn",
        matches=(
            Match("s7-2", 0.9133, {"image": 0.9541, "text": 0.9012, "lexical": 0.8846, "rule": "combined>=0.85"}),
        ),
        removed=("s2-120",),
        occurred_at="2026-01-01T00:01:00.000Z",
        review=(Match("s2-121", 0.7011, {"lexical": 0.7011, "rule": "0.65<=combined<0.85"}, strong=False),),
        bundle="electronics@0c2f6d1e8a35",
        thresholds="2026-01-01-5d41402a",
        overruled=(
            Match("s9-4", 0.9571, {"text": 0.9571, "rule": "judged different", "unjudged": "match"}, strong=True),
        ),
    ),
    "match-event-none-left": MatchEvent(
        listing_id="s2-ü",
        revision=7,
        generation="summer-2026",
        cause="listing s2-ü published",
        matches=(),
        removed=("s7-2",),
        occurred_at="2026-01-01T00:02:00.500Z",
    ),
    "match-event-sure": MatchEvent(
        listing_id="s3-0001",
        revision=1,
        generation="g1",
        cause="listing s3-0001 published",
        matches=(Match("s3-0002", -1.0, {"image": 1.0, "rule": "image>=0.985"}),),
        added=("s3-0002",),
        occurred_at="2026-01-01T00:03:00.000Z",
    ),
}
"""The events whose values are the golden files."""


def example(name):
    return (EXAMPLES / f"{name}.json").read_bytes()


def listing_examples():
    return sorted(file.stem for file in EXAMPLES.glob("listing-*.json"))


def read(value):
    data = orjson.dumps(value)
    return read_listing_event(Message("listings", str(value.get("listing_id", "a")).encode(), data))


@pytest.mark.parametrize("name", schemas.schemas())
def test_the_published_schema_is_the_one_the_code_makes(name):
    published = (DOCS / name).read_bytes() if (DOCS / name).is_file() else None
    assert published == schemas.schemas()[name], "docs/schemas is not what the code makes: run 'make schemas'"


def test_nothing_else_is_published_as_a_schema():
    assert {file.name for file in DOCS.glob("*.json")} == set(schemas.schemas())


@pytest.mark.parametrize("content", schemas.schemas().values())
def test_schemas_are_schemas(content):
    Draft202012Validator.check_schema(orjson.loads(content))


def test_every_field_of_a_listing_is_described():
    properties = orjson.loads(schemas.schemas()["listing.json"])["properties"]
    assert list(properties) == list(Listing.model_fields)
    assert [name for name, field in properties.items() if not field.get("description")] == []


def test_the_command_writes_the_schemas_and_says_where(tmp_path, capsys):
    schemas.main([str(tmp_path / "new" / "place")])
    files = [tmp_path / "new" / "place" / name for name in schemas.schemas()]
    assert {file.name: file.read_bytes() for file in (tmp_path / "new" / "place").iterdir()} == schemas.schemas()
    assert capsys.readouterr().out == "".join(f"wrote {file}\n" for file in files)


def test_every_example_is_of_a_topic():
    assert len(listing_examples()) >= 4
    products = {file.stem for file in EXAMPLES.glob("product-event-*.json")}
    assert {file.stem for file in EXAMPLES.iterdir()} == {*listing_examples(), *TOLD, *products, "judgement", "vote"}


@pytest.mark.parametrize("name", listing_examples())
def test_a_listing_of_the_examples_fits_the_schema_and_is_read(name):
    value = orjson.loads(example(name))
    LISTING.validate(value)
    found = read(value)
    assert found.listing_id == value["listing_id"]
    assert orjson.dumps(found.raw, option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE) == example(name)


@pytest.mark.parametrize(("name", "event"), TOLD.items())
def test_a_match_event_is_told_byte_for_byte_as_in_the_examples(name, event):
    assert event.to_bytes() + b"\n" == example(name)


@pytest.mark.parametrize(("name", "event"), TOLD.items())
def test_a_match_event_of_the_examples_fits_the_schema_and_is_read(name, event):
    MATCH_EVENT.validate(orjson.loads(example(name)))
    assert MatchEvent.from_bytes(event.listing_id.encode(), example(name)) == event


def test_an_event_without_a_time_of_its_own_fits_the_schema_too():
    MATCH_EVENT.validate(orjson.loads(MatchEvent("a", 1, "g1", "", ()).to_bytes()))


BAD_EVENTS = [
    {"listing_id": ""},
    {"revision": 0},
    {"revision": "1"},
    {"occurred_at": "2026-01-01T00:00:00+01:00"},
    {"occurred_at": "yesterday"},
    {"matches": None},
    {"matches": [{"listing_id": "b", "similarity": 0.9}]},
    {"matches": [{"listing_id": "b", "similarity": 1.2, "evidence": {"rule": "x"}}]},
    {"matches": [{"listing_id": "b", "similarity": 0.9, "evidence": {}}]},
    {"matches": [{"listing_id": "b", "similarity": 0.9, "evidence": {"rule": "x", "image": "0.9"}}]},
    {"added": [1]},
    {"removed": "a"},
]


@pytest.mark.parametrize("fields", BAD_EVENTS, ids=lambda fields: str(fields)[:60])
def test_no_other_shape_fits_the_schema_of_match_events(fields):
    assert not MATCH_EVENT.is_valid(orjson.loads(example("match-event-first")) | fields)


@pytest.mark.parametrize("missing", orjson.loads(example("match-event-first")))
def test_no_field_of_a_match_event_may_be_missing(missing):
    value = orjson.loads(example("match-event-first"))
    del value[missing]
    assert not MATCH_EVENT.is_valid(value)


def test_match_events_may_have_fields_that_are_not_known_yet():
    value = orjson.loads(example("match-event-first")) | {"product": "p1"}
    value["matches"][0] |= {"seller_id": "s7"}
    MATCH_EVENT.validate(value)


def test_the_guide_names_every_header_of_dead_letters_and_every_schema():
    guide = (DOCS / "README.md").read_text()
    headers = dead_letter_headers(Message("listings", None, None), "")
    assert [
        name for name in [*headers, *schemas.schemas()] if f"`{name}`" not in guide and f"({name})" not in guide
    ] == []
    assert f"nest at most {MAX_NESTING} levels" in guide


def test_a_judgement_is_told_byte_for_byte_as_in_the_example():
    told = Judgement.on("s7-2", "s1-9", Verdict.DIFFERENT, by="eva", at="2026-01-01T00:00:00Z")
    assert (told.key, told.to_bytes()) == (b'["s1-9","s7-2"]', example("judgement").rstrip())
    assert JUDGEMENT.is_valid(orjson.loads(example("judgement")))
    assert Judgement.from_bytes(told.key, told.to_bytes()) == told


def test_a_vote_is_told_byte_for_byte_as_in_the_example():
    told = Vote.on("s7-2", "s1-9", Verdict.DIFFERENT, by="eva", at="2026-01-01T00:00:00.000000Z")
    assert (told.key, told.to_bytes()) == (b'["s1-9","s7-2","eva"]', example("vote").rstrip())
    assert VALIDATORS["vote.json"].is_valid(orjson.loads(example("vote")))
    assert Vote.from_bytes(told.key, told.to_bytes()) == told
    assert Vote.from_bytes(told.key, None) == Vote.on("s1-9", "s7-2", None, by="eva")
