"""`matchstream models` as it is typed: pulling from a hub on the loopback, listing, removing."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from fakes.model_hub import fake_hub
from fakes.no_network import forbid_network
from fakes.tiny_models import save_tiny_bert
from typer.testing import CliRunner

from encoders import ModelMissingError
from encoders.errors import PullError
from encoders.models import keep_models_in, pulled_models
from encoders.models.hub import Hub
from streams.cli.main import app

NAME = "acme/tiny"


@pytest.fixture
def hub(monkeypatch):
    with fake_hub() as started:
        monkeypatch.setattr("streams.cli.models_pulled.Hub", lambda: Hub(started.endpoint))
        yield started


pytestmark = pytest.mark.usefixtures("logging_as_before")


@pytest.fixture(autouse=True)
def _here(tmp_path, monkeypatch):
    """A working folder, and afterwards the place of models as before."""
    before = pulled_models().folder
    monkeypatch.chdir(tmp_path)
    yield
    keep_models_in(before)


@pytest.fixture(scope="session")
def files(tmp_path_factory):
    folder = tmp_path_factory.mktemp("published")
    save_tiny_bert(folder)
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def until(condition, within_s=150.0):
    end = time.monotonic() + within_s
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.01)


def bytes_in(path):
    try:
        return path.stat().st_size
    except FileNotFoundError:  # a file that is whole gets another name
        return 0


def run(*words):
    return CliRunner().invoke(app, ["models", *words])


def test_pulled_models_are_told_listed_and_removed(hub, files, tmp_path, monkeypatch):
    monkeypatch.setenv("MATCHSTREAM_MODELS_PATH", str(tmp_path / "kept"))
    commit = hub.publish(NAME, files, licence="apache-2.0")
    pulled = run("pull", NAME)
    assert f"Pulled {NAME} at {commit[:12]} (text, " in pulled.output
    assert "licence: apache-2.0" in pulled.output
    assert f"Next: matchstream fit LISTINGS.jsonl --text-model {NAME} -o bundles/ours" in pulled.output
    assert (tmp_path / "kept" / f"acme--tiny@{commit}" / "model.safetensors").is_file()
    assert "It is here already, and whole: acme/tiny" in run("pull", NAME).output

    forbid_network(monkeypatch)
    line = next(line for line in run("list").output.splitlines() if NAME in line)
    assert line.split()[:3] == [NAME, commit[:12], "text"]
    assert {"apache-2.0", "whole"} < {*line.split()}
    assert f"Removed {NAME} at {commit[:12]}" in run("remove", NAME).output
    assert "No model was pulled" in run("list").output
    assert "not among the models pulled" in str(run("remove", NAME).exception)


def test_the_list_says_what_is_damaged_what_needs_a_model_and_what_is_missing(hub, files, tmp_path, base):
    commit = hub.publish(NAME, files)
    run("pull", NAME)
    manifest = json.loads((base / "manifest.json").read_text())
    needing = tmp_path / "needing"
    needing.mkdir()
    kept = {name: digest for name, digest in manifest["files"].items() if not name.startswith("text/")}
    for model in (NAME, "acme/other"):
        told = {**manifest, "files": kept, "text": {**manifest["text"], "model": model}}
        for name in kept:
            (needing / name).write_bytes((base / name).read_bytes())
        (needing / "manifest.json").write_text(json.dumps(told))
        listed = run("list", "--json", "--bundle", str(needing))
        found = json.loads(listed.stdout)
        assert found["pulled"][0]["bundles"] == (["needing"] if model == NAME else [])
        assert [one["name"] for one in found["missing"]] == ([] if model == NAME else ["acme/other"])
        assert listed.exit_code == (0 if model == NAME else 1)
    assert "Missing: bundle 'needing' needs the text model acme/other; run 'matchstream models pull acme/other'" in (
        run("list", "--bundle", str(needing)).output
    )

    weights = pulled_models().place(NAME, commit) / "model.safetensors"
    weights.write_bytes(bytes(weights.stat().st_size))
    assert run("list").exit_code == 0
    checked = run("list", "--check")
    assert "holds other bytes than were pulled" in checked.output
    assert checked.exit_code == 1


def test_a_fit_that_names_a_model_that_is_not_here_says_how_to_get_it(tmp_path, monkeypatch):
    forbid_network(monkeypatch)
    (tmp_path / "listings.jsonl").write_text('{"listing_id": "a", "title": "red shoe"}\n')
    asked = ["fit", "listings.jsonl", "--no-image", "--text-model", NAME, "-o", "ours"]
    error = CliRunner().invoke(app, asked).exception
    assert isinstance(error, ModelMissingError)
    assert f"run 'matchstream models pull {NAME}'" in str(error)


def test_a_backbone_has_one_revision(monkeypatch):
    forbid_network(monkeypatch)
    assert isinstance(run("pull", "resnet18", "--revision", "v2").exception, PullError)


def test_help_names_models_to_begin_with():
    told = " ".join(run("pull", "--help").output.split())
    for name in ("openai/clip-vit-base-patch32", "Salesforce/blip-image-captioning-base", "resnet18"):
        assert name.replace("-", "") in told.replace("-", "").replace(" ", "")


@pytest.mark.slow
def test_ctrl_c_stops_a_pull_and_the_same_command_goes_on(hub, files):
    commit = hub.publish(NAME, {**files, "model.safetensors": os.urandom(5_000_000)})
    hub.held_after = 3_000_000
    command = [sys.executable, "-m", "streams.cli.main", "models", "pull", NAME]
    paths = os.pathsep.join((str(Path(__file__).parents[4]), os.environ.get("PYTHONPATH", "")))
    environment = {**os.environ, "HF_ENDPOINT": hub.endpoint, "PYTHONPATH": paths, "HF_TOKEN": "hf_secret"}
    pull = subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    begun = pulled_models().workshop(NAME, commit)
    until(lambda: any(bytes_in(path) >= 1 << 20 for path in begun.rglob("*.incomplete")))
    pull.send_signal(signal.SIGINT)
    told = pull.communicate(timeout=150)
    assert (pull.returncode, "The same command goes on" in told[1]) == (130, True)

    hub.held_after = None
    again = subprocess.run([*command, "--debug"], env=environment, capture_output=True, text=True, check=True)
    assert hub.ranges("model.safetensors")[-1] in {"bytes=1048576-", "bytes=2097152-"}
    assert "hf_secret" not in "".join(told) + again.stdout + again.stderr
    assert {one.token for one in hub.asked if "/api/" in one.path} == {"Bearer hf_secret"}
