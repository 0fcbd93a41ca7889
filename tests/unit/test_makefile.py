"""The Makefile's promises that can be held without installing anything."""

import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
TARGETS = set(re.findall(r"^\.PHONY: (\S+)$", (ROOT / "Makefile").read_text(), re.MULTILINE))


@pytest.fixture
def make(tmp_path):
    """Run make in a folder that has only what a fresh checkout's installation needs."""
    for name in ("Makefile", "pyproject.toml", "constraints.txt"):
        shutil.copy(ROOT / name, tmp_path)
    environment = {
        name: value for name, value in os.environ.items() if name not in {"MAKEFLAGS", "MAKELEVEL", "MFLAGS"}
    }

    def run(*arguments):
        command = ["make", "--no-print-directory", *arguments]
        return subprocess.run(command, cwd=tmp_path, check=False, capture_output=True, text=True, env=environment)

    return run


@pytest.fixture
def make_installed(tmp_path, make):
    """Run make where the traces of an installation are newer than what it was made from."""
    (tmp_path / ".venv" / "bin").mkdir(parents=True)
    for name in ("bin/pip", ".installed", ".installed-test"):
        (tmp_path / ".venv" / name).touch()
    return make


def test_make_alone_lists_every_target(make):
    listed = set(re.findall(r"^  ([a-z-]+) +\S", make().stdout, re.MULTILINE))
    assert listed == TARGETS
    assert {"install", "demo", "test", "test-fast", "check", "format", "kafka", "kafka-stop", "clean"} <= TARGETS


def test_a_python_that_is_too_old_or_missing_is_told_in_one_line(make):
    for python in ("/bin/false", "/no such/python"):
        outcome = make("install", f"PYTHON={python}")
        assert outcome.returncode != 0
        told = [line for line in outcome.stderr.splitlines() if not line.startswith("make")]
        assert len(told) == 1
        assert told[0].startswith(f"Python: '{python}' is not Python 3.11 or later; install one, or name it:")


def test_a_fresh_checkout_installs_with_the_constraints_before_the_demo(make):
    plan = make("--dry-run", "demo", "ARGS=--exit").stdout
    steps = [
        plan.index(step) for step in ("-m venv .venv", "--constraint constraints.txt", "bin/matchstream demo --exit")
    ]
    assert steps == sorted(steps)


@pytest.mark.parametrize(
    ("target", "command"), [("demo", "bin/matchstream demo"), ("test", "-m pytest"), ("coverage", "-m pytest --cov")]
)
def test_what_is_installed_is_not_installed_again(make_installed, target, command):
    plan = make_installed("--dry-run", target).stdout
    assert command in plan
    assert "pip install" not in plan


@pytest.mark.parametrize("changed", ["pyproject.toml", "constraints.txt"])
def test_it_is_installed_again_when_what_is_wanted_has_changed(make_installed, tmp_path, changed):
    later = (tmp_path / ".venv" / ".installed").stat().st_mtime + 10
    os.utime(tmp_path / changed, (later, later))
    assert "pip install" in make_installed("--dry-run", "install").stdout


def test_an_environment_whose_making_was_interrupted_is_made_again(make, tmp_path):
    (tmp_path / ".venv").mkdir()
    (tmp_path / ".venv" / "pyvenv.cfg").touch()
    assert "-m venv .venv" in make("--dry-run", "install").stdout


def test_the_test_target_runs_the_checks(make_installed):
    plan = make_installed("--dry-run", "test").stdout
    for step in ("bin/ruff check", "bin/ruff format --check", "bin/mypy", "bin/lint-imports", "-m pytest"):
        assert step in plan


def test_the_test_target_leaves_no_test_out(make_installed):
    runs = [line for line in make_installed("--dry-run", "test").stdout.splitlines() if "-m pytest" in line]
    assert len(runs) == 1
    assert "not slow" not in runs[0]


def test_every_target_that_the_documents_name_exists():
    documents = [ROOT / "README.md", *(ROOT / "docs").rglob("*.md")]
    text = "\n".join(document.read_text() for document in documents)
    named = set(re.findall(r"(?:`|^\$? *)make ([a-z-]+)", text, re.MULTILINE))
    assert named <= TARGETS
