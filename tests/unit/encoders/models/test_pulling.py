"""Pulling through the hub's real library, from a hub on the loopback: whole, pinned and checked, or not at all."""

import json
import shutil
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path

import numpy as np
import pytest
from fakes.model_hub import FakeHub, fake_hub
from fakes.no_network import forbid_network
from filelock import FileLock

from encoders.bundle import TextSpec
from encoders.errors import PullError
from encoders.models import Kind, Store, find_model
from encoders.models.hub import Hub
from encoders.models.pulling import Outcome, pull
from encoders.text import TextEncoder

NAME = "acme/tiny"
WEIGHTS = "model.safetensors"

Pull = Callable[..., Outcome]


@pytest.fixture
def pull_it(hub: FakeHub, store: Store, monkeypatch: pytest.MonkeyPatch) -> Pull:
    """Pulls `NAME`, or what else is named, and says nothing meanwhile."""
    asked = Hub(hub.endpoint)
    monkeypatch.setattr("huggingface_hub.constants.DOWNLOAD_CHUNK_SIZE", 100)  # the files are small

    def run(name: str = NAME, revision: str | None = None, report: Callable[[int, int], None] | None = None) -> Outcome:
        return pull(name, revision, store, asked, report or (lambda _here, _total: None))

    return run


@pytest.fixture
def files(tiny_bert: Path) -> dict[str, bytes]:
    """A repository as they are: a model, and much that is of no use here."""
    needless = {
        "README.md": b"# tiny",
        "pytorch_model.bin": b"a pickle",
        "modeling_tiny.py": b"print('run')",
        "onnx/model.onnx": b"other",
        "1_Pooling/config.json": b"{}",
        "tf_model.h5": b"other",
        "model.fp16.safetensors": b"other",
    }
    return {**{path.name: path.read_bytes() for path in tiny_bert.iterdir()}, **needless}


def _left(store: Store) -> list[str]:
    """Whatever files there are in the store."""
    return [str(path) for path in store.folder.rglob("*") if path.is_file()]


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
    assert not any("pulling" in path for path in _left(store))
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
    assert _left(store) == store.unfinished() == []


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
def test_changed_bytes_are_refused_and_nothing_of_them_is_left(
    hub: FakeHub, pull_it: Pull, files: dict[str, bytes], store: Store, file: str
) -> None:
    hub.publish(NAME, files)
    hub.changed.add(file)
    with pytest.raises(PullError, match=f"'{file}' came as other bytes, those that were published wanted"):
        pull_it()
    assert _left(store) == []
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


@pytest.mark.parametrize(
    "case",
    [
        ({WEIGHTS: None}, r"weights as model\.fp16\.safetensors, pytorch_model\.bin, .* pickles run what they hold"),
        ({"config.json": None, "open_clip_config.json": b"{}"}, r"without config\.json.* one of open_clip alone"),
        ({"config.json": b'{"auto_map": {"AutoModel": "m.M"}, "model_type": "siglip"}'}, "brings its own code"),
        ({"config.json": b'{"model_type": "resnet", "architectures": ["ResNet"]}'}, "of type 'resnet' .ResNet."),
        ({"config.json": b'{"model_type": "llama", "architectures": ["LlamaForCausalLM"]}'}, "of type 'llama'"),
        ({"config.json": b'{"model_type": "blip", "architectures": ["BlipForQuestionAnswering"]}'}, "of type 'blip'"),
        ({"config.json": b'{"model_type": "of-tomorrow"}'}, "of type 'of-tomorrow' .no architecture stated."),
        ({"config.json": b"<html>"}, r"a config\.json that is no JSON"),
    ],
)
def test_what_could_not_be_used_is_refused_before_its_weights_are_fetched(
    hub: FakeHub, pull_it: Pull, files: dict[str, bytes], store: Store, case: tuple[dict[str, bytes | None], str]
) -> None:
    changes, words = case
    hub.publish(NAME, {name: content for name, content in {**files, **changes}.items() if content is not None})
    with pytest.raises(PullError, match=words):
        pull_it()
    assert hub.ranges(WEIGHTS) == []
    assert _left(store) == []


def test_the_hubs_own_conversion_is_the_remedy_and_can_be_pulled(
    hub: FakeHub, pull_it: Pull, files: dict[str, bytes]
) -> None:
    hub.publish(NAME, {name: content for name, content in files.items() if not name.endswith("safetensors")})
    hub.conversions[NAME] = 21
    with pytest.raises(PullError, match=f"matchstream models pull {NAME} --revision refs/pr/21$"):
        pull_it()
    commit = hub.publish(NAME, files, branch="refs/pr/21")
    assert pull_it(revision="refs/pr/21").pulled.record.revision == commit
    assert find_model(NAME, "refs/pr/21").revision == commit


@pytest.mark.parametrize(
    ("config", "kind"),
    [
        ({"model_type": "clip", "architectures": ["CLIPModel"]}, Kind.DUAL),
        ({"model_type": "siglip", "architectures": ["SiglipModel"]}, Kind.DUAL),
        ({"model_type": "siglip2"}, Kind.DUAL),
        ({"model_type": "blip", "architectures": ["BlipForConditionalGeneration"]}, Kind.CAPTIONS),
        ({"model_type": "mpnet", "architectures": ["MPNetForMaskedLM"]}, Kind.TEXT),
    ],
)
def test_the_kind_is_read_from_the_configuration(
    hub: FakeHub, pull_it: Pull, files: dict[str, bytes], config: dict[str, object], kind: Kind
) -> None:
    hub.publish(NAME, {**files, "config.json": json.dumps(config).encode()})
    assert pull_it().pulled.record.kind is kind


