"""docker-compose.yml, Dockerfile and .env.example fit together and fit the commands and settings."""

import http.server
import re
import shlex
import subprocess
import threading
import tomllib
from pathlib import Path

import pytest
import yaml

from streams.brokers.topics import StageName
from streams.settings import PREFIX, Settings

ROOT = Path(__file__).parents[2]
COMPOSE = yaml.safe_load((ROOT / "docker-compose.yml").read_text())
SERVICES = COMPOSE["services"]
MONITORING = [name for name, service in SERVICES.items() if "monitoring" in service.get("profiles", [])]
WORKERS = [name for name, service in SERVICES.items() if "worker" in service.get("command", [])]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
DOCKERFILE = (ROOT / "Dockerfile").read_text()
ENV_EXAMPLE = dict(re.findall(r"^(?:# )?([A-Z_]+)=(.*)$", (ROOT / ".env.example").read_text(), re.MULTILINE))


def matchstream_commands():
    """Every command line of matchstream in the deployment, by where it stands."""
    for name, service in SERVICES.items():
        if service.get("command", [""])[0] == "matchstream":
            yield f"{name}'s command", service["command"]
        check = service.get("healthcheck", {}).get("test", ["", ""])
        if check[1] == "matchstream":
            yield f"{name}'s health check", check[1:]
    yield (
        "the image's command",
        shlex.split(re.sub(r'[\[\],"]', " ", re.search(r"^CMD (.*)$", DOCKERFILE, re.MULTILINE)[1])),
    )


def matchstream_variables():
    """Every variable of matchstream that containers are given, with its value, by service."""
    for name, service in SERVICES.items():
        for variable, value in service.get("environment", {}).items():
            if variable.startswith("MATCHSTREAM_"):
                asked = re.sub(r"\$\{(\w+):\?[^}]*\}", lambda found: ENV_EXAMPLE[found[1]], value)
                yield name, variable, re.sub(r"\$\{\w+:-([^}]*)\}", r"\1", asked)


def setting(variable: str) -> str:
    return variable.removeprefix("MATCHSTREAM_").lower()


def read(variable: str, value: str):
    """The setting as matchstream reads it from a variable."""
    return getattr(Settings(_env_file=None, **{setting(variable): value}), setting(variable))


@pytest.mark.parametrize(("where", "words"), [pytest.param(*found, id=found[0]) for found in matchstream_commands()])
def test_every_command_exists_and_takes_its_options(where, words):
    from typer.main import get_command  # noqa: PLC0415 - the other tests need no commands

    from streams.cli.main import app  # noqa: PLC0415 - likewise

    command, arguments = get_command(app), words[1:]
    while hasattr(command, "commands"):
        assert arguments[0] in command.commands, where
        command, arguments = command.commands[arguments[0]], arguments[1:]
    command.make_context(words[0], list(arguments))  # raises for an unknown option or a bad value


def test_every_stage_is_run_by_workers_of_every_profile():
    stages = {name: set(SERVICES[name]["command"][-1].split(",")) for name in WORKERS}
    always = set().union(*(stages[name] for name in WORKERS if "profiles" not in SERVICES[name]))
    for profile in ("cpu", "gpu"):
        added = set().union(*(stages[name] for name in WORKERS if profile in SERVICES[name].get("profiles", [])))
        assert always | added == set(StageName)
        assert not always & added


@pytest.mark.parametrize(("service", "variable", "value"), list(matchstream_variables()))
def test_every_variable_of_a_container_is_a_setting_with_a_valid_value(service, variable, value):
    assert setting(variable) in Settings.model_fields, service
    assert read(variable, value) is not None


def test_containers_reach_kafka_and_qdrant_where_these_listen():
    kafka = SERVICES["kafka"]["environment"]
    for _, variable, value in matchstream_variables():
        if variable == "MATCHSTREAM_BROKERS":
            assert f"//{value}" in kafka["KAFKA_ADVERTISED_LISTENERS"]
            assert value in SERVICES["kafka"]["healthcheck"]["test"][1]
        if variable == "MATCHSTREAM_QDRANT_URL":
            assert value == "http://qdrant:6333"
    assert "127.0.0.1:9092:9092" in SERVICES["kafka"]["ports"]
    assert f"//{Settings.model_fields['brokers'].default}" in kafka["KAFKA_ADVERTISED_LISTENERS"]


def test_qdrant_and_its_clients_have_one_key_and_none_is_not_accepted():
    key = SERVICES["qdrant"]["environment"]["QDRANT__SERVICE__API_KEY"]
    assert key.startswith("${MATCHSTREAM_QDRANT_API_KEY:?")
    assert {SERVICES[name]["environment"]["MATCHSTREAM_QDRANT_API_KEY"] for name in WORKERS} == {key}


@pytest.mark.parametrize("name", SERVICES)
def test_every_service_restarts_and_is_checked_unless_it_is_a_job(name):
    service = SERVICES[name]
    if service["restart"] == "on-failure":
        assert "healthcheck" not in service
        assert {"condition": "service_completed_successfully"} in [SERVICES[w]["depends_on"][name] for w in WORKERS]
    else:
        assert service["restart"] == ("always" if name in WORKERS else "unless-stopped")
        assert {"test", "interval", "timeout", "retries", "start_period"} == set(service["healthcheck"])


