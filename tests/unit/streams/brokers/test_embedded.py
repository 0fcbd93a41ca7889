import os
import signal
import subprocess
import sys
import time

import pytest
from pydantic import ValidationError

from streams.brokers.embedded import EMBEDDED_OVERRIDES, EmbeddedBroker
from streams.brokers.processes import command_line, port_in_use
from streams.errors import BrokerError
from streams.settings import Settings

PARENT = """
import time
from streams.brokers.embedded import EmbeddedBroker
with EmbeddedBroker() as broker:
    print(broker.process_id, broker.address, flush=True)
    time.sleep(60)
"""


def wait_until(condition, within_s=60.0):
    deadline = time.monotonic() + within_s
    while not condition():
        assert time.monotonic() < deadline, "waited in vain"
        time.sleep(0.02)


def port_of(address):
    return int(address.rpartition(":")[2])


def test_it_listens_while_it_is_open_and_says_what_it_is_for(capfd):
    with EmbeddedBroker() as broker:
        address, process_id = broker.address, broker.process_id
        assert address.startswith("127.0.0.1:")
        assert port_in_use(port_of(address))
        wait_until(lambda: "for looking only" in capfd.readouterr().err)

    assert command_line(process_id) == ""
    assert not port_in_use(port_of(address))


async def test_it_opens_in_an_event_loop_too():
    async with EmbeddedBroker() as broker:
        assert port_in_use(port_of(broker.address))


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGKILL])
def test_it_never_outlives_its_parent(number):
    with subprocess.Popen([sys.executable, "-c", PARENT], stdout=subprocess.PIPE, text=True) as parent:
        process_id, address = parent.stdout.readline().split()
        assert port_in_use(port_of(address))

        os.kill(parent.pid, number)
        parent.wait()

        wait_until(lambda: "streams.brokers.embedded" not in command_line(int(process_id)))
        assert not port_in_use(port_of(address))


def test_a_broker_that_was_not_started_has_no_address():
    with pytest.raises(BrokerError, match=r"call start\(\) first"):
        _ = EmbeddedBroker().address


def test_stopping_twice_does_no_harm():
    broker = EmbeddedBroker().start()
    broker.stop()
    broker.stop()


def test_its_overrides_are_settings_that_exist():
    try:
        settings = Settings(_env_file=None, **EMBEDDED_OVERRIDES)
    except ValidationError as error:
        pytest.fail(str(error))
    assert set(EMBEDDED_OVERRIDES) <= set(Settings.model_fields)
    assert settings.partitions == 4