@pytest.mark.parametrize(
    "case",
    [
        (403, {"X-Error-Code": "GatedRepo"}, r"its owner asks for consent.* accept its terms at .* set HF_TOKEN"),
        (401, {}, "has no such model, or does not show it.* a private one needs HF_TOKEN"),
        (404, {"X-Error-Code": "RepoNotFound"}, "has no such model"),
        (404, {"X-Error-Code": "RevisionNotFound"}, "it has no revision 'v9'"),
        (403, {}, "forbids it.* check what HF_TOKEN may read"),
        (429, {"Retry-After": "77"}, "asks too often.* try again in 77 seconds, or set HF_TOKEN"),
        (503, {}, "answers 503.* try again later"),
        (418, {}, "answers 418.* check HF_ENDPOINT"),
    ],
)
def test_a_hub_that_refuses_is_told_in_one_line_with_the_remedy(
    hub: FakeHub, pull_it: Pull, case: tuple[int, dict[str, str], str], monkeypatch: pytest.MonkeyPatch
) -> None:
    status, headers, words = case
    monkeypatch.setenv("HF_TOKEN", "hf_secret")
    hub.refusal = (status, headers)
    with pytest.raises(PullError, match=f"^model '{NAME}': .*{words}") as caught:
        pull_it(revision="v9")
    assert "\n" not in str(caught.value)
    assert "hf_secret" not in str(caught.value)


@pytest.mark.parametrize(
    ("headers", "words"), [({"X-Error-Code": "GatedRepo"}, "its owner asks for consent"), ({}, "forbids it")]
)
def test_a_repository_that_may_be_looked_at_and_not_fetched(
    hub: FakeHub, files: dict[str, bytes], tmp_path: Path, headers: dict[str, str], words: str
) -> None:
    hub.publish(NAME, files)
    asked = Hub(hub.endpoint)
    repository = asked.look(NAME, None)
    hub.refusal = (403, headers)
    with pytest.raises(PullError, match=words):
        asked.fetch(repository, repository.files[0], tmp_path, lambda _name, _here: None)


def test_an_unknown_name_is_told_with_the_one_that_was_meant(pull_it: Pull) -> None:
    with pytest.raises(PullError, match=r"did you mean 'openai/clip-vit-base-patch32'\?"):
        pull_it("openai/clip-vit-base-patch-32")
    with pytest.raises(PullError, match=r"no name of a model.* check the name"):
        pull_it("no such name")


def test_a_hub_that_is_not_there(store: Store) -> None:
    with fake_hub() as gone:
        endpoint = gone.endpoint
    with pytest.raises(PullError, match=rf"{endpoint} does not answer as a hub .* check the network and HF_ENDPOINT"):
        pull(NAME, None, store, Hub(endpoint), lambda _here, _total: None)


def test_a_hub_that_goes_away_between_two_files(hub: FakeHub, files: dict[str, bytes], tmp_path: Path) -> None:
    hub.publish(NAME, files)
    asked = Hub(hub.endpoint)
    repository = asked.look(NAME, None)
    with fake_hub() as gone:
        asked.endpoint = gone.endpoint
    with pytest.raises(PullError, match="does not answer as a hub"):
        asked.fetch(repository, repository.files[0], tmp_path, lambda _name, _here: None)


def test_offline_is_offline(pull_it: Pull, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_OFFLINE", True)
    with pytest.raises(PullError, match="HF_HUB_OFFLINE is set, a hub wanted; unset it"):
        pull_it()


def test_room_on_the_disk_is_looked_at_before_anything_large_is_fetched(
    hub: FakeHub, pull_it: Pull, files: dict[str, bytes], monkeypatch: pytest.MonkeyPatch
) -> None:
    hub.publish(NAME, files)
    usage = shutil.disk_usage("/")._replace(free=len(files[WEIGHTS]) - 1)
    monkeypatch.setattr("encoders.models.pulling.shutil.disk_usage", lambda _: usage)
    with pytest.raises(PullError, match=r"0 MB free in .* set MATCHSTREAM_MODELS_PATH to a folder that has it"):
        pull_it()
    assert hub.ranges(WEIGHTS) == []


def test_two_at_a_time_do_not_write_to_one_folder(
    hub: FakeHub, pull_it: Pull, files: dict[str, bytes], store: Store
) -> None:
    workshop = store.workshop(NAME, hub.publish(NAME, files))
    workshop.mkdir(parents=True)
    with FileLock(f"{workshop}.lock"), pytest.raises(PullError, match="another process is pulling it"):
        pull_it()


def test_a_folder_that_can_not_be_written_is_told(hub: FakeHub, pull_it: Pull, store: Store) -> None:
    hub.publish(NAME, {"config.json": b"{}", WEIGHTS: b"x"})
    store.folder.write_text("a file")
    with pytest.raises(PullError, match=r"can't be written .*check MATCHSTREAM_MODELS_PATH"):
        pull_it()
