"""What the interface answers to whoever asks why."""

from __future__ import annotations

from typing import Any, Self

from pydantic import BaseModel, Field

from streams.matching.policy import NEVER
from streams.stages.explaining import Explained
from streams.web.tags import GeneratedAnswer, TagAnswer


class JudgedBy(BaseModel):
    """What a person said of the two."""

    verdict: str = Field(description="same, different or unsure")
    by: str = Field(description="Who; empty where nobody gave a name")
    at: str = Field(description="When, in ISO 8601; empty where it was not said")


class Neighbor(BaseModel):
    """A listing that another was blended with."""

    listing_id: str
    weight: float = Field(description="How much it counted; the listing itself counts 1")


class Contradiction(BaseModel):
    """Something that the two state differently, which makes them variants."""

    kind: str = Field(description="What: gtin, amount, pack, storage, size, colour, model, ...")
    reason: str = Field(description="In words, the first listing's value first")


class ScoreThresholds(BaseModel):
    """From which score on a pair matches, and from which on people should look."""

    match: float | None = Field(description="null: no score matches by itself")
    review: float | None = Field(description="null: there is no band for review")


class TagsOfTwo(BaseModel):
    """What the photos of the two show, of one list of phrases."""

    name: str = Field(description="Of the list, as 'colour'")
    one: TagAnswer | None = Field(description="null where a model can't tell")
    other: TagAnswer | None = Field(description="Likewise")
    agree: bool | None = Field(description="Whether it is the same word; null where one of the two is not known")


class Explanation(BaseModel):
    """Two listings, and every number that decides on them."""

    listing_ids: tuple[str, str] = Field(description="As they were asked for")
    listings: tuple[dict[str, Any] | None, dict[str, Any] | None] = Field(description="As their sellers sent them")
    generated: tuple[GeneratedAnswer | None, GeneratedAnswer | None] = Field(
        description="What models say of the photos; it decides nothing by itself"
    )
    tags: list[TagsOfTwo] = Field(description="The tags among that, side by side")
    neighbors: tuple[list[Neighbor], list[Neighbor]] = Field(description="Whom each was blended with")
    raw: dict[str, float] = Field(description="Similarity in each modality that both have, as they were encoded")
    blended: dict[str, float] = Field(description="The same after blending, which is what counts")
    worth: dict[str, float] = Field(description="The same after calibration")
    combined: float = Field(description="All together; -1 where the two have no modality in common")
    score: float = Field(description="What is compared with the thresholds")
    contributions: dict[str, float] = Field(description="What each comparison of the pair scorer adds to the log odds")
    vetoes: list[Contradiction]
    thresholds: ScoreThresholds
    outcome: str = Field(description="match, review or no", examples=["match"])
    reason: str = Field(description="What decided", examples=["probability 0.9914>=0.90"])
    judgement: JudgedBy | None
    in_list: bool = Field(description="Whether the first one's list, as it was last computed, has the second")
    bundle: str = Field(description="Whose encoders and thresholds decided")
    version: str = Field(description="Of the thresholds; empty if they have none")

    @classmethod
    def of(cls, explained: Explained) -> Self:
        """The same for programs."""
        fields = explained.to_json()
        judgement = explained.judgement
        around = [[Neighbor(listing_id=one, weight=weight) for one, weight in some] for some in explained.neighbors]
        match = explained.found.thresholds.match
        said = judgement and JudgedBy(verdict=judgement.verdict or "", by=judgement.by, at=judgement.at)
        return cls.model_validate(
            {
                **fields,
                "generated": [GeneratedAnswer.of(one) for one in explained.generated],
                "tags": [{**pair.to_json(), "name": pair.list} for pair in explained.tags],
                "neighbors": around,
                "judgement": said,
                "thresholds": {**fields["thresholds"], "match": None if match == NEVER else match},
            }
        )
