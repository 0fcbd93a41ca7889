import socket
import subprocess
import sys
import time

import pytest

from streams.errors import SettingsError
from streams.events import Message
from streams.settings import Settings
from streams.telemetry.tracing import OFF, tracing

SETTINGS = Settings(_env_file=None)
ON = SETTINGS.model_copy(update={"traces": "otlp"})


def test_off_leaves_everything_as_it_is():
    with tracing(SETTINGS) as off:
        assert off is OFF
    thing = object()
    assert off.over("embed", thing) is off.outbox(thing) is off.published(thing) is thing


def test_off_imports_nothing_of_it():
    code = "import sys, streams.telemetry.tracing; sys.exit('opentelemetry.sdk' in sys.modules)"
    subprocess.run([sys.executable, "-c", code], check=True, timeout=120)


def test_without_its_packages_the_setting_is_named(monkeypatch):
    for name in [one for one in sys.modules if one.startswith(("opentelemetry", "streams.telemetry.exp"))]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "opentelemetry.sdk", None)
    with pytest.raises(SettingsError, match=r"matchstream\[trace\]"), tracing(ON):
        pytest.fail("it began")


@pytest.mark.slow
def test_a_collector_that_does_not_answer_keeps_no_worker_from_stopping(monkeypatch):
    monkeypatch.setattr("streams.telemetry.exporting._TELLS_WITHIN_S", 0.1)
    with socket.create_server(("127.0.0.1", 0)) as silent:
        monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", f"http://127.0.0.1:{silent.getsockname()[1]}")
        with tracing(ON) as traced:
            traced.published(Message("listings", b"a", b"{}"))
            began = time.monotonic()
        assert time.monotonic() - began < 8, "its exporter would have waited for 10 s, and tried again"
