"""What tests of commands share: a folder to train in, the command, and logging as it was before."""

import logging
import threading

import pytest
from fakes.trainable import shop_listings, tiny_bundle, write_shop
from typer.testing import CliRunner

from streams.cli.main import app


@pytest.fixture(scope="session")
def base(tmp_path_factory):
    return tiny_bundle(tmp_path_factory.mktemp("bundles")).path


@pytest.fixture
def shop(tmp_path, monkeypatch):
    """An empty working folder with listings and their photos."""
    monkeypatch.chdir(tmp_path)
    write_shop(tmp_path, shop_listings())
    return tmp_path


@pytest.fixture
def train(shop, base):
    """Gives the command as it would be typed, on titles alone and shortly; a later option overrules an earlier one."""
    short = ("--modality", "text", "--epochs", "1", "--held-out", "0.4", "--threads", "1")
    given = ("--base", str(base), "--images", str(shop), "-o", "trained", *short)

    def run(*options, file="listings.jsonl", label="product_id"):
        labelled = ("--label", label) if label else ()
        return CliRunner().invoke(app, ["train", file, *given, *labelled, *options])

    return run


@pytest.fixture
def logging_as_before():
    """What a command sets up for its whole process is undone after the test."""
    root, hook = logging.getLogger(), threading.excepthook
    handlers, level = root.handlers[:], root.level
    yield
    logging.basicConfig(handlers=handlers or None, level=level, force=True)
    logging.captureWarnings(capture=False)
    threading.excepthook = hook
