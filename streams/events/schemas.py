"""JSON Schemas of the public topics: `python -m streams.events.schemas DIRECTORY` writes them.

They promise: what fits `listing.json` is read, as long as it nests at most `MAX_NESTING` levels and no
whole number in it is beyond 64 bits; what is told fits `match-event.json` and `product-event.json`.
Reading is a little kinder: a price may be a JSON number, for example.
"""

from __future__ import annotations

import argparse
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Annotated, Any, Literal

import orjson
from pydantic import BaseModel, ConfigDict, Field
from pydantic.json_schema import GenerateJsonSchema, JsonSchemaValue
from pydantic_core.core_schema import WithDefaultSchema
from typing_extensions import override

from streams.events.judgements import Verdict
from streams.events.listing_model import Identifier, Listing
from streams.events.product_schema import UTC_TIME, ProductEventValue
from streams.events.votes import MAX_NAME_LENGTH

_Share = Annotated[float, Field(ge=0, le=1)]
_Cosine = Annotated[float, Field(ge=-1, le=1)]


class Evidence(BaseModel):
    """What the decision rests on. A modality that one of the two listings lacks is absent."""

    model_config = ConfigDict(extra="allow")

    rule: str = Field(description="What decided, as in 'combined>=0.90', 'probability>=0.62' or 'judged same'")
    unjudged: Literal["match", "review", "no"] = Field(
        "no", description="What would have been decided without the judgement, where a judgement decided"
    )
    # a default says no more than that the field may be absent
    image: _Cosine = Field(0, description="Similarity of the photos")
    text: _Cosine = Field(0, description="Similarity of the titles' meaning")
    lexical: _Cosine = Field(0, description="Similarity of the titles' words and characters")
    joint_image: _Cosine = Field(0, description="Similarity of the photos, in a space that they share with words")
    joint_text: _Cosine = Field(0, description="Similarity of the titles, in the space that they share with photos")
    joint: _Cosine = Field(0, description="Similarity of photo, title and what else the bundle joins, together")
    text_or_caption: _Cosine = Field(
        0, description="As `text`; of a title that says too little with what a model says of the photo"
    )
    lexical_or_caption: _Cosine = Field(0, description="As `lexical`, likewise")
    probability: _Share = Field(0, description="What the pair scorer gives, where the bundle has one")


class MatchedListing(BaseModel):
    """One listing that is the same product."""

    model_config = ConfigDict(extra="allow")

    listing_id: Identifier = Field(description="The other listing")
    similarity: _Cosine = Field(description="All modalities combined; -1 where only a sure modality could be compared")
    strong: bool = Field(description="Enough by itself to join two products")
    evidence: Evidence


class MatchEventValue(BaseModel):
    """The whole current match list of one listing, with what changed. Readers ignore fields they do not know."""

    model_config = ConfigDict(extra="allow", title="MatchEvent")

    listing_id: Identifier = Field(description="Whose list it is; equals the record's key")
    revision: int = Field(ge=1, description="Grows by one with each change of the list; a repeated one is no news")
    generation: str = Field(min_length=1, description="Which set of encoders and settings decided")
    occurred_at: Annotated[str, Field(pattern=UTC_TIME)] = Field(
        description="When it was decided, in UTC", json_schema_extra={"format": "date-time"}
    )
    cause: str = Field(description="What led to it, in words for people")
    matches: list[MatchedListing] = Field(description="The list, the highest score first")
    added: list[Identifier] = Field(description="In the list now, not in the list told before")
    removed: list[Identifier] = Field(description="In the list told before, not now")
    review: list[MatchedListing] = Field(description="Listings that may be the same product, for people to look at")
    overruled: list[MatchedListing] = Field(
        description="Listings that would match, if nobody had judged them different"
    )
    bundle: str = Field(description="Whose encoders and thresholds decided: name and digest")
    thresholds: str = Field(description="Version of the thresholds; empty where they have none")


class JudgementValue(BaseModel):
    """A person's verdict on two listings; it always wins. Null takes it back. The key is `["A","B"]`, ids in order."""

    model_config = ConfigDict(extra="allow", title="Judgement")

    listing_ids: tuple[Identifier, Identifier] = Field(description="The two, in order")
    verdict: Verdict = Field(description="What the person says")
    by: str = Field("", description="Who")
    at: str = Field("", description="When, in ISO 8601")


class VoteValue(BaseModel):
    """What one person said of two listings; judgements are made of votes. Null takes it back.

    The key is `["A","B","NAME"]`, ids in order.
    """

    model_config = ConfigDict(extra="allow", title="Vote")

    listing_ids: tuple[Identifier, Identifier] = Field(description="The two, in order")
    verdict: Verdict = Field(description="What the person says")
    by: Annotated[str, Field(min_length=1, max_length=MAX_NAME_LENGTH)] = Field(description="Who, as in the key")
    at: str = Field("", description="When, in ISO 8601")


class _Plain(GenerateJsonSchema):
    """Schemas without what only repeats that a field has a name and may be left out."""

    @override
    def field_title_should_be_set(self, schema: Any) -> bool:
        return False

    @override
    def default_schema(self, schema: WithDefaultSchema) -> JsonSchemaValue:
        return self.generate_inner(schema["schema"])


_NO_BLANK = {"type": "string", "pattern": r"\S"}
_SOMETHING_TO_COMPARE = [
    {"required": [name], "properties": {name: wanted}}
    for name, wanted in {
        "title": _NO_BLANK,
        "image": _NO_BLANK,
        "images": {"type": "array", "contains": _NO_BLANK},
    }.items()
]
_PRICE_WITH_CURRENCY = {
    "anyOf": [{"properties": {"price": {"type": "null"}}}, {"properties": {"currency": {"type": "string"}}}]
}


def schemas() -> dict[str, bytes]:
    """Each schema, by its file's name."""
    listing = _schema(Listing, "listing") | {
        "anyOf": _SOMETHING_TO_COMPARE,
        "dependentRequired": {"price": ["currency"]},
        "dependentSchemas": {"price": _PRICE_WITH_CURRENCY},
    }
    return {
        "listing.json": _text(listing),
        "match-event.json": _text(_schema(MatchEventValue, "match-event")),
        "product-event.json": _text(_schema(ProductEventValue, "product-event")),
        "judgement.json": _text(_schema(JudgementValue, "judgement")),
        "vote.json": _text(_schema(VoteValue, "vote")),
    }


def write(directory: Path) -> list[Path]:
    """Write each schema into a directory, which is made if it is not there; where they are."""
    directory.mkdir(parents=True, exist_ok=True)
    for name, content in schemas().items():
        (directory / name).write_bytes(content)
    return [directory / name for name in schemas()]


def _schema(model: type[BaseModel], name: str) -> dict[str, Any]:
    schema = model.model_json_schema(schema_generator=_Plain)
    head = {"$schema": _Plain.schema_dialect, "$id": f"urn:matchstream:schema:{name}"}
    return head | {key: schema[key] for key in ("title", "description", "type", "required", "properties")} | schema


def _text(schema: Mapping[str, Any]) -> bytes:
    return orjson.dumps(schema, option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE)


def main(arguments: Sequence[str] | None = None) -> None:
    """Write the schemas where the command line says."""
    parser = argparse.ArgumentParser(prog="python -m streams.events.schemas", description="Write the JSON schemas.")
    parser.add_argument("directory", type=Path, help="where to write them")
    for file in write(parser.parse_args(arguments).directory):
        print(f"wrote {file}")  # noqa: T201 - it is what the command says


if __name__ == "__main__":
    main()
