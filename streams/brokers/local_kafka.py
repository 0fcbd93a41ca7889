"""A real Apache Kafka on this machine without Docker: one node, KRaft mode, from Maven coordinates.

`python -m streams.brokers.local_kafka start` (or `make kafka`) starts it and prints its address;
`stop` (or `make kafka-stop`) ends it and keeps its data. Tests use the same class as a fixture.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType
from typing import Self

from confluent_kafka import KafkaException
from confluent_kafka.admin import AdminClient
from filelock import FileLock

from streams.brokers.kafka_jars import fetch_jars, packaged
from streams.brokers.kafka_listeners import Listener, server_properties
from streams.brokers.processes import command_line, end, free_port, last_words, port_in_use
from streams.errors import BrokerError

__all__ = ["DEFAULT_PORT", "LocalKafka", "main"]

DEFAULT_PORT = 9092
_ANSWERS_WITHIN_S = 90.0


class LocalKafka:
    """One Kafka node with its data in a folder: `with LocalKafka(Path(".data/kafka")) as kafka`.

    Args:
        data: where its data, configuration, logs and process id live.
        port: where it listens on the loopback; 0 finds a free one.
        jars: where Kafka itself is kept; `data/lib` by default.
        listeners: where it listens, too; `address` is that of the plain one.
    """

    def __init__(
        self,
        data: Path = Path(".data/kafka"),
        port: int = DEFAULT_PORT,
        jars: Path | None = None,
        listeners: Sequence[Listener] = (),
    ) -> None:
        self.data = data.absolute()
        self.jars = (jars or data / "lib").absolute()
        self._port = port
        self._listeners = listeners
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def address(self) -> str | None:
        """Host and port of the running node, or None when none runs."""
        state = self._running()
        return None if state is None else f"127.0.0.1:{state['port']}"

    @property
    def process_id(self) -> int | None:
        """Of the running node, or None when none runs."""
        state = self._running()
        return None if state is None else state["pid"]

    def start(self) -> str:
        """Start the node, unless it runs, and wait until it answers; its address.

        Raises:
            BrokerError: Java or Maven is missing, the port is taken, or it does not answer.
        """
        self.data.mkdir(parents=True, exist_ok=True)
        with FileLock(self.data / "lock"):
            if self.address is not None:
                return self.address
            fetch_jars(self.jars)
            port = self._port or free_port()
            if port_in_use(port):
                raise _port_taken(port)
            self._configure(port)
            self._format()
            self._launch(port)
            return f"127.0.0.1:{port}"

    def stop(self) -> bool:
        """End the node if it runs; whether it did. Its data stays.

        Raises:
            BrokerError: it does not end.
        """
        state = self._running()
        if state is not None:
            end(state["pid"])
        if self._process is not None:
            self._process.poll()
        self._state_file.unlink(missing_ok=True)
        return state is not None

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.stop()

    @property
    def _state_file(self) -> Path:
        return self.data / "process.json"

    @property
    def _properties(self) -> Path:
        return self.data / "server.properties"

    @property
    def _logs(self) -> Path:
        return self.data / "logs"

    def _running(self) -> dict[str, int] | None:
        """Process id and port of the node, if that process is there and is this node."""
        try:
            state: dict[str, int] = json.loads(self._state_file.read_text(encoding="utf-8"))
        except (FileNotFoundError, ValueError):
            return None
        return state if str(self._properties) in command_line(state["pid"]) else None

    def _configure(self, port: int) -> None:
        filled = server_properties(
            self._listeners, port=port, controller_port=free_port(), log_dirs=self.data / "topics"
        )
        self._logs.mkdir(exist_ok=True)
        self._properties.write_text(filled, encoding="utf-8")
        (self.data / "log4j2.properties").write_text(packaged("log4j2.properties"), encoding="utf-8")

    def _format(self) -> None:
        if (self.data / "topics" / "meta.properties").exists():
            return
        identity = self._java("kafka.tools.StorageTool", "random-uuid").strip().splitlines()[-1]
        self._java("kafka.tools.StorageTool", "format", "-t", identity, "-c", str(self._properties))

    def _java(self, *arguments: str) -> str:
        command = [*self._jvm("64m"), *arguments]
        done = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603 - our own arguments
        if done.returncode != 0:
            raise self._failed(f"exit code {done.returncode}: {last_words(done.stdout + done.stderr)}")
        return done.stdout

    def _jvm(self, heap: str) -> list[str]:
        logging = [f"-Dlogs={self._logs}", f"-Dlog4j2.configurationFile={self.data / 'log4j2.properties'}"]
        return ["java", f"-Xmx{heap}", *logging, "-cp", f"{self.jars}/*"]

    def _launch(self, port: int) -> None:
        console = self._logs / "console.log"
        with console.open("w", encoding="utf-8") as output:
            self._process = process = subprocess.Popen(  # noqa: S603 - our own arguments
                [*self._jvm("512m"), "kafka.Kafka", str(self._properties)],
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,  # it goes on when the terminal that started it closes
            )
        self._state_file.write_text(json.dumps({"pid": process.pid, "port": port}), encoding="utf-8")
        try:
            self._wait_for_answer(process, f"127.0.0.1:{port}")
        except BaseException:
            process.kill()
            process.wait()
            self._state_file.unlink(missing_ok=True)
            raise

    def _wait_for_answer(self, process: subprocess.Popen[bytes], address: str) -> None:
        deadline = time.monotonic() + _ANSWERS_WITHIN_S
        while not _answers(address):
            if process.poll() is not None:
                raise self._failed(f"ended with exit code {process.returncode}: {self._last_lines()}")
            if time.monotonic() > deadline:
                raise self._failed(f"no answer at {address} for {_ANSWERS_WITHIN_S:g} s: {self._last_lines()}")

    def _last_lines(self) -> str:
        logs = (self._logs / "server.log", self._logs / "console.log")
        return last_words("".join(log.read_text(encoding="utf-8", errors="replace") for log in logs if log.exists()))

    def _failed(self, got: str) -> BrokerError:
        remedy = f"look into {self._logs}, or remove {self.data} to begin anew"
        return BrokerError("local Kafka", got=got, wanted="a broker that answers", remedy=remedy)


def main(arguments: Sequence[str] | None = None) -> int:
    """Start or stop the node, or print its address; the exit code."""
    parser = argparse.ArgumentParser(prog="python -m streams.brokers.local_kafka", description=__doc__)
    parser.add_argument("action", choices=("start", "stop", "address"))
    parser.add_argument(
        "--data", type=Path, default=Path(".data/kafka"), help="folder of its data (default %(default)s)"
    )
    parser.add_argument("--port", type=int, default=DEFAULT_PORT, help="0 finds a free one (default %(default)s)")
    options = parser.parse_args(arguments)
    kafka = LocalKafka(options.data, options.port)
    try:
        line, code = _act(kafka, options.action)
    except BrokerError as error:
        line, code = f"error: {error}", 1
    (sys.stderr if code else sys.stdout).write(f"{line}\n")
    return code


def _act(kafka: LocalKafka, action: str) -> tuple[str, int]:
    if action == "stop":
        return ("Kafka stopped; its data stays" if kafka.stop() else "Kafka was not running"), 0
    before = kafka.address
    if action == "address":
        return (before, 0) if before else ("Kafka is not running; start it with 'make kafka'", 1)
    address = kafka.start()
    how = "already runs" if before else "runs"
    return f"Kafka {how} at {address} (MATCHSTREAM_BROKERS={address}); stop it with 'make kafka-stop'", 0


def _answers(address: str) -> bool:
    client = AdminClient({"bootstrap.servers": address, "log_level": 0})
    try:
        return bool(client.list_topics(timeout=1.0).brokers)
    except KafkaException:
        return False


def _port_taken(port: int) -> BrokerError:
    remedy = "end what listens there, or give another: make kafka ARGS='--port 9094'"
    return BrokerError("local Kafka", got=f"port {port} in use", wanted="a free one", remedy=remedy)


if __name__ == "__main__":
    sys.exit(main())
