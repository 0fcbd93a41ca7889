"""docs/operations.md keeps its word: its commands, settings, topics, services and exit codes exist."""

import ast
import json
import re
import shlex
import shutil
import subprocess
import tomllib
from itertools import pairwise
from pathlib import Path

import pytest
import yaml
from typer.main import get_command
from typer.testing import CliRunner

from streams import errors
from streams.brokers.topics import DEAD_LETTER_BYTES, REFETCH, StageName, Topics, group_of
from streams.cli.main import app
from streams.cli.worker import _INTERRUPTED
from streams.errors import LEASE_LOST
from streams.health.telling import Health, StageHealth
from streams.settings import PREFIX, Settings

ROOT = Path(__file__).parents[2]
RUNBOOK = (ROOT / "docs" / "operations.md").read_text(encoding="utf-8")
SERVICES = yaml.safe_load((ROOT / "docker-compose.yml").read_text())["services"]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
SETTINGS = Settings(_env_file=None)
COMMANDS = [
    line for block in re.findall(r"```sh\n(.*?)```", RUNBOOK, re.DOTALL) for line in block.splitlines() if line.strip()
]
SCRIPTS = {"kafka-configs.sh", "kafka-consumer-groups.sh", "kafka-log-dirs.sh", "kafka-topics.sh"}
OF_COMPOSE = {"exec", "kill", "logs", "ps", "restart", "stop", "up"}


def resolve(words):
    """A command line of ours, looked up and its options read, but not run."""
    command, arguments = get_command(app), list(words)
    while hasattr(command, "commands"):
        assert arguments[0] in command.commands, words
        command, arguments = command.commands[arguments[0]], arguments[1:]
    command.make_context(command.name, arguments)


def check_kafka_script(script, options):
    assert script.startswith("/opt/kafka/bin/")
    assert script.rpartition("/")[2] in SCRIPTS
    assert options[:2] == ["--bootstrap-server", "kafka:19092"]
    named = dict(pairwise(options))
    topics = {topic.name: topic for topic in Topics(SETTINGS)}
    for option in ("--topic", "--entity-name"):
        assert named.get(option, "listings") in topics
    assert named.get("--group", "g1.embed") in {group_of(SETTINGS, one) for one in (*StageName, REFETCH)}
    if "--add-config" in named:
        assert named["--add-config"].partition("=")[0] in topics[named["--entity-name"]].configuration


def check_snapshots(words):
    """A call of Qdrant's about copies of a collection, as its description of the REST interface has it."""
    *options, url = words
    assert re.fullmatch(r"http://127\.0\.0\.1:6333/collections/g1/snapshots(/recover)?", url)
    named = dict(zip(options[::2], options[1::2], strict=True))
    assert named.pop("--header") == "api-key: $MATCHSTREAM_QDRANT_API_KEY"
    assert named.pop("--request", "GET") == ("PUT" if url.endswith("/recover") else "POST" if options[2:] else "GET")
    if body := named.pop("--json", None):
        kept = SERVICES["qdrant"]["environment"]["QDRANT__STORAGE__SNAPSHOTS_PATH"]
        assert json.loads(body) == {"location": f"file://{kept}/g1/NAME.snapshot", "priority": "snapshot"}
    assert not named


def check_put_back(words):
    """Two places in the folder of indexes; that the copy is found there, `test_putting_back` shows."""
    assert words[0] == "mv" or words[1] == "--recursive"
    assert all(Path(word).is_relative_to(SETTINGS.index_path) for word in words[-2:])


def check_compose(words):
    while words[0] == "--profile":
        assert any(words[1] in service.get("profiles", []) for service in SERVICES.values())
        words = words[2:]
    assert words[0] in OF_COMPOSE
    if words[0] != "exec":
        named = [word for word in words[1:] if re.fullmatch(r"[a-z][a-z-]*", word)]
        scaled = [word.partition("=")[0] for word in words if "=" in word]
        assert {*named, *scaled} <= set(SERVICES)
        return
    assert words[1] in SERVICES
    if words[2] == "matchstream":
        resolve(words[3:])
    else:
        assert words[1] == "kafka"
        check_kafka_script(words[2], words[3:])


def bare(words):
    """Without variables before it, whose settings are looked up below, and the jq after it, which a test runs."""
    while re.fullmatch(r"[A-Z_]+=.*", words[0]):
        words = words[1:]
    return words[: words.index("|")] if "jq" in words else words


@pytest.mark.parametrize("line", COMMANDS)
def test_every_command_exists_and_takes_its_options(line):
    words = bare(shlex.split(line))
    match words:
        case ["matchstream", *rest]:
            resolve(rest)
        case ["docker", "compose", *rest]:
            check_compose(rest)
        case ["curl", url]:
            assert re.fullmatch(r"http://127\.0\.0\.1:(8080/(healthz|readyz|metrics)|6333/readyz)", url)
        case ["curl", *rest]:
            check_snapshots(rest)
        case ["pip", "install", extra]:
            assert extra.removeprefix("matchstream[").removesuffix("]") in PROJECT["optional-dependencies"]
        case ["mv" | "cp", *_]:
            check_put_back(words)
        case _:
            pytest.fail(f"nobody knows whether this exists: {line}")


