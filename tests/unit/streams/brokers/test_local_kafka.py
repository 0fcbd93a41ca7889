import json
import os
import socket
import stat

import pytest

from streams.brokers.kafka_jars import fetch_jars, missing_tool
from streams.brokers.local_kafka import LocalKafka, main
from streams.errors import BrokerError


@pytest.fixture
def tools(tmp_path, monkeypatch):
    """A folder that is all of PATH, and a way to put commands into it."""
    folder = tmp_path / "bin"
    folder.mkdir()
    monkeypatch.setenv("PATH", str(folder))

    def add(name, script):
        command = folder / name
        command.write_text(f"#!/bin/sh\n{script}\n")
        command.chmod(command.stat().st_mode | stat.S_IXUSR)

    return add


def java(version):
    return f"echo 'openjdk version \"{version}\" 2025-01-01' >&2"


@pytest.mark.usefixtures("tools")
def test_without_java_one_line_says_what_to_install(tmp_path):
    assert str(missing_tool(tmp_path / "lib")).startswith(
        "local Kafka: no Java, Java 17 or newer wanted; install a JDK"
    )


@pytest.mark.parametrize("version", ["1.8.0_392", "11.0.21"])
def test_an_old_java_is_named(tools, tmp_path, version):
    tools("java", java(version))
    assert f"Java {version.split('.')[0]}, Java 17 or newer wanted" in str(missing_tool(tmp_path / "lib"))


def test_without_maven_one_line_says_what_to_install(tools, tmp_path):
    tools("java", java("17.0.15"))
    assert "no Maven" in str(missing_tool(tmp_path / "lib"))


def test_with_both_nothing_is_missing(tools, tmp_path):
    tools("java", java("21"))
    tools("mvn", "exit 0")
    assert missing_tool(tmp_path / "lib") is None


def test_jars_are_fetched_once_and_maven_is_not_needed_again(tools, tmp_path):
    tools("java", java("17.0.1"))
    tools(
        "mvn", 'for last; do :; done; folder="${last#-DoutputDirectory=}"; /bin/mkdir -p "$folder"; : > "$folder/k.jar"'
    )
    jars = tmp_path / "lib"
    fetch_jars(jars)
    tools("mvn", "exit 1")

    fetch_jars(jars)

    assert missing_tool(jars) is None
    assert (jars / "k.jar").exists()


def test_jars_of_another_version_are_replaced(tools, tmp_path):
    tools("java", java("17.0.1"))
    tools("mvn", 'for last; do :; done; /bin/mkdir -p "${last#-DoutputDirectory=}"')
    jars = tmp_path / "lib"
    jars.mkdir()
    (jars / "kafka-of-old.jar").touch()

    fetch_jars(jars)

    assert not (jars / "kafka-of-old.jar").exists()


def test_what_maven_says_is_passed_on_in_one_line(tools, tmp_path):
    tools("java", java("17.0.1"))
    tools("mvn", "echo '[ERROR] could not resolve'; echo '[ERROR] more'; exit 1")
    with pytest.raises(BrokerError, match=r"Maven says: \[ERROR\] could not resolve, Kafka's jars wanted"):
        fetch_jars(tmp_path / "lib")
    assert not (tmp_path / "lib").exists()


@pytest.mark.usefixtures("tools")
def test_the_command_says_what_is_missing_and_fails(tmp_path, capsys):
    assert main(["start", "--data", str(tmp_path / "data")]) == 1
    assert capsys.readouterr().err.startswith("error: local Kafka: no Java")


def test_a_node_that_does_not_run_has_no_address_and_stops_without_harm(tmp_path, capsys):
    data = str(tmp_path / "data")
    assert main(["address", "--data", data]) == 1
    assert main(["stop", "--data", data]) == 0
    assert "was not running" in capsys.readouterr().out


def test_the_process_id_of_somebody_else_is_left_alone(tmp_path):
    kafka = LocalKafka(tmp_path)
    (tmp_path / "process.json").write_text(json.dumps({"pid": os.getpid(), "port": 9092}))

    assert kafka.address is None
    assert not kafka.stop()


def test_a_port_that_is_used_is_named(tools, tmp_path):
    tools("java", java("17.0.1"))
    tools("mvn", 'for last; do :; done; /bin/mkdir -p "${last#-DoutputDirectory=}"')
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(BrokerError, match=f"port {port} in use, a free one wanted"):
            LocalKafka(tmp_path / "data", port).start()


def test_a_node_that_can_not_start_says_its_last_words(tools, tmp_path):
    tools("java", f"{java('17.0.1')}; echo 'disk on fire'; exit 3")
    tools("mvn", 'for last; do :; done; /bin/mkdir -p "${last#-DoutputDirectory=}"')
    with pytest.raises(BrokerError, match=r"exit code 3: .*disk on fire"):
        LocalKafka(tmp_path / "data", 0).start()
