import pytest

from streams.brokers.processes import free_port


@pytest.fixture
def unused_address():
    return f"127.0.0.1:{free_port()}"
