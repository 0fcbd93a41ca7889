"""Where a local Kafka's Java comes from: the JVM on this machine, and its jars by Maven."""

from __future__ import annotations

import hashlib
import re
import shutil
import subprocess
import tempfile
from importlib import resources
from pathlib import Path

from streams.errors import BrokerError

__all__ = ["fetch_jars", "missing_tool", "packaged"]

_JAVA_NEEDED = 17
_FETCH_WITHIN_S = 600
_VERSION = re.compile(r'version "(\d+)')


def packaged(name: str) -> str:
    """The text of one of the files that come with this package."""
    return resources.files("streams.brokers").joinpath("kafka", name).read_text(encoding="utf-8")


def missing_tool(jars: Path) -> BrokerError | None:
    """What this machine lacks to run Kafka from `jars`, or None when it lacks nothing."""
    java = _java_version()
    if java is None or java < _JAVA_NEEDED:
        got = "no Java" if java is None else f"Java {java}"
        return _lacking(got, f"Java {_JAVA_NEEDED} or newer", "install a JDK, as 'openjdk-17-jre-headless'")
    if not _complete(jars) and shutil.which("mvn") is None:
        return _lacking("no Maven", "the command 'mvn', once, to fetch Kafka", "install Maven, as the package 'maven'")
    return None


def fetch_jars(jars: Path) -> None:
    """Copy Kafka and what it needs into the folder `jars`, unless the right ones are there.

    Raises:
        BrokerError: Java or Maven is missing, or Maven can't fetch them.
    """
    lacking = missing_tool(jars)
    if lacking is not None:
        raise lacking
    if _complete(jars):
        return
    jars.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=jars.parent, prefix=".fetching-") as folder:
        fetched = Path(folder) / "jars"
        _run_maven(Path(folder), fetched)
        _mark(fetched).write_text("", encoding="utf-8")
        shutil.rmtree(jars, ignore_errors=True)
        fetched.rename(jars)


def _run_maven(folder: Path, fetched: Path) -> None:
    pom = folder / "pom.xml"
    pom.write_text(packaged("pom.xml"), encoding="utf-8")
    command = ["mvn", "-q", "-B", "-f", str(pom), "dependency:copy-dependencies", "-DincludeScope=runtime"]
    try:
        subprocess.run(  # noqa: S603 - a fixed command; nothing from outside goes into it
            [*command, f"-DoutputDirectory={fetched}"],
            check=True,
            capture_output=True,
            text=True,
            timeout=_FETCH_WITHIN_S,
        )
    except subprocess.CalledProcessError as error:
        lines = [line for line in error.stdout.splitlines() if "ERROR" in line] or ["no reason given"]
        raise _unfetched(lines[0]) from error
    except subprocess.TimeoutExpired as error:
        raise _unfetched(f"nothing within {_FETCH_WITHIN_S} s") from error


def _java_version() -> int | None:
    java = shutil.which("java")
    if java is None:
        return None
    said = subprocess.run([java, "-version"], capture_output=True, text=True, check=False)  # noqa: S603 - fixed command
    found = _VERSION.search(said.stderr)
    return int(found.group(1)) if found else None


def _mark(jars: Path) -> Path:
    """A file that says from which POM the jars beside it came."""
    return jars / f"{hashlib.sha256(packaged('pom.xml').encode()).hexdigest()[:16]}.complete"


def _complete(jars: Path) -> bool:
    return _mark(jars).exists()


def _lacking(got: str, wanted: str, remedy: str) -> BrokerError:
    alternative = "or use 'docker compose up -d kafka'"
    return BrokerError("local Kafka", got=got, wanted=wanted, remedy=f"{remedy}, {alternative}")


def _unfetched(reason: str) -> BrokerError:
    remedy = "check the network and Maven's settings, or use 'docker compose up -d kafka'"
    return BrokerError("local Kafka", got=f"Maven says: {reason}", wanted="Kafka's jars", remedy=remedy)
