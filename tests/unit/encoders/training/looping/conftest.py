"""A run that nothing interrupts, to compare others with."""

import pytest
from fakes.blob_task import BlobTask, train, weights


@pytest.fixture(scope="session")
def undisturbed(tmp_path_factory):
    """Its outcome, and its weights."""
    task = BlobTask()
    return train(task, tmp_path_factory.mktemp("undisturbed")), weights(task)
