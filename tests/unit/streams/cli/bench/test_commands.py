"""What is missing is said before anything is measured."""

import orjson
import pytest
from typer.testing import CliRunner

from encoders.errors import BundleError
from streams.cli.main import app
from streams.errors import BrokerUnavailableError, SettingsError

pytestmark = pytest.mark.usefixtures("logging_as_before")


@pytest.fixture(autouse=True)
def here(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("MATCHSTREAM_BROKERS", "127.0.0.1:1")
    (tmp_path / "listings.jsonl").write_bytes(orjson.dumps({"listing_id": "a", "title": "red shoe"}))


def failure(*arguments):
    result = CliRunner().invoke(app, ["bench", *arguments])
    assert result.exit_code != 0
    assert result.stdout == ""
    return result.exception


@pytest.mark.parametrize("name", ["pipeline", "scale"])
def test_a_bundle_and_a_broker(name, monkeypatch):
    assert isinstance(failure(name, "listings.jsonl"), BrokerUnavailableError)
    monkeypatch.setenv("MATCHSTREAM_BUNDLE", "missing")
    assert isinstance(failure(name, "listings.jsonl"), BundleError)


def test_constants_and_a_document():
    assert "docs/benchmarks/constants.json" in str(failure("capacity"))
    assert isinstance(failure("capacity"), SettingsError)


def test_changes_of_no_catalogue():
    result = CliRunner().invoke(app, ["bench", "capacity", "--constants", "listings.jsonl", "--changes-a-day", "5"])
    assert result.exit_code != 0
