from types import SimpleNamespace

import numpy as np
import pytest
import torch

from encoders.benchmarks import (
    Plan,
    Sample,
    Tried,
    closeness,
    decoding_ways,
    listing_ways,
    network_ways,
    photo_ways,
    sample,
    text_ways,
    tried,
)
from encoders.benchmarks.by_hand import states_by, titles_one_by_one
from encoders.models import find_model
from encoders.text import load_model

PLAN = Plan(
    batch_sizes=(2, 4),
    default_batch=4,
    tutorial_items=3,
    precision="bfloat16",
    candidates=False,
    compiled=False,
    device=torch.device("cpu"),
)


@pytest.fixture(scope="module")
def few() -> Sample:
    return sample(6, 5)


def by_label(found):
    assert found.ways
    return {one.label: (one, one.rows()) for one in found.ways}


def check(found, items):
    """Whatever is ours, one at a time or not, makes the same rows but for rounding."""
    ways = by_label(found)
    first = next(iter(ways.values()))[1]
    assert len(first) == items
    for label, (way, rows) in ways.items():
        near = closeness(rows, first)
        assert near.least > (0.995 if "bfloat16" in label else 1 - 1e-4), label
        assert len(rows) == way.items
    assert next(way for way, _ in ways.values() if way.name == "tutorial").items == 3
    return ways


def test_what_is_tried_are_different_titles_and_jpeg_files(few):
    assert len(set(few.titles)) == 6
    assert [photo[:2] for photo in few.photos] == [b"\xff\xd8"] * 5
    assert sample(6, 5) == few


def test_titles_photos_and_both_come_out_the_same_in_every_way(few, tiny_bundle, tmp_path):
    whole = tried(tiny_bundle)
    assert len(check(text_ways(whole, few.titles, PLAN, tmp_path), 6)) == 6
    assert len(check(photo_ways(whole, few.photos, PLAN, tmp_path), 5)) == 5
    assert len(check(listing_ways(whole, few, PLAN), 5)) == 5


def test_a_title_alone_is_not_padded_where_that_is_said(few, tiny_bundle):
    lengths = []

    def network(**tokens):
        lengths.append(tokens["input_ids"].shape[1])
        return SimpleNamespace(last_hidden_state=torch.ones(1, lengths[-1], 3))

    text = tried(tiny_bundle).text
    tokenizer, _ = load_model(find_model(text.model, text.revision, tiny_bundle.path), tiny_bundle.name)
    for padded in (True, False):
        titles_one_by_one(tokenizer, network, few.titles[:1], PLAN.device, padded=padded)
    assert lengths[1] < lengths[0]


def test_tokens_go_to_the_device_of_the_network_and_states_come_back():
    def network(input_ids):
        assert input_ids.device.type == "meta"
        return SimpleNamespace(last_hidden_state=torch.ones(input_ids.shape))

    states = states_by(network, torch.device("meta"))({"input_ids": torch.zeros(2, 3)})
    assert states.device.type == "cpu"


def test_a_bundle_without_an_encoder_has_no_ways_of_it_and_says_so(few, tiny_bundle, tmp_path):
    nothing = Tried(tiny_bundle.path, None, None, {})
    found = text_ways(nothing, few.titles, PLAN, tmp_path)
    assert (found.ways, found.notes) == ([], ["titles are left out: the bundle has no text encoder"])
    assert photo_ways(nothing, few.photos, PLAN, tmp_path).notes == [
        "photos are left out: the bundle has no image encoder"
    ]
    for found in (
        network_ways(nothing, few.photos, PLAN),
        decoding_ways(nothing, few.photos),
        listing_ways(nothing, few, PLAN),
    ):
        assert not found.ways


def test_decoded_photos_look_alike_in_every_way(few, tiny_bundle):
    ways = by_label(decoding_ways(tried(tiny_bundle), few.photos))
    first = ways["Pillow, all pixels, 1 thread"][1]
    assert np.array_equal(ways["Pillow, all pixels, 4 threads"][1], first)
    assert 0.9 < closeness(ways["Pillow, draft mode, 1 thread"][1], first).least < 1
    assert closeness(ways["torchvision.io, 1 thread"][1], first).least > 0.99


def test_closeness_is_the_cosines_and_the_neighbors_that_stay():
    angles = np.linspace(0, 3, 30)
    rows = np.stack([np.cos(angles), np.sin(angles)], axis=1).astype(np.float32)
    turned = rows.copy()
    turned[0] = rows[29]
    near = closeness(turned, rows)
    assert near.least == pytest.approx(float(np.cos(3)), abs=1e-6)
    assert near.mean == pytest.approx((29 + np.cos(3)) / 30, abs=1e-6)
    assert near.kept is not None
    assert near.kept < 1
    assert closeness(rows, rows).kept == 1
    assert closeness(rows[:3], rows).kept is None