@pytest.mark.parametrize("name", MONITORING)
def test_what_watches_can_change_nothing(name):
    service = SERVICES[name]
    assert service["security_opt"] == ["no-new-privileges:true"]
    assert service["cap_drop"] == ["ALL"]
    mounted = [mount for mount in service["volumes"] if mount.startswith("./")]
    assert mounted
    for mount in mounted:
        here, _, mode = mount.split(":")
        assert (ROOT / here).exists()
        assert mode == "ro"


def test_grafana_lets_nobody_in_without_the_password():
    environment = SERVICES["grafana"]["environment"]
    assert environment["GF_SECURITY_ADMIN_PASSWORD"].startswith("${GRAFANA_ADMIN_PASSWORD:?")
    assert environment["GF_AUTH_ANONYMOUS_ENABLED"] == environment["GF_USERS_ALLOW_SIGN_UP"] == "false"


@pytest.mark.parametrize("name", SERVICES)
def test_every_image_is_pinned_to_a_version(name):
    image = SERVICES[name]["image"]
    assert re.fullmatch(r"[a-z/]+:v?\d+\.\d+\.\d+(-[a-z]+)?", image)
    if "build" in SERVICES[name]:
        assert image == f"{PROJECT['name']}:{PROJECT['version']}"


def test_qdrant_is_at_most_one_minor_version_from_its_client():
    server = int(SERVICES["qdrant"]["image"].split(".")[1])
    client = int(re.search(r"^qdrant-client==1\.(\d+)\.", (ROOT / "constraints.txt").read_text(), re.MULTILINE)[1])
    assert abs(server - client) <= 1


def test_kafka_is_the_version_that_is_tested():
    version = SERVICES["kafka"]["image"].rpartition(":")[2]
    assert f">{version}<" in (ROOT / "streams/brokers/kafka/pom.xml").read_text()


def test_every_volume_is_declared_and_used():
    mounts = [mount.split(":")[0] for service in SERVICES.values() for mount in service.get("volumes", [])]
    assert {mount for mount in mounts if not mount.startswith("./")} == set(COMPOSE["volumes"])


def test_every_published_port_is_on_loopback():
    ports = [port for service in SERVICES.values() for port in service.get("ports", [])]
    assert ports
    assert all(port.startswith("127.0.0.1:") for port in ports)


def test_every_dependency_is_a_service():
    for service in SERVICES.values():
        for name, how in service.get("depends_on", {}).items():
            assert ("healthcheck" in SERVICES[name]) == (how["condition"] == "service_healthy")


@pytest.mark.parametrize(("status", "healthy"), [(200, True), (503, False), (None, False)])
def test_qdrant_s_health_check_tells_ready_from_not(status, healthy):
    class Readiness(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            self.send_response(status if self.path == "/readyz" else 404)
            self.end_headers()

        def log_message(self, *_):
            pass

    with http.server.HTTPServer(("127.0.0.1", 0), Readiness) as server:
        port = server.server_port
        threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
        if status is None:
            server.shutdown()
            server.server_close()
        script = SERVICES["qdrant"]["healthcheck"]["test"][3].replace("$$", "$").replace("/6333", f"/{port}")
        outcome = subprocess.run(["bash", "-c", script], check=False, capture_output=True, timeout=20)
        server.shutdown()
    assert (outcome.returncode == 0) is healthy


@pytest.mark.parametrize("variable", [name for name in ENV_EXAMPLE if name.startswith(PREFIX)])
def test_every_variable_of_the_example_is_a_setting_and_shows_its_default(variable):
    default = Settings.model_fields[setting(variable)].default
    value = read(variable, ENV_EXAMPLE[variable])
    assert value == default or default is None


def test_every_other_variable_of_the_example_is_one_that_compose_asks_for():
    asked = set(re.findall(r"\$\{(\w+):\?", (ROOT / "docker-compose.yml").read_text()))
    assert {name for name in ENV_EXAMPLE if not name.startswith(PREFIX)} <= asked <= set(ENV_EXAMPLE)


def test_the_image_runs_as_a_user_of_its_own_from_pinned_bases_without_secrets():
    final = DOCKERFILE.rpartition("FROM ")[2]
    assert re.search(r"^USER (?!root|0)\w+$", final, re.MULTILINE)
    assert re.search(r'^ENTRYPOINT \["tini", "--"\]$', final, re.MULTILINE)
    assert re.search(r"^ARG PYTHON_IMAGE=python:3\.11\.\d+-slim-\w+$", DOCKERFILE, re.MULTILINE)
    assert set(re.findall(r"^FROM (\S+)", DOCKERFILE, re.MULTILINE)) == {"${PYTHON_IMAGE}"}
    assert not re.search(r"(KEY|SECRET|TOKEN|PASSWORD)\s*=", DOCKERFILE)


def test_only_what_the_image_is_built_from_is_sent_to_the_builder():
    lines = [line for line in (ROOT / ".dockerignore").read_text().splitlines() if not line.startswith("#")]
    copied = {
        name for names in re.findall(r"^COPY (?!--)(.*) \S+$", DOCKERFILE, re.MULTILINE) for name in names.split()
    }
    assert lines[0] == "*"
    assert {line[1:] for line in lines if line.startswith("!")} == copied
    assert all((ROOT / name).exists() for name in copied)
