"""Opening the index that settings name."""

import socket
import subprocess
import sys
from pathlib import Path

import pytest

from encoders.types import Modality
from streams.errors import (
    IndexMismatchError,
    IndexUnavailableError,
    SettingsError,
)
from streams.index import Change
from streams.index.edge import EdgeIndex
from streams.index.edge_folder import read_alias
from streams.index.opening import (
    collection_name,
    open_index,
)
from streams.index.server import ServerIndex, address
from streams.settings import Settings
from tests.fakes.qdrant_server import qdrant_server

DIMENSIONS = {Modality.TEXT: 8}


def settings(**given) -> Settings:
    return Settings(_env_file=None, **given)


def names(folder: Path) -> set[str]:
    return {path.name for path in folder.iterdir()}


def free_port() -> int:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return taken.getsockname()[1]


async def test_embedded_opens_the_generation_in_the_folder(tmp_path: Path):
    given = settings(index="embedded", index_path=tmp_path, generation="g7", topic_prefix="Shop.")
    index = await open_index(given, DIMENSIONS)
    assert isinstance(index, EdgeIndex)
    assert (tmp_path / collection_name(given) / "layout.json").exists()
    assert collection_name(given) == "Shop.g7"
    await index.close()


async def test_server_opens_the_generation_over_grpc():
    async with qdrant_server() as server:
        given = settings(
            index="server",
            qdrant_grpc_port=server.port,
            qdrant_replication=2,
            qdrant_shards=3,
            qdrant_hnsw_m=24,
            qdrant_hnsw_ef_construct=200,
            qdrant_on_disk=True,
            qdrant_quantization="int8",
        )
        index = await open_index(given, DIMENSIONS)
        assert isinstance(index, ServerIndex)
        await index.write([Change("a")])
        assert await index.count() == 1
        (made,) = server.created
        assert (made.replication_factor, made.shard_number) == (2, 3)
        assert (made.hnsw_config.m, made.hnsw_config.ef_construct) == (24, 200)
        assert all(params.on_disk for params in made.vectors_config.params_map.map.values())
        assert made.quantization_config.scalar.always_ram
        await index.close()


async def begin_with_one_bundle_and_open_with_another(given):
    for _ in range(2):
        await (await open_index(given, DIMENSIONS, "one" * 8)).close()
    with pytest.raises(IndexMismatchError) as caught:
        await open_index(given, DIMENSIONS, "other" * 8)
    assert "generation 'g7': got" in str(caught.value) or "generation 'g7': bundle" in str(caught.value)
    assert "MATCHSTREAM_GENERATION" in str(caught.value)
    await (await open_index(given, DIMENSIONS, "one" * 8)).close()


async def test_an_embedded_generation_keeps_its_bundle(tmp_path: Path):
    await begin_with_one_bundle_and_open_with_another(settings(index_path=tmp_path, generation="g7"))


async def test_a_generation_on_a_server_keeps_its_bundle():
    async with qdrant_server() as server:
        given = settings(index="server", qdrant_grpc_port=server.port, generation="g7")
        await begin_with_one_bundle_and_open_with_another(given)


async def test_the_first_generation_becomes_the_live_one(tmp_path: Path):
    for generation in ("g1", "g2"):
        await (await open_index(settings(index_path=tmp_path, generation=generation), DIMENSIONS)).close()
    assert read_alias(tmp_path, "listings") == "g1"


@pytest.mark.filterwarnings("ignore:Api key is used with an insecure connection")
async def test_a_missing_server_is_one_line_with_its_address_and_a_remedy_and_no_secret():
    port = free_port()
    url = "http://someone:hunter2@127.0.0.1:6333"
    given = settings(index="server", qdrant_url=url, qdrant_grpc_port=port, qdrant_api_key="s3cret")
    with pytest.raises(IndexUnavailableError) as caught:
        await open_index(given, DIMENSIONS)
    message = str(caught.value)
    assert message.startswith(f"Qdrant at 'http://127.0.0.1:6333' (gRPC port {port}): UNAVAILABLE: ")
    assert "docker compose up -d qdrant" in message
    assert "\n" not in message
    assert "s3cret" not in message
    assert "hunter2" not in message + address(given)
    assert caught.value.retryable


@pytest.mark.slow
@pytest.mark.parametrize(
    ("module", "absent"),
    [
        ("streams.index.opening", {"qdrant_edge", "qdrant_client", "filelock", "torch"}),
        ("streams.index.edge", {"qdrant_client", "grpc"}),
        ("streams.index.server", {"qdrant_edge", "filelock"}),
    ],
)
def test_a_worker_loads_only_the_engine_it_needs(module: str, absent: set[str]):
    code = f"import sys, {module}; print(*sys.modules)"
    loaded = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=Path.cwd())
    assert not absent & set(loaded.stdout.split())


async def test_an_address_that_is_none_is_told_without_the_login_in_it():
    wrong = settings(index="server", qdrant_url="http://me:hush@host:no-port")
    with pytest.raises(SettingsError, match=r"_QDRANT_URL: 'http://host:no-port', http://host:port") as caught:
        await open_index(wrong, {})
    assert "hush" not in str(caught.value)
