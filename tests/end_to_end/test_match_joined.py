"""`match` with a bundle that joins titles and prices in one space: the stream and the reference say the same."""

from dataclasses import replace

import pytest
from end_to_end.commands import read_lists, write_lines
from fakes.joined import PRICED, tensors_of
from fakes.tiny_models import save_tiny_bert

from encoders.bundle import LexicalSpec, Manifest, TextSpec, write_bundle
from encoders.joint import joint_to_bytes
from encoders.types import Modality

SIZE = 16
TITLES = ("red shoe", "blue shoe", "red phone 64 gb", "blue phone 8 gb", "camera case", "shirt for a camera")


@pytest.fixture
def joined_bundle(tmp_path):
    save_tiny_bert(tmp_path / "bert")
    spec = replace(PRICED, sources=(Modality.TEXT,))
    manifest = Manifest(
        text=TextSpec("text"),
        lexical=LexicalSpec(),
        joint=spec,
        dimensions={Modality.TEXT: SIZE, Modality.JOINT: SIZE},
        matching={"weights": {"joint": 1.0, "lexical": 1.0}, "match_threshold": 0.8},
    )
    files = {f"text/{path.name}": path for path in (tmp_path / "bert").iterdir()}
    weights = joint_to_bytes(spec, tensors_of(spec, SIZE))
    return write_bundle(tmp_path / "joined", manifest, {**files, spec.weights: weights}).path


@pytest.mark.slow
def test_the_stream_equals_the_reference(command, joined_bundle):
    listings = [
        {"listing_id": f"{seller}-{n}", "title": title, "price": price, "currency": "EUR"}
        for seller, price in (("a", "3.00"), ("b", "4.00"), ("c", "900.00"))
        for n, title in enumerate(TITLES)
    ]
    file = str(write_lines(command.folder / "listings.jsonl", listings))
    here = command.with_(bundle=joined_bundle)
    streamed, plain = here.run("match", file), here.run("match", file, "--reference")
    assert (streamed.code, plain.code) == (0, 0)
    lists = read_lists(streamed.out)
    assert lists == read_lists(plain.out)
    alike = {match["listing_id"]: match["evidence"]["joint"] for match in lists["a-0"]}
    assert alike["b-0"] > 0.99
    assert alike.get("c-0", 0.0) < 0.95, "its price is another"
