"""What all tests share."""

from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

# How long a random example takes says more about the machine than about the code. Loaded here, before any test is
# imported: `given` and `settings` take the profile of that moment.
settings.register_profile("unhurried", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("unhurried")

pytest_plugins = ["fixtures.kafka", "fixtures.secured_kafka"]

OTHER_PROCESSES = ("integration", "end_to_end")


def pytest_collection_modifyitems(items):
    """Whatever starts brokers or commands is slow: `make test-fast` is for what runs in this process."""
    here = Path(__file__).parent
    for item in items:
        if item.path.relative_to(here).parts[0] in OTHER_PROCESSES:
            item.add_marker(pytest.mark.slow)
