"""Reading two generations' lists from their topics, and finding out how they differ.

Of a large catalogue, only who lists whom is kept of every listing. The numbers of those pairs that differ or were
judged are read in a second pass.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from streams.brokers.lag import stage_lags
from streams.events import Judgement, Verdict
from streams.reindex.difference.difference import Difference, Progress, Wanted, by_category
from streams.reindex.difference.judged import Judged, is_same
from streams.reindex.difference.labelled import rates_of
from streams.reindex.difference.pairs import ListDifference, Lists, Pair, compare_lists
from streams.reindex.difference.products import ProductDifference, compare_products, judged_different
from streams.reindex.difference.sides import Side, sides_of
from streams.reindex.difference.topics import Told, catalogue, judgements, sights_of, told_by
from streams.settings import Settings

_Sides = tuple[Side, Side]
_Both = tuple[Lists, Lists]


def _silent(_doing: str, _more: int) -> None:
    """Tells nobody."""


async def read_list_difference(settings: Settings, name: str, progress: Progress = _silent) -> ListDifference:
    """Which pairs would change if a generation were live: less to read than for `read_difference`.

    Raises:
        UnknownGenerationError: nobody has begun it.
        GenerationInUseError: it is live, or was, so that it did not tell all its lists beside the live one.
        BrokerUnavailableError: no broker answers.
    """
    before, after = await _told(await sides_of(settings, name), progress)
    return compare_lists(before.lists, after.lists)


async def read_difference(
    settings: Settings, name: str, wanted: Wanted | None = None, progress: Progress = _silent
) -> Difference:
    """All that would change if a generation were live.

    Raises:
        UnknownGenerationError: nobody has begun it.
        GenerationInUseError: it is live, or was, so that it did not tell all its lists beside the live one.
        BrokerUnavailableError: no broker answers.
    """
    sides = live, other = await sides_of(settings, name)
    said = await judgements(settings, progress)
    verdicts = _verdicts(said)
    before, after = await _told(sides, progress, similarities=bool(judged_different(verdicts)))
    both = before.lists, after.lists
    lists = compare_lists(*both)
    limits = live.settings.product_limit, other.settings.product_limit
    products = compare_products(*both, lists.changed, limits, verdicts)
    judged = _of_both(said, both)
    pairs = lists.gained | lists.lost
    first, second = [await sights_of(side, {*pairs, *judged}, progress) for side in sides]
    spoken_of = _spoken_of((*pairs, *judged), products)
    shown = await catalogue(settings, both[0].keys() | both[1].keys(), spoken_of, wanted or Wanted(), progress)
    labels = {one: label for one, label in shown.labels.items() if one in both[0] and one in both[1]}
    return Difference(
        live=live.name,
        name=other.name,
        lists=lists,
        products=products,
        seen={pair: (first.of(pair), second.of(pair)) for pair in pairs},
        categories=by_category(both, lists, shown.categories),
        judged=tuple(
            Judged(pair, is_same(one.verdict) is True, one.by, first.of(pair), second.of(pair))
            for pair, one in judged.items()
        ),
        labelled=(rates_of(both[0], labels), rates_of(both[1], labels)) if labels else None,
        listings=shown.listings,
        lag={str(one.stage): one.lag for one in await stage_lags(other.settings) if one.lag},
        told_by_others=len(before.by_others),
    )


async def _told(sides: _Sides, progress: Progress, *, similarities: bool = False) -> tuple[Told, Told]:
    before = await told_by(sides[0], progress, similarities=similarities)
    return before, await told_by(sides[1], progress, before.lists, similarities=similarities)


def _verdicts(said: Mapping[Pair, Judgement]) -> dict[str, dict[str, Verdict]]:
    """Under both listings; without those that were taken back."""
    found: dict[str, dict[str, Verdict]] = {}
    for (one, other), judgement in said.items():
        if judgement.verdict is not None:
            found.setdefault(one, {})[other] = found.setdefault(other, {})[one] = judgement.verdict
    return found


def _of_both(said: dict[Pair, Judgement], both: _Both) -> dict[Pair, Judgement]:
    """Verdicts that decide, on listings that both generations have."""
    return {
        pair: one
        for pair, one in sorted(said.items())
        if is_same(one.verdict) is not None and all(listing_id in lists for listing_id in pair for lists in both)
    }


def _spoken_of(pairs: Iterable[Pair], products: ProductDifference) -> set[str]:
    found = {one for pair in pairs for one in pair}
    found.update(one for some in (*products.merged, *products.split) for one in some.members)
    return found