@pytest.mark.parametrize(
    "line",
    [
        "docker compose stop nobody",
        "docker compose exec matching matchstream topics nonsense",
        "docker compose exec kafka /opt/kafka/bin/kafka-topics.sh --bootstrap-server kafka:19092 --topic nothing",
        "matchstream worker --nonsense",
        "rm -rf /",
        "cp --recursive / .data/index/g1",
        "curl http://127.0.0.1:6333/collections/g1/points",
    ],
)
def test_a_command_that_does_not_exist_would_be_found(line):
    with pytest.raises(BaseException):  # noqa: B017, PT011 - an assertion, or whatever click raises
        test_every_command_exists_and_takes_its_options(line)


@pytest.mark.parametrize("line", sorted(set(re.findall(r"`(matchstream [a-z][^`]*)`", RUNBOOK))))
def test_commands_in_the_text_exist_too(line):
    resolve(shlex.split(line)[1:])


@pytest.mark.parametrize("variable", sorted(set(re.findall(rf"{PREFIX}[A-Z_]+", RUNBOOK))))
def test_every_setting_exists(variable):
    assert variable.removeprefix(PREFIX).lower() in Settings.model_fields


def test_every_setting_of_tls_and_passwords_is_told():
    wanted = [name for name in Settings.model_fields if name.startswith("kafka_")]
    assert [name for name in wanted if f"{PREFIX}{name.upper()}" not in RUNBOOK] == []


def test_the_dead_letters_get_the_room_that_new_topics_have():
    assert f"--entity-name listings.dead-letters --add-config max.message.bytes={DEAD_LETTER_BYTES}" in RUNBOOK


@pytest.mark.parametrize("name", sorted(set(re.findall(r"^\| (?=`\w+Error)(.*?) \|", RUNBOOK, re.MULTILINE))))
def test_every_error_of_a_dead_letter_exists_and_can_lay_one_aside(name):
    for one in re.findall(r"`(\w+Error)`", name):
        assert getattr(errors, one).may_be_of_a_message


def test_links_lead_somewhere():
    headings = {
        re.sub(r"[^a-z0-9 -]", "", line.lower()).replace(" ", "-")
        for line in re.findall(r"^#+ (.*)$", RUNBOOK, re.MULTILINE)
    }
    assert set(re.findall(r"\]\(#([^)]*)\)", RUNBOOK)) <= headings


@pytest.mark.skipif(shutil.which("jq") is None, reason="jq is not installed")
def test_the_log_can_be_followed():
    (line,) = [one for one in COMMANDS if "jq" in one]
    words = shlex.split(line)
    shown = re.search(r'```json\n(\{"time".*?)```', RUNBOOK, re.DOTALL)[1].replace("\n", "")
    other = {**json.loads(shown), "listings": ["s9-9"]}
    log = "\n".join(["matching  | no JSON", shown, json.dumps(other), '{"message": "no batch"}'])
    told = subprocess.run(words[words.index("jq") :], input=log, capture_output=True, text=True, check=True)
    assert json.loads(told.stdout) == {"time": "2026-01-01T12:00:00.123Z", "stage": "embed", "seconds": 0.5102}


def test_the_page_that_is_shown_is_one_that_could_be_told():
    shown = yaml.safe_load(re.search(r"```json\n(.*?)```", RUNBOOK, re.DOTALL)[1])
    assert list(shown) == list(Health.__dataclass_fields__)
    assert [list(stage) for stage in shown["stages"].values()] == [list(StageHealth.__dataclass_fields__)]


def documented():
    """Exit codes of the table, each with whom it is of."""
    rows = re.findall(r"^\| (\d+) \| (.*?) \|", RUNBOOK, re.MULTILINE)
    return {code: [of for one, of in rows if int(one) == code] for code in {int(row[0]) for row in rows}}


def exits(file):
    """Every number that code of ours ends a process with."""
    for node in ast.walk(ast.parse(file.read_text())):
        if isinstance(node, ast.Call) and ast.unparse(node.func) in {
            "typer.Exit",
            "os._exit",
            "sys.exit",
            "SystemExit",
        }:
            yield from (ast.unparse(argument) for argument in node.args)


def test_every_exit_code_of_the_code_is_documented():
    files = [*(ROOT / "streams" / "cli").rglob("*.py"), ROOT / "streams" / "worker.py"]
    found = {code for file in files for code in exits(file)}
    assert found == {"1", "LEASE_LOST", "_INTERRUPTED"}, "a new way to end belongs into docs/operations.md"
    assert {1, LEASE_LOST, _INTERRUPTED} <= set(documented())


def test_the_table_says_which_command_ends_so_without_a_failure():
    files = {file.stem: list(exits(file)) for file in (ROOT / "streams" / "cli").glob("*.py")}
    ending = {name for name, codes in files.items() if codes}
    told = " ".join(documented()[1])
    assert ending == {"checking", "match", "models", "publish", "verify", "worker"}
    assert all(f"`{name}" in told for name in ending - {"checking"})


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (["--version"], 0),
        (["settings", "--nonsense"], 2),
        (["worker", "--stages", "nonsense"], 2),
        (["worker", "--ready"], 1),
        (["bundle", "show", "/nowhere"], 1),
    ],
)
def test_commands_end_with_documented_codes(arguments, code, monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    environment = {f"{PREFIX}{name.upper()}": None for name in Settings.model_fields}
    assert CliRunner().invoke(app, arguments, env=environment).exit_code == code
    assert code in documented()
