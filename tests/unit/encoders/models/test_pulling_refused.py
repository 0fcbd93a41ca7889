"""What can't be pulled is told in one line with the remedy, before anything large is fetched, and leaves nothing."""

import json
import shutil
from pathlib import Path

import pytest
from fakes.model_hub import FakeHub, fake_hub
from fakes.pulls import NAME, WEIGHTS, Pull, left
from filelock import FileLock

from encoders.errors import PullError
from encoders.models import Kind, Store, find_model
from encoders.models.hub import Hub
from encoders.models.pulling import pull


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
    assert left(store) == []


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
