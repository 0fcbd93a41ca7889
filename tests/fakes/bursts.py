"""Bursts of events into a settled flow: most races leave a trace only where nothing comes after them."""

from __future__ import annotations

import dataclasses
import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import orjson
from fakes.bench import POLICY as SHOP_POLICY
from fakes.chaos import Chaos
from fakes.circle import POLICY as CIRCLE_POLICY
from fakes.circle import CircleEncoder, random_angle
from fakes.flow import LISTINGS, STAGES, Flow, Stage
from fakes.hash_encoder import HashEncoder
from fakes.joined import joint_encoder
from fakes.outcome import catalogue, encoded, last_prices, unreadable, verdicts
from fakes.seeing_encoder import LOOKS, SeeingEncoder
from fakes.strange import Scene, strange_event

from encoders.joint import JointEncoder
from encoders.types import Encoder
from streams.events import Judgement, MatchList, Message, Verdict
from streams.events.generated import told
from streams.matching import Policy, Rules, reference
from streams.matching.grouping import products
from streams.stages import Channel
from streams.stages.contents import PLAIN, Looks
from streams.stages.state import GENERATED, generated_of

THINGS = ("shoe", "mug", "lamp")
WORDS = ("red", "blue", "runner", "pro", "2024", "large")
GTINS = ("4006381333931", "4006381333948", "036000291452")
PARTITIONS = 10
"""More than there are listings, nearly: each has a worker of its own in every stage, as far as can be."""


@dataclass(frozen=True)
class Space:
    """What listings look like and how they are compared.

    Args:
        contents: draws the contents of one listing.
        joint: what joins their rows, if anything does.
        listings: how many there are.
        judgements: share of the events that are judgements.
        product_limit: listings in one product at most.
        strange: share of the events that come as they should not; see `fakes.strange`.
        looks: what of a listing is looked at.
    """

    policy: Policy
    encoder: Callable[[], Encoder]
    contents: Callable[[random.Random], dict[str, Any]]
    joint: Callable[[], JointEncoder] | None = None
    listings: int = 10
    judgements: float = 0.1
    product_limit: int = 200
    strange: float = 0.0
    looks: Looks = PLAIN


@dataclass(frozen=True)
class Run:
    """One random run; the seed and this tell everything that happens in it.

    Args:
        troubled: chance that an image can't be had for now.
    """

    space: Space
    bursts: int = 8
    most: int = 4
    crash: float = 0.0
    repeat: float = 0.03
    pause: float = 0.1
    longest: int = 100
    batch_size: int = 8
    troubled: float = 0.0

    async def ends_wrong(self, seed: int, stages: Mapping[str, Stage] = STAGES) -> bool:
        """Whether the stream differs from the reference after any of the bursts."""
        rng, space = random.Random(seed), self.space
        chaos = Chaos(rng, self.crash, self.repeat, self.pause, self.longest)
        encoder, joint = space.encoder(), space.joint() if space.joint else None
        flow = Flow(
            space.policy, chaos, self.batch_size, encoder=encoder, stages=stages, partitions=PARTITIONS, joint=joint
        )
        flow.dependencies = dataclasses.replace(flow.dependencies, product_limit=space.product_limit, looks=space.looks)
        if self.troubled:
            flow.images.troubled = lambda _reference: rng.random() < self.troubled
        sent: list[Message] = []
        for burst in range(self.bursts):
            for _ in range(rng.randint(2, self.most) if burst else space.listings):
                sent.append(random_event(flow, space, sent))
            await flow.drain()
            if not await agrees(flow, sent):
                return True
        return False


async def agrees(flow: Flow, sent: list[Message]) -> bool:
    """Whether what subscribers know and what is stored are both what the reference says."""
    looks = flow.dependencies.looks
    wanted = reference(catalogue(sent, flow.encoder, flow.dependencies.derive, looks), Rules(flow.policy))
    stored = {i: [one["listing_id"] for one in some] for i, some in (await flow.stored_lists()).items()}
    names = {i: [one.listing_id for one in some.matches] for i, some in wanted.items()}
    agreed = flow.all_lists() == wanted and stored == names and _products_agree(flow, wanted, sent)
    agreed = agreed and await _says_what_models_say(flow, sent)
    return agreed and _laid_aside(flow) == {(one.key, one.value) for one in unreadable(sent)}


async def _says_what_models_say(flow: Flow, sent: list[Message]) -> bool:
    """Whether the index and the offers say of the photos what an encoder says that sees them for the first time."""
    seen = encoded(sent, flow.encoder, flow.dependencies.looks)
    wanted = {i: told(one.generated) for i, one in seen.items() if one.generated}
    stored = {p.listing_id: told(generated_of(p.payload)) async for p in flow.index.scan() if GENERATED in p.payload}
    offers = [offer for event in flow.products().values() for offer in event.offers]
    return stored == wanted == {one.listing_id: one.generated for one in offers if one.generated}


def _laid_aside(flow: Flow) -> set[tuple[bytes | None, bytes | None]]:
    return {(letter.key, letter.value) for letter in flow.sent[Channel.DEAD_LETTERS]}


def _products_agree(flow: Flow, lists: Mapping[str, MatchList], sent: list[Message]) -> bool:
    """Whether subscribers know the products of these lists, each with the last prices."""
    some = {one: list_.matches for one, list_ in lists.items()}
    groups = products(some, flow.dependencies.product_limit, verdicts(sent))
    told = flow.products()
    prices = last_prices(sent)
    return {one: event.members for one, event in told.items()} == {
        one: group.members for one, group in groups.items()
    } and all(offer.price == prices[offer.listing_id] for event in told.values() for offer in event.offers)


