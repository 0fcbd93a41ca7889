"""A listing with photos and hardly a title, on a bench with an encoder that sees: what stage tests of it share."""

from fakes.bench import Bench, embedded
from fakes.bursts import SEEN
from fakes.rows import bits
from fakes.seeing_encoder import LOOKS, SeeingEncoder

from encoders.types import Content, Modality, Tag
from streams.stages import Channel, state

MUG = {"images": ["mug 1", "mug 2"], "price": "5", "currency": "EUR", "version": 1}
OF_PHOTOS = {Modality.IMAGE, Modality.JOINT_IMAGE}
OF_WORDS = {Modality.TEXT_OR_CAPTION, Modality.LEXICAL_OR_CAPTION}
OF_TITLES = {Modality.TEXT, Modality.LEXICAL, Modality.JOINT_TEXT}
TAGS = {"category": Tag("mug", 0.9), "photos": Tag("2", 0.5)}


def seen(title, *photos):
    [first, *further] = [photo.encode() for photo in photos] or [None]
    return SeeingEncoder().encode([Content(title, first, title or "", tuple(further))])[0]


def bench():
    return Bench(SEEN.policy, SeeingEncoder(), looks=LOOKS)


async def said(one):
    """What the point says that models say; fails where a field is left that says nothing."""
    payload = (await one.point("a")).payload
    assert payload.get(state.GENERATED) != {}
    return state.generated_of(payload)


async def stands(one, wanted):
    """The point has all the rows and says all that is said of a listing that is seen for the first time."""
    point = await one.point("a")
    assert bits(point.raw) == bits(wanted.embedding)
    assert await said(one) == wanted.generated


async def forwarded(one, letters):
    """Apply what goes to the index stage; what it says again."""
    return embedded(await one.apply(*[letter for letter in letters if letter.channel is Channel.EMBEDDINGS]))


def asked(letters):
    return [one for one in letters if one.channel is Channel.REFETCH]
