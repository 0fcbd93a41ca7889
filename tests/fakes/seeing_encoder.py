"""An encoder without torch that looks at photos in every way there is: two towers, captions and tags, by hashing."""

from __future__ import annotations

from collections.abc import Sequence

from fakes.hash_encoder import BROKEN, IMAGE_NOISE, HashEncoder

from encoders.bundle import CaptionSpec
from encoders.fusion.mixing import mixed
from encoders.fusion.photos import pooled
from encoders.types import Content, Encoded, Generated, Modality, Row, Tag
from streams.stages.contents import Looks

SIZE = 32
DENSE = (Modality.TEXT, Modality.IMAGE, Modality.JOINT_IMAGE, Modality.JOINT_TEXT, Modality.TEXT_OR_CAPTION)
CAPTIONS = CaptionSpec("captions", min_words=2)
LOOKS = Looks(frozenset({*DENSE, Modality.LEXICAL, Modality.LEXICAL_OR_CAPTION}), photos=2, captions=CAPTIONS)
"""At two photos of each listing; a title of one word has a caption beside it."""
_OF_PHOTOS = (Modality.IMAGE, Modality.JOINT_IMAGE)
_OF_WORDS = (Modality.TEXT_OR_CAPTION, Modality.LEXICAL_OR_CAPTION)


class SeeingEncoder(HashEncoder):
    """As `HashEncoder`; a photo `b"shoe 1"` says 'a shoe', is near the title 'shoe', and has a tag for its thing.

    The tags are of all photos, the caption is of the first that can be read.
    """

    def __init__(self) -> None:
        super().__init__(dict.fromkeys(DENSE, SIZE))
        self.captioned = 0
        """How many captions were written so far."""
        self.hurried = False
        """Whether there is no time for captions."""

    def _encode_one(self, content: Content) -> Encoded:
        files = [file for file in content.photos if file and not file.startswith(BROKEN)]
        embedding = dict(super()._encode_one(Content(content.title)).embedding)
        if content.title:
            embedding[Modality.JOINT_TEXT] = self._words(content.title)
        if files:
            embedding |= {modality: pooled([self._photo(file) for file in files]) for modality in _OF_PHOTOS}
        caption, failures = self._caption(content, files)
        if content.described is not None and not (self.hurried and failures):
            embedding |= self._described(content.described, caption)
        if len(files) < len(content.photos):
            failures |= dict.fromkeys(_OF_PHOTOS, "not an image")
        return Encoded(embedding, failures, Generated(caption, _tags(files)))

    def _caption(self, content: Content, files: Sequence[bytes]) -> tuple[str | None, dict[Modality, str]]:
        if content.described is None or not content.photos or not CAPTIONS.wanted(content.described):
            return None, {}
        if self.hurried or not files:
            return None, dict.fromkeys(_OF_WORDS, "no time for a caption" if self.hurried else "not an image")
        self.captioned += 1
        return f"a {_thing(files[0])}", {}

    def _described(self, title: str, caption: str | None) -> dict[Modality, Row]:
        found = {
            Modality.TEXT_OR_CAPTION: [self._words(one) if one else None for one in (title, caption)],
            Modality.LEXICAL_OR_CAPTION: self._lexical.encode([title, caption or ""]),
        }
        both = {modality: mixed(own, said, CAPTIONS.share) for modality, (own, said) in found.items()}
        return {modality: row for modality, row in both.items() if row is not None}

    def _words(self, text: str) -> Row:
        return self._sum(Modality.TEXT, [(word.encode(), 1.0) for word in text.casefold().split()])

    def _photo(self, file: bytes) -> Row:
        return self._sum(Modality.IMAGE, [(_thing(file).encode(), 1.0), (b"whole " + file, IMAGE_NOISE)])


def _thing(file: bytes) -> str:
    return file.split(b" ", 1)[0].decode()


def _tags(files: Sequence[bytes]) -> dict[str, Tag]:
    things = sorted({_thing(file) for file in files})
    return {"category": Tag(" and ".join(things), 0.9), "photos": Tag(str(len(files)), 0.5)} if things else {}