def random_event(flow: Flow, space: Space, sent: list[Message]) -> Message:
    """A creation, an update, a new price, a withdrawal, a judgement, or something that was sent before once more.

    Judgements are not sent once more: of two on one pair the one that came later counts.
    """
    rng, number = flow.chaos.random, len(sent) + 1
    listing_id, kind = f"l{rng.randrange(space.listings)}", rng.random()
    if kind > 1 - space.judgements:
        other = rng.choice([f"l{i}" for i in range(space.listings) if f"l{i}" != listing_id])
        return flow.judge(Judgement.on(listing_id, other, rng.choice([*Verdict, None])))
    if space.strange and rng.random() < space.strange:
        fields = {"listing_id": listing_id, **space.contents(rng), "price": "1.00", "currency": "EUR"}
        return strange_event(Scene(flow, sent, listing_id, fields))
    if kind < 0.2:
        return flow.publish(listing_id, None, headers={"version": str(number).encode()} if rng.random() < 0.5 else {})
    if kind < 0.25 and (published := [one for one in sent if one.topic == LISTINGS]):
        again = rng.choice(published)
        flow.enqueue(again)
        return again
    fields = _priced(rng, sent, listing_id) if kind < 0.4 else None
    fields = fields or {"listing_id": listing_id, **space.contents(rng), "price": "1.00", "currency": "EUR"}
    return flow.publish(listing_id, {**fields, "version": number})


def _priced(rng: random.Random, sent: list[Message], listing_id: str) -> dict[str, object] | None:
    """The last publication of a listing with another price, or another GTIN; None where there is none."""
    values = [one.value for one in sent if one.topic == LISTINGS and one.key == listing_id.encode() and one.value]
    new = {"gtin": rng.choice(GTINS)} if rng.random() < 0.3 else {"price": f"{rng.randrange(1, 5)}.00"}
    return {**orjson.loads(values[-1]), **new} if values else None


def _angle(rng: random.Random) -> dict[str, str]:
    return {"title": random_angle(rng)}


def _title_and_photo(rng: random.Random) -> dict[str, str]:
    thing, kind = rng.choice(THINGS), rng.random()
    contents = {"title": " ".join([thing, *rng.sample(WORDS, rng.randint(1, 3))])}
    if kind < 0.6:
        contents["image"] = f"{thing} {rng.randrange(3)}" if rng.random() < 0.9 else "missing"
    if kind < 0.2:
        del contents["title"]
    return contents


def _seen(rng: random.Random) -> dict[str, Any]:
    """Titles that say too little or nothing, and several photos, some of which nobody ever has or can read."""
    thing = rng.choice(THINGS)
    words = rng.sample(WORDS, rng.choice([0, 0, 1, 2]))
    photos = [
        rng.choice([f"{one} {rng.randrange(3)}" for one in (thing, thing, "box")])
        for _ in range(rng.choice([0, 1, 1, 2, 3]))
    ]
    photos = [rng.choice(["missing", "broken", photo]) if rng.random() < 0.2 else photo for photo in photos]
    contents: dict[str, Any] = {"title": " ".join([thing, *words])} if not photos or rng.random() < 0.7 else {}
    if photos and rng.random() < 0.8:
        contents["image"] = photos.pop()
    return {**contents, "images": ["", *photos]} if photos else contents


def _with_words(rng: random.Random) -> dict[str, str]:
    """Words that contradict each other, some of them while title and photo stay the same."""
    contents = _title_and_photo(rng)
    if rng.random() < 0.3:
        contents["gtin"] = rng.choice(GTINS)
    if "title" in contents and rng.random() < 0.3:
        contents["title"] += rng.choice([" 64 GB", " 128 GB"])
    return contents


CIRCLE = Space(CIRCLE_POLICY, CircleEncoder, _angle)
SHOP = Space(SHOP_POLICY, HashEncoder, _title_and_photo)
SHOP_BY_PRODUCT = Space(SHOP_POLICY.model_copy(update={"combination": "product"}), HashEncoder, _title_and_photo)
SHOP_WITH_WORDS = Space(
    Policy.model_validate(
        {
            **SHOP_POLICY.model_dump(),
            "vetoes": ["gtin", "storage"],
            "review_threshold": 0.6,
            "strong_threshold": 0.9,
            "calibrations": {"text": {"x": [0.0, 0.6, 1.0], "y": [0.0, 0.4, 1.0]}},
        }
    ),
    HashEncoder,
    _with_words,
)
SHOP_JOINED = dataclasses.replace(
    SHOP,
    policy=SHOP_POLICY.changed(weights={"joint": 2.0, "text": 1.0, "lexical": 1.0}, sure_thresholds={"joint": 0.95}),
    joint=joint_encoder,
)
"""A new price is a new joint row, and so is a photo that could not be had at first."""
SEEN = dataclasses.replace(
    SHOP,
    policy=SHOP_POLICY.changed(
        weights={"joint_image": 1.0, "text_or_caption": 1.0, "lexical_or_caption": 0.5, "lexical": 0.5},
        sure_thresholds={"joint_image": 0.97},
    ),
    encoder=SeeingEncoder,
    contents=_seen,
    looks=LOOKS,
)
"""What models say of photos comes and goes with titles and photos."""
STRANGE = dataclasses.replace(SHOP, strange=0.5)
CROWDED = dataclasses.replace(SHOP, product_limit=3)
JUDGED = dataclasses.replace(SHOP, judgements=0.5, product_limit=6)
"""Judgements enough to divide what others link, and to be taken back."""
