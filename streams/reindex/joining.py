"""A worker and the roster: which settings are its generation's, and whether it may work for it."""

from __future__ import annotations

from typing import Final

from encoders.bundle import Bundle
from encoders.bundle.parts import identity_of, identity_of_generated
from encoders.types import Modality
from streams.brokers.roster import read_roster, remove_generation, write_generation, write_live
from streams.errors import IndexMismatchError, UnknownGenerationError
from streams.events.generations import Generation, Live, Roster
from streams.reindex.shaping import settings_of
from streams.settings import Settings

__all__ = ["GENERATED", "encoders_of", "ensure_on_roster", "known_generation", "settings_on_roster"]

GENERATED: Final = "captions and tags"
"""What stands for these among the modalities."""


async def ensure_on_roster(settings: Settings, bundle: Bundle) -> Roster:
    """The roster, when the generation of the settings is on it; the first generation there is becomes the live one.

    Raises:
        UnknownGenerationError: it is not, and another one is.
        IndexMismatchError: it was begun with another bundle.
        TopicMissingError: there is no roster.
        BrokerUnavailableError: no broker answers.
    """
    roster = await read_roster(settings)
    if roster.live is None:
        await _put_first(settings, bundle, roster)
        roster = await read_roster(settings)
        if not roster.is_live(settings.generation):  # the first worker of another one came at the same time
            await remove_generation(settings, settings.generation)
            roster = await read_roster(settings)
    _check_bundle(known_generation(roster, settings.generation), bundle)
    return roster


async def settings_on_roster(settings: Settings, *, chosen: bool) -> Settings:
    """The settings with what the roster says of their generation; unchanged where it is not on the roster yet.

    Args:
        settings: of this process.
        chosen: whether the generation was named for this run alone. Then its bundle comes from the roster; otherwise
            one that the environment names stays, and is checked like ever.

    Raises:
        UnknownGenerationError: the generation is not on the roster, and others are.
        SettingsError: a setting that it was begun with can't be used any more.
        TopicMissingError: there is no roster.
        BrokerUnavailableError: no broker answers.
    """
    if settings.broker_embedded:
        return settings
    roster = await read_roster(settings)
    if roster.live is None:
        return settings
    found = settings_of(settings, known_generation(roster, settings.generation))
    if chosen or "bundle" not in settings.model_fields_set:
        return found
    return found.model_copy(update={"bundle": settings.bundle})


def known_generation(roster: Roster, name: str) -> Generation:
    """What the roster says of that generation.

    Raises:
        UnknownGenerationError: nothing.
    """
    if name in roster.generations:
        return roster.generations[name]
    known = ", ".join(f"'{one}'" for one in sorted(roster.generations)) or "none yet"
    raise UnknownGenerationError(
        f"generation '{name}'",
        got="nothing of it on the roster",
        wanted=f"one that was begun ({known})",
        remedy=f"check the name, or begin it: 'matchstream reindex start {name}'",
    )


def encoders_of(bundle: Bundle) -> dict[str, str]:
    """Of each modality that is encoded, the digest of all that its rows depend on; joint rows are derived later.

    Likewise of captions and tags, where there are any: they are copied beside rows.
    """
    rows = {str(one): identity_of(bundle, one) for one in sorted(bundle.modalities - {Modality.JOINT})}
    generated = identity_of_generated(bundle)
    return rows if generated is None else {**rows, GENERATED: generated}


async def _put_first(settings: Settings, bundle: Bundle, roster: Roster) -> None:
    if settings.generation not in roster.generations:
        first = Generation(
            name=settings.generation, bundle=settings.bundle, digest=bundle.digest, encoders=encoders_of(bundle)
        )
        await write_generation(settings, first)
    await write_live(settings, Live(generation=settings.generation))


def _check_bundle(generation: Generation, bundle: Bundle) -> None:
    if bundle.digest != generation.digest:
        raise IndexMismatchError(
            f"generation '{generation.name}'",
            got=f"bundle {bundle.digest[:12]}",
            wanted=f"{generation.digest[:12]} ('{generation.bundle}'), with which it was begun,",
            remedy="name that bundle in MATCHSTREAM_BUNDLE, or begin another one: 'matchstream reindex start'",
        )
