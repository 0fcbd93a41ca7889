"""Where a run of the whole pipeline takes place: a broker and an index of its own, gone afterwards."""

from __future__ import annotations

import secrets
import shutil
import tempfile
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import Any

from encoders.bundle import read_bundle
from streams.brokers.admin import create_topics, delete_topics
from streams.brokers.embedded import EMBEDDED_OVERRIDES, EmbeddedBroker, ensure_topics
from streams.brokers.topics import Topics
from streams.cli.local_worker import WorkerEndedError
from streams.cli.reachable import ensure_index
from streams.index.opening import drop_index
from streams.settings import Settings


@asynccontextmanager
async def embedded_place(settings: Settings, folder: Path, **overrides: Any) -> AsyncIterator[Settings]:
    """The embedded broker, and the embedded index in a folder.

    Raises:
        BundleError: the bundle can't be used.
        BrokerError: the broker does not start.
    """
    read_bundle(overrides.get("bundle", settings.bundle))
    async with EmbeddedBroker() as broker:
        here = settings.model_copy(
            update={
                **EMBEDDED_OVERRIDES,
                "brokers": broker.address,
                "topic_prefix": "",
                "index": "embedded",
                "index_path": folder / "index",
                "attempts_path": folder / "attempts",
                "heartbeat_file": folder / "heartbeat",
                "health_port": 0,  # another worker of this machine may have it
                **overrides,
            }
        )
        await ensure_topics(broker.address, [topic.name for topic in Topics(here)])
        yield here


@asynccontextmanager
async def configured_place(settings: Settings, folder: Path, **overrides: Any) -> AsyncIterator[Settings]:
    """The broker and the index of the settings, under topics and a collection of its own that are removed again.

    Raises:
        BundleError: the bundle can't be used.
        BrokerUnavailableError: no broker answers.
        IndexUnavailableError: the index server does not answer.
    """
    update: Mapping[str, Any] = {
        "topic_prefix": f"{settings.topic_prefix}match-{secrets.token_hex(4)}.",
        "index_path": folder / "index",
        "attempts_path": folder / "attempts",
        "heartbeat_file": folder / "heartbeat",
        "health_port": 0,
        **overrides,
    }
    here = settings.model_copy(update=update)
    bundle = read_bundle(here.bundle)
    async with AsyncExitStack() as afterwards:
        await create_topics(here)
        afterwards.push_async_callback(delete_topics, here)
        await ensure_index(here, bundle)
        afterwards.push_async_callback(drop_index, here, live=True)
        yield here


@asynccontextmanager
async def scratch_folder() -> AsyncIterator[Path]:
    """A folder that is gone afterwards, unless a worker's log in it has to be read."""
    folder = Path(tempfile.mkdtemp(prefix="matchstream-"))
    try:
        yield folder
    except WorkerEndedError:
        raise
    except BaseException:
        shutil.rmtree(folder, ignore_errors=True)
        raise
    shutil.rmtree(folder, ignore_errors=True)
