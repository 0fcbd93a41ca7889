"""What all tests share."""

from pathlib import Path

import pytest

pytest_plugins = ["fixtures.kafka", "fixtures.secured_kafka"]

OTHER_PROCESSES = ("integration", "end_to_end")


def pytest_collection_modifyitems(items):
    """Whatever starts brokers or commands is slow: `make test-fast` is for what runs in this process."""
    here = Path(__file__).parent
    for item in items:
        if item.path.relative_to(here).parts[0] in OTHER_PROCESSES:
            item.add_marker(pytest.mark.slow)
