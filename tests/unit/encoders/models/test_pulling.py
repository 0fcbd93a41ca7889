"""Pulling through the hub's real library, from a hub on the loopback: whole, pinned and checked, or not at all."""

from hashlib import sha256
from pathlib import Path

import numpy as np
import pytest
from fakes.model_hub import FakeHub
from fakes.no_network import forbid_network
from fakes.pulls import NAME, WEIGHTS, Pull, left

from encoders.bundle import TextSpec
from encoders.errors import PullError
from encoders.models import Kind, Store, find_model
from encoders.text import TextEncoder


def test_a_pulled_model_encodes_without_a_network_as_the_published_one_does(
    hub: FakeHub, pull_it: Pull, files: dict[str, bytes], tiny_bert: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    commit = hub.publish(NAME, files, licence="apache-2.0")
    expected = TextEncoder(TextSpec(str(tiny_bert))).encode(["red shoe"])
    record = pull_it().pulled.record
    forbid_network(monkeypatch)
    encoder = TextEncoder(TextSpec(NAME, revision=commit))
    assert np.array_equal(encoder.encode(["red shoe"]), expected)
    assert encoder.source.startswith("pulled, folder ")
    assert (record.revision, record.asked, record.kind, record.licence) == (commit, "main", Kind.TEXT, "apache-2.0")
    assert {*record.files} == {path.name for path in tiny_bert.iterdir()}
    assert record.files[WEIGHTS].sha256 == sha256(files[WEIGHTS]).hexdigest()


def test_nothing_but_what_is_needed_lies_there_and_the_end_is_told(
    hub: FakeHub, pull_it: Pull, files: dict[str, bytes], store: Store
) -> None:
    hub.publish(NAME, files)
    told: list[tuple[int, int]] = []
    outcome = pull_it(report=lambda here, total: told.append((here, total)))
    assert {path.name for path in outcome.pulled.folder.iterdir()} == {*outcome.pulled.record.files, "model.json"}
    assert not any("pulling" in path for path in left(store))
    assert told[-1] == (outcome.pulled.record.size, outcome.pulled.record.size)
    assert [here for here, _ in told] == sorted(here for here, _ in told)


def test_the_revision_stays_though_the_branch_moves_on(hub: FakeHub, pull_it: Pull, files: dict[str, bytes]) -> None:
    old = hub.publish(NAME, files)
    pull_it()
    new = hub.publish(NAME, {**files, "special_tokens_map.json": b'{"pad_token": "[PAD]"}'})
    assert (find_model(NAME).revision, find_model(NAME, old[:7]).revision) == (old, old)
    assert pull_it().pulled.record.revision == new
    assert (find_model(NAME).revision, find_model(NAME, old).revision) == (new, old)


def test_what_is_here_is_looked_at_and_not_fetched_again(hub: FakeHub, pull_it: Pull, files: dict[str, bytes]) -> None:
    hub.publish(NAME, files)
    assert pull_it().fetched > 0
    assert pull_it().fetched == 0
    assert hub.ranges(WEIGHTS) == [None]


def test_what_is_here_and_damaged_is_fetched_again(hub: FakeHub, pull_it: Pull, files: dict[str, bytes]) -> None:
    hub.publish(NAME, files)
    pulled = pull_it().pulled
    (pulled.folder / WEIGHTS).write_bytes(bytes(len(files[WEIGHTS])))
    assert pulled.damage(thorough=False) is None
    assert pulled.damage(thorough=True) == f"'{WEIGHTS}' holds other bytes than were pulled"
    assert pull_it().pulled.damage(thorough=True) is None


def test_a_cut_connection_goes_on_where_it_ended(hub: FakeHub, pull_it: Pull, files: dict[str, bytes]) -> None:
    hub.publish(NAME, files)
    hub.cut_after += [1000, 500]
    assert pull_it().pulled.damage(thorough=True) is None
    assert hub.ranges(WEIGHTS) == [None, "bytes=1000-", "bytes=1500-"]


def test_an_interrupted_pull_goes_on_the_next_time(
    hub: FakeHub, pull_it: Pull, files: dict[str, bytes], store: Store
) -> None:
    hub.publish(NAME, files)
    hub.cut_after += [1000] + [0] * 4  # the tries of one pull
    with pytest.raises(PullError, match=r"does not answer as a hub .*; try again and it goes on"):
        pull_it()
    assert store.models() == []
    [unfinished] = store.unfinished()
    assert (store.discard("acme/other", None), store.discard(NAME, "other")) == ([], [])
    assert unfinished.startswith(f"{NAME}@")
    told: list[int] = []
    outcome = pull_it(report=lambda here, _: told.append(here))
    assert hub.ranges(WEIGHTS)[-1] == "bytes=1000-"
    assert outcome.pulled.damage(thorough=True) is None
    assert outcome.fetched < outcome.pulled.record.size
    assert store.unfinished() == []


def test_what_was_begun_can_be_thrown_away(hub: FakeHub, pull_it: Pull, files: dict[str, bytes], store: Store) -> None:
    hub.publish(NAME, files)
    hub.cut_after += [1000] + [0] * 4
    with pytest.raises(PullError):
        pull_it()
    assert store.discard(NAME, None) == [f"{NAME}@{hub.branches[NAME, 'main']}"]
    assert left(store) == store.unfinished() == []


def test_ctrl_c_leaves_what_came_and_no_model(
    hub: FakeHub, pull_it: Pull, files: dict[str, bytes], store: Store
) -> None:
    hub.publish(NAME, files)

    def interrupt(here: int, total: int) -> None:
        if here > total / 2:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        pull_it(report=interrupt)
    assert (store.models(), len(store.unfinished())) == ([], 1)
    assert pull_it().pulled.damage(thorough=True) is None


@pytest.mark.parametrize("file", [WEIGHTS, "tokenizer_config.json"])
def test_changed_bytes_are_refused_and_nothing_of_them_isleft(
    hub: FakeHub, pull_it: Pull, files: dict[str, bytes], store: Store, file: str
) -> None:
    hub.publish(NAME, files)
    hub.changed.add(file)
    with pytest.raises(PullError, match=f"'{file}' came as other bytes, those that were published wanted"):
        pull_it()
    assert left(store) == []
    hub.changed.clear()
    assert pull_it().pulled.damage(thorough=True) is None


def test_the_token_goes_to_the_hub_and_nowhere_else(
    hub: FakeHub, pull_it: Pull, files: dict[str, bytes], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HF_TOKEN", "hf_secret")
    hub.publish(NAME, files)
    pull_it()
    assert {one.token for one in hub.asked if not one.path.startswith("/elsewhere")} == {"Bearer hf_secret"}
    assert {one.token for one in hub.asked if one.path.startswith("/elsewhere")} == {None}


def test_shards_come_with_their_index(hub: FakeHub, pull_it: Pull, files: dict[str, bytes]) -> None:
    weights = files.pop(WEIGHTS)
    shards = {"model-00001-of-00002.safetensors": weights, "model-00002-of-00002.safetensors": weights + b" "}
    hub.publish(NAME, {**files, **shards, "model.safetensors.index.json": b"{}"})
    assert {*shards, "model.safetensors.index.json"} < {*pull_it().pulled.record.files}
