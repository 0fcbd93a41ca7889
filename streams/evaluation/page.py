"""An evaluation as one HTML page that needs nothing else."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined, Template

from streams.evaluation.charts import DARK, LIGHT, charts
from streams.evaluation.evaluation import Evaluation
from streams.evaluation.measuring import FIGURES
from streams.evaluation.mistakes import Mistake
from streams.evaluation.photos import data_uri
from streams.learning import LabelledCatalogue


@dataclass(frozen=True, slots=True)
class Side:
    """One listing of a mistake, as the page shows it."""

    listing_id: str
    title: str
    category: str
    product: str
    photo: str | None


@dataclass(frozen=True, slots=True)
class Shown:
    """A mistake with its listings."""

    mistake: Mistake
    sides: tuple[Side, Side]


def page(
    evaluation: Evaluation, catalogue: LabelledCatalogue, photos: Mapping[str, str], origin: Mapping[str, Any]
) -> str:
    """The page: figures, charts and the worst mistakes.

    Args:
        evaluation: what came out.
        catalogue: what it was measured on.
        photos: data URIs by image reference.
        origin: the command, the bundle and the like.
    """
    light, dark = charts(evaluation, LIGHT), charts(evaluation, DARK)
    return template("report.html").render(
        evaluation=evaluation,
        origin=origin,
        figures=FIGURES,
        charts={name: (data_uri("image/png", light[name]), data_uri("image/png", dark[name])) for name in light},
        wrong_pairs=_shown(evaluation.mistakes.false, catalogue, photos),
        missed_pairs=_shown(evaluation.mistakes.missed, catalogue, photos),
    )


def template(name: str) -> Template:
    """The template of a page; whatever is put into it is escaped."""
    environment = Environment(
        loader=PackageLoader("streams.evaluation"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    return environment.get_template(name)


def images_needed(evaluation: Evaluation, catalogue: LabelledCatalogue) -> list[str]:
    """References of the photos that the page shows."""
    both = (*evaluation.mistakes.false, *evaluation.mistakes.missed)
    return [catalogue.images[place] for one in both for place in (one.one, one.other) if catalogue.images[place]]


def _shown(mistakes: Iterable[Mistake], catalogue: LabelledCatalogue, photos: Mapping[str, str]) -> list[Shown]:
    def side(place: int) -> Side:
        details = catalogue.details[place]
        photo = photos.get(catalogue.images[place])
        return Side(catalogue.listing_ids[place], details.title, details.category, catalogue.labels[place], photo)

    return [Shown(one, (side(one.one), side(one.other))) for one in mistakes]
