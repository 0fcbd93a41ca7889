"""What a generation is begun with, and what is refused before anything is done."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from encoders.bundle import Bundle, read_bundle
from encoders.errors import BundleError
from encoders.types import Modality
from streams.errors import GenerationInUseError, GenerationSourceError, SettingsError, UnknownGenerationError
from streams.events.generations import Generation, Live, Roster, Source, Step
from streams.index.live import LIVE
from streams.reindex.joining import encoders_of, known_generation
from streams.reindex.shaping import checked
from streams.settings import Settings

__all__ = ["Plan", "check_name", "check_never_heard", "check_same_plan", "live_of", "origin_of", "planned"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What somebody asks for.

    Args:
        name: of the new generation.
        bundle: name or folder of its encoder bundle; None takes the live generation's.
        overrides: settings that it has otherwise than the live one, as text.
        source: what it is filled from; None takes the embeddings where its encoders make the same rows.
        gaps: whether it is begun although the beginning of a topic was deleted.
    """

    name: str
    bundle: str | None = None
    overrides: Mapping[str, str] = field(default_factory=dict)
    source: Source | None = None
    gaps: bool = False


def check_name(name: str, settings: Settings) -> None:
    """Return when a generation may be called that.

    Raises:
        SettingsError: it may not.
    """
    checked(settings, {"generation": name}, "name of a generation", "choose another name")
    if name == LIVE:
        raise SettingsError(
            "name of a generation",
            got=f"'{LIVE}', the name by which readers find the live collection",
            wanted="another word",
            remedy="choose another name",
        )


def live_of(roster: Roster) -> Live:
    """What the roster says of the live generation.

    Raises:
        UnknownGenerationError: nothing; no worker has run yet.
    """
    if roster.live is None:
        raise UnknownGenerationError(
            "the roster of generations", got="no live one", wanted="one", remedy="run 'matchstream worker' first"
        )
    return roster.live


def origin_of(roster: Roster) -> Generation:
    """The live generation, which another one is begun beside.

    Raises:
        UnknownGenerationError: none is live.
        GenerationInUseError: one is exchanged for another just now.
    """
    live = live_of(roster)
    if live.step is not Step.SETTLED:
        raise GenerationInUseError(
            f"generation '{live.target}'",
            got=f"a promotion that is not finished ({live.step})",
            wanted="none",
            remedy=f"finish it first: 'matchstream reindex promote {live.target}'",
        )
    return known_generation(roster, live.generation)


def check_never_heard(roster: Roster, name: str) -> None:
    """Return when subscribers never heard a generation of that name.

    Raises:
        GenerationInUseError: they did; what it told would be taken for the new one's.
    """
    if roster.live is not None and name in roster.live.heard:
        raise GenerationInUseError(
            f"generation '{name}'",
            got="a name that subscribers have heard",
            wanted="a new one",
            remedy="choose another name",
        )


def check_same_plan(begun: Generation, plan: Plan) -> None:
    """Return when a generation was begun as the plan says, so that there is nothing left to do.

    Raises:
        GenerationInUseError: it was begun otherwise.
        BundleError: the bundle that the plan names can't be read.
    """
    otherwise = list(_otherwise(begun, plan))
    if otherwise:
        raise GenerationInUseError(
            f"generation '{begun.name}'",
            got=f"begun already, with {', '.join(otherwise)}",
            wanted="a name that is free",
            remedy=f"choose another name, or run 'matchstream reindex drop {begun.name}' first",
        )


def planned(plan: Plan, origin: Generation, bundle: Bundle) -> Generation:
    """The generation that the plan makes beside the live one. Settings of that one stay unless the plan says otherwise.

    Raises:
        GenerationSourceError: it can't be filled from the embeddings of the live one, as the plan wants.
    """
    encoders = encoders_of(bundle)
    same = encoders == origin.encoders
    if plan.source is Source.EMBEDDINGS and not same:
        raise GenerationSourceError(
            f"generation '{plan.name}'",
            got=f"bundle '{bundle.name}' with other rows than '{origin.name}' ({_other_rows(bundle, origin)})",
            wanted="the same rows to fill it from its embeddings",
            remedy="run it again with '--from listings': all is embedded anew",
        )
    source = plan.source or (Source.EMBEDDINGS if same else Source.LISTINGS)
    return Generation(
        name=plan.name,
        bundle=plan.bundle or origin.bundle,
        digest=bundle.digest,
        encoders=encoders,
        settings={**origin.settings, **plan.overrides},
        source=source,
        origin=origin.name if source is Source.EMBEDDINGS else "",
    )


def _otherwise(begun: Generation, plan: Plan) -> Iterator[str]:
    if plan.bundle is not None and read_bundle(plan.bundle).digest != begun.digest:
        yield f"bundle '{begun.bundle}' ({begun.digest[:12]})"
    for name, value in plan.overrides.items():
        if begun.settings.get(name) != value:
            yield f"{name}={begun.settings[name]}" if name in begun.settings else f"no {name} of its own"
    if plan.source not in {None, begun.source}:
        yield f"'--from {begun.source}'"


def _other_rows(bundle: Bundle, origin: Generation) -> str:
    """Which rows differ, in words; lengths where the other bundle can still be read."""
    try:
        before: Mapping[Modality, int] = read_bundle(origin.bundle).dimensions
    except BundleError:
        before = {}
    now, told = encoders_of(bundle), []
    for name in sorted({*now, *origin.encoders}):
        if name not in now or name not in origin.encoders:
            told.append(f"{name} only in '{bundle.name if name in now else origin.name}'")
        elif now[name] != origin.encoders[name]:
            told.append(f"{name}{_other_length(bundle.dimensions, before, name)}")
    return ", ".join(told)


def _other_length(now: Mapping[Modality, int], before: Mapping[Modality, int], name: str) -> str:
    lengths = [next((size for one, size in sizes.items() if one == name), None) for sizes in (now, before)]
    if None in lengths or lengths[0] == lengths[1]:
        return ""
    return f" with {lengths[0]} dimensions instead of {lengths[1]}"
