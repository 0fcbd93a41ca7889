"""Tags that somebody wishes to see: what a photo shows, by a list of phrases and a word of it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Annotated, Any, Final, NamedTuple, Self

from pydantic import BaseModel, Field

from encoders.types import Generated

MOST_TAGS: Final = 8
"""That may be asked for at once."""

TagText = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_-]{0,39}:[^:\s][^:]{0,79}$")]
Tags = Annotated[
    list[TagText],
    Field(
        max_length=MOST_TAGS,
        description="What its photo shows as a model sees it: a list and a word of it, in whatever case; all must hold",
        examples=[["colour:red"]],
    ),
]


class Tagged(NamedTuple):
    """One tag."""

    list: str
    word: str

    @classmethod
    def of(cls, text: str) -> Self:
        """Of 'colour:red'."""
        name, _, word = text.partition(":")
        return cls(name, word.strip())

    def holds(self, generated: Generated) -> bool:
        """Whether a listing's photos show it, as far as a model can tell."""
        found = generated.tags.get(self.list)
        return found is not None and found.word.casefold() == self.word.casefold()


def tagged(texts: Iterable[str]) -> tuple[Tagged, ...]:
    """Each once, in the order given."""
    return tuple(dict.fromkeys(map(Tagged.of, texts)))


class TagAnswer(BaseModel):
    """What a photo shows, of one list of phrases."""

    word: str
    probability: float = Field(description="That it is this one of its list")


class GeneratedAnswer(BaseModel):
    """What models say of a listing's photos: never its seller's words, and never taken for them."""

    caption: str | None = Field(description="A sentence on the photo, where the title says too little")
    tags: dict[str, TagAnswer] = Field(description="By the name of their list, as 'colour'")
    line: str = Field(description="All of it on one line, for people")

    @classmethod
    def of(cls, generated: Generated) -> Self | None:
        """The same for programs; None where nothing was generated."""
        if not generated:
            return None
        return cls.model_validate({"caption": None, "tags": {}, **generated.to_json()})


def stored(value: Mapping[str, Any] | None) -> GeneratedAnswer | None:
    """What was kept as JSON."""
    return GeneratedAnswer.of(Generated.from_json(value or {}))
