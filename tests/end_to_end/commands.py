"""Running the command as a user types it, and looking at the processes it starts."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from types import SimpleNamespace

import orjson
import pytest

from streams.settings import environment_of

COMMAND = Path(sys.executable).with_name("matchstream")


class Command:
    """Runs `matchstream` with an environment of its own."""

    def __init__(self, environment, folder):
        self.folder = folder
        inherited = {name: value for name, value in os.environ.items() if not name.startswith("MATCHSTREAM_")}
        # What a command that is killed leaves behind goes where pytest clears up.
        self.environment = {**inherited, "TMPDIR": str(folder.parent), **environment}

    def on(self, settings):
        """The same, told about a broker, a prefix and a generation."""
        told = environment_of(settings)
        wanted = ("BROKERS", "TOPIC_PREFIX", "GENERATION", "PARTITIONS", "BROKER_EMBEDDED", "SESSION_TIMEOUT_S")
        return self.with_(**{name.lower(): told[f"MATCHSTREAM_{name}"] for name in wanted})

    def with_(self, **settings):
        more = {f"MATCHSTREAM_{name.upper()}": str(value) for name, value in settings.items()}
        return Command({**self.environment, **more}, self.folder)

    def start(self, *arguments, **options):
        pipes = {"stdin": subprocess.DEVNULL, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE, **options}
        return subprocess.Popen([COMMAND, *arguments], cwd=self.folder, env=self.environment, text=True, **pipes)

    def run(self, *arguments, timeout_s=150, **options):
        """Its exit code, what it printed, and how long it took."""
        began = time.monotonic()
        process = self.start(*arguments, **options)
        return finished(process, timeout_s, began)


def finished(process, timeout_s=120, began=None):
    try:
        out, err = process.communicate(timeout=timeout_s)
    except subprocess.TimeoutExpired:
        process.kill()
        out, err = process.communicate()
        pytest.fail(f"still running after {timeout_s} s: {out}{err}")
    took_s = time.monotonic() - (began or time.monotonic())
    return SimpleNamespace(code=process.returncode, out=out, err=err, took_s=took_s)


def until(condition, timeout_s=120):
    """Wait for it; what it was when it came true."""
    deadline = time.monotonic() + timeout_s
    while not (value := condition()):
        assert time.monotonic() < deadline, f"not within {timeout_s} s"
        time.sleep(0.1)
    return value


def children_of(process_id):
    """What a process has started, by id: how."""
    told = subprocess.run(["ps", "-A", "-ww", "-o", "pid=,ppid=,args="], capture_output=True, text=True, check=True)
    rows = [line.split(None, 2) for line in told.stdout.splitlines()]
    return {int(row[0]): row[2] for row in rows if len(row) == 3 and int(row[1]) == process_id}


def alive(process_id):
    try:
        os.kill(process_id, 0)
    except ProcessLookupError:
        return False
    state = subprocess.run(["ps", "-o", "stat=", "-p", str(process_id)], capture_output=True, text=True, check=False)
    return bool(state.stdout.strip()) and not state.stdout.startswith("Z")


def interrupt(process):
    process.send_signal(signal.SIGINT)


def write_lines(path, listings):
    path.write_bytes(b"".join(orjson.dumps(one) + b"\n" for one in listings))
    return path


def read_lists(text):
    """Listing id to the ids and similarities of its matches, from lines of JSON."""
    lines = [orjson.loads(line) for line in text.splitlines()]
    return {line["listing_id"]: line["matches"] for line in lines}
