from dataclasses import replace

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from encoders.bundle import ImageSpec, JointSpec, Manifest, TextSpec
from encoders.bundle.card import CardFacts, card_of, duration_in_words
from encoders.bundle.markdown import escaped, printable
from encoders.types import Modality

MANIFEST = Manifest(
    text=TextSpec("some/model"),
    image=ImageSpec(head="head.safetensors"),
    joint=JointSpec("joint.safetensors", cross_modal=True),
    dimensions={Modality.TEXT: 384, Modality.IMAGE: 512, Modality.JOINT: 192},
    provenance={"libraries": {"torch": "2.15.0"}},
)
FACTS = CardFacts(
    name="photos",
    recipe="arcface",
    counts={"listings": 2500, "products": 81, "held-out products": 9},
    data_digest="f114f464",
    command=["matchstream", "train", "my file.jsonl", "-o", "photos"],
    device="CPU, 2 threads",
    seconds=200,
    seeds=[0, 1],
    metrics={"recall@1": 0.81234, "recall@10": 0.95},
    untrained={"recall@1": 0.53},
    peak_memory={"CPU": 2_100_000_000},
    limits=["Photos of drawings were never seen."],
    licences={"some/model": "Apache-2.0"},
)
PARSER = MarkdownIt("commonmark").enable(["table", "strikethrough"])


def shown(markdown):
    """What a reader sees of each paragraph, heading, item or cell, and the kinds of all tokens."""
    tokens = PARSER.parse(markdown)
    inline = [token for token in tokens if token.type == "inline"]
    kinds = {token.type for token in tokens} | {child.type for token in inline for child in token.children}
    return ["".join(child.content for child in token.children) for token in inline], kinds


def test_a_card_tells_what_how_and_how_well():
    card = card_of(MANIFEST, FACTS)
    lines, _ = shown(card)
    for told in ("photos", "recall@1", "0.53", "0.8123", "2,500", "held-out products", "3 min 20 s", "2.1 GB", "0, 1"):
        assert told in lines
    assert "matchstream train 'my file.jsonl' -o photos" in card
    assert "some/model: Apache-2.0" in lines
    assert "torch 2.15.0" in lines
    assert any("search across image and text" in line for line in lines)


def test_what_is_not_known_is_said():
    card = card_of(replace(MANIFEST, provenance={"libraries": 3}), replace(FACTS, licences={}, untrained={}))
    assert "Not known; ask whoever published" in card
    assert "| recall@10 |  | 0.95 |" in card


def test_thresholds_that_are_missing_are_a_limit():
    assert "fit --label" in card_of(MANIFEST, FACTS)
    assert "fit --label" not in card_of(replace(MANIFEST, matching={"match_threshold": 0.5}), FACTS)


HOSTILE = [
    "![x](http://evil.example/a.png) <script>alert(1)</script>",
    "a | b || c\n\n# title\n---\n- item",
    "1. one 2) two",
    "```\nfence",
    "_a_ *b* **c** ~~d~~ `e` &lt; &#60; \\",
    "\x1b[31mred\u202eback",
]


@pytest.mark.parametrize("hostile", HOSTILE)
def test_hostile_names_add_nothing_to_a_cards_structure(hostile):
    facts = replace(
        FACTS,
        name=hostile,
        recipe=hostile,
        command=["matchstream", "train", hostile],
        device=hostile,
        limits=[hostile],
        licences={hostile: hostile},
        counts={hostile: 3},
        metrics={hostile: 0.5},
    )
    card = card_of(replace(MANIFEST, text=TextSpec(hostile), provenance={"libraries": {hostile: hostile}}), facts)
    plain = card_of(MANIFEST, FACTS)
    assert shown(card)[1] == shown(plain)[1]
    assert [token.content for token in PARSER.parse(card) if token.type == "heading_open"] == [
        token.content for token in PARSER.parse(plain) if token.type == "heading_open"
    ]
    assert "\x1b" not in card
    assert "\u202e" not in card


MARKUP = st.text(st.sampled_from("a1 _*`~[]()<>|\\&#;:/.!-+=@$\nw"), max_size=12)


@settings(max_examples=150, deadline=None)
@given(MARKUP | st.text(max_size=12))
@example("x")
@example("1.")
@example("1) a")
@example("2\\")
@example("&amp;")
@example("_a_b_")
@example("://www.a.b x@y.z")
def test_what_is_escaped_reads_as_it_was(text):
    wanted = printable(" ".join(text.split()))
    # a letter beside it, since a reader takes blanks off the ends of a line
    lines, kinds = shown(f"| x | {escaped(text)} |\n|---|---|\n| y | {escaped(text)} |\n\n- {escaped(text)}")
    assert lines == ["x", wanted, "y", wanted, *[wanted] * bool(wanted)]
    assert not kinds & {"em_open", "strong_open", "code_inline", "link_open", "image", "html_inline", "s_open"}


@pytest.mark.parametrize(
    ("seconds", "words"),
    [(0, "0 s"), (59.6, "1 min 0 s"), (200, "3 min 20 s"), (3599.7, "1 h 0 min"), (7300, "2 h 1 min")],
)
def test_durations_read_well(seconds, words):
    assert duration_in_words(seconds) == words
