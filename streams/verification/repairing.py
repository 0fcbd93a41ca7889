"""Having done again what verification found wrong: marks for the stages that derive it, and nothing computed here."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Final

from streams.events import Mark, MatchEvent
from streams.events.products import ProductEvent
from streams.index.port import Change, Payload
from streams.stages import Audience, Channel, Dependencies, Letter, state
from streams.stages.group_fields import ProductFields
from streams.stages.index import finish
from streams.stages.state import Heard
from streams.stages.sweep import DERIVING
from streams.verification.differences import Difference, Kind, What
from streams.verification.topics import list_of

CAUSE: Final = "verify --repair"
REPAIRED: Final = frozenset({Kind.FAULT, Kind.APPROXIMATE})
"""A search that missed somebody may find him now; a limit stays one, and so does rounding."""

HEALED_BY: Final[Mapping[What, tuple[Channel, ...]]] = MappingProxyType(
    {
        What.RECORD: DERIVING,
        What.LISTING: DERIVING,
        What.DERIVED: DERIVING,
        What.BLENDED: (Channel.REBLEND, Channel.REMATCH),
        What.LIST: (Channel.REMATCH,),
        What.PRODUCT: (Channel.REGROUP,),
        What.PRODUCT_OF_LISTING: (Channel.REGROUP,),
        What.MATCHES_TOPIC: (Channel.REMATCH,),
        What.PRODUCTS_TOPIC: (Channel.REGROUP,),
    }
)
"""Which stages derive a value anew, by what they read."""


@dataclass(frozen=True, slots=True)
class Told:
    """What subscribers of the compacted public topics know.

    Args:
        matches: the last event of each listing.
        products: the last event of each product.
        gaps: whether some may be missing, because another generation has told of the same since.
    """

    matches: Mapping[str, MatchEvent]
    products: Mapping[str, ProductEvent]
    gaps: bool = False


async def repair(differences: Iterable[Difference], told: Told, dependencies: Dependencies) -> Mapping[Channel, int]:
    """Mark what differs where it is derived; how many marks each topic got.

    Only while all stages are done and nothing is published: records are written and cleared that belong to
    stages. Whether it helped tells another verification, once the workers are through.
    """
    some = [one for one in differences if one.kind in REPAIRED]
    await finish(_subjects(some, What.RECORD, What.DERIVED), CAUSE, dependencies, dependencies.derive)
    await dependencies.index.write(await _to_tell_again(some, told, dependencies))
    marked = {(channel, one.subject) for one in some for channel in HEALED_BY[one.what]}
    await dependencies.outbox.deliver([Letter.mark(channel, Mark(one, CAUSE)) for channel, one in sorted(marked)])
    return Counter(channel for channel, _ in sorted(marked))


def _subjects(differences: Sequence[Difference], *whats: What) -> list[str]:
    return sorted({one.subject for one in differences if one.what in whats})


async def _to_tell_again(differences: Sequence[Difference], told: Told, dependencies: Dependencies) -> list[Change]:
    """Records as an attempt leaves that was cut off before it had told its news, and a revision nobody has heard of."""
    lists, products = (_subjects(differences, what) for what in (What.MATCHES_TOPIC, What.PRODUCTS_TOPIC))
    points = await dependencies.index.read({*lists, *products})
    payloads: Mapping[str, Payload] = {one: points[one].payload if one in points else {} for one in (*lists, *products)}
    fields = ProductFields(dependencies.audience(), dependencies.generation)
    return [
        *(_list_again(one, payloads[one], told.matches.get(one), fields.audience) for one in lists),
        *(change for one in products for change in _product_again(one, payloads[one], told.products.get(one), fields)),
    ]


def _list_again(listing_id: str, payload: Payload, event: MatchEvent | None, audience: Audience) -> Change:
    known = () if event is None else tuple(match.listing_id for match in event.matches or ())
    told = 0 if event is None else event.revision
    revisions = (int(payload.get(state.REVISION, 0)), (Heard.of(payload) or Heard(0)).revision, told)
    fields: dict[str, object] = {state.REVISION: max(revisions) + 1}
    if audience is Audience.PUBLIC and event is not None:
        fields[state.HEARD] = Heard.saying(told, list_of(event)).to_json()
    return Change(
        listing_id,
        record={state.UNTOLD: state.Untold(known).to_json()},
        payload=fields,
        forget=(state.HEARD,) if audience is Audience.PUBLIC and event is None else (),
    )


def _product_again(
    product_id: str, payload: Payload, event: ProductEvent | None, fields: ProductFields
) -> Iterator[Change]:
    """Where nothing is on record what was told goes there: the stage tells how it is from that on."""
    stored = fields.told(payload) or event
    if stored is None:
        return
    heard = max(stored.revision, 0 if event is None else event.revision)
    again = replace(stored, revision=heard + 1, generation=fields.generation)
    regrouping = {product_id, *payload.get(fields.regrouping, ())}
    yield Change(product_id, record={fields.regrouping: sorted(regrouping)}, payload={fields.product: again.to_json()})
