"""Every setting, read from the environment (`MATCHSTREAM_...`) and from `.env`.

`matchstream settings` prints them with their values and where each came from.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any, Literal, get_args

from pydantic import Field, SecretStr, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict

from streams.errors import SettingsError
from streams.redaction import without_login

PREFIX = "MATCHSTREAM_"
_NAME = r"^[a-z0-9][a-z0-9_-]{0,39}$"


class Settings(BaseSettings):
    """The settings of one process. Units are in the names."""

    model_config = SettingsConfigDict(
        env_prefix=PREFIX, env_file=".env", extra="ignore", frozen=True, hide_input_in_errors=True
    )

    # Which of the worlds side by side this process belongs to
    generation: str = Field(
        "g1", pattern=_NAME, description="Generation: names the internal topics, the consumer group and the collection"
    )
    bundle: str = Field("demo", description="Encoder bundle: a folder, or the name of one that ships ('demo')")

    # Kafka
    brokers: str = Field("127.0.0.1:9092", description="Kafka bootstrap servers, separated by commas")
    topic_prefix: str = Field(
        "", pattern=r"^[A-Za-z0-9._-]{0,60}$", description="Put before every topic and group name"
    )
    partitions: int = Field(8, ge=1, le=4096, description="Partitions of topics that `topics create` makes")
    replication: int = Field(1, ge=1, le=16, description="Replicas of topics that `topics create` makes")
    kafka_security_protocol: Literal["PLAINTEXT", "SSL", "SASL_PLAINTEXT", "SASL_SSL"] = Field(
        "PLAINTEXT", description="How to talk to Kafka"
    )
    kafka_sasl_mechanism: Literal["PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-512"] = Field(
        "PLAIN", description="SASL mechanism"
    )
    kafka_username: str | None = Field(None, description="SASL user")
    kafka_password: SecretStr | None = Field(None, description="SASL password")
    kafka_ca_file: Path | None = Field(
        None, description="PEM file of the authority that signed the brokers' certificates"
    )
    kafka_certificate_file: Path | None = Field(None, description="PEM file of this client's certificate")
    kafka_key_file: Path | None = Field(None, description="PEM file of this client's key")
    broker_embedded: bool = Field(
        default=False, description="The broker is the one in memory that `match` and `demo` start; set by them"
    )
    session_timeout_s: float = Field(30.0, gt=0, description="A worker silent for so long loses its partitions")

    # The index
    index: Literal["embedded", "server"] = Field(
        "embedded", description="Qdrant Edge in this process, or a Qdrant server"
    )
    index_path: Path = Field(Path(".data/index"), description="Folder of the embedded index")
    qdrant_url: str = Field("http://127.0.0.1:6333", description="Qdrant server")
    qdrant_grpc_port: int = Field(6334, ge=1, le=65535, description="The server's gRPC port")
    qdrant_api_key: SecretStr | None = Field(None, description="Qdrant API key")
    qdrant_timeout_s: float = Field(30.0, gt=0, description="A call to Qdrant may take so long")
    qdrant_replication: int = Field(1, ge=1, le=16, description="Replicas of a collection that is made")
    qdrant_shards: int = Field(1, ge=1, le=1024, description="Shards of a collection that is made")
    qdrant_hnsw_m: int = Field(
        0,
        ge=0,
        le=256,
        description="Edges per point in the graph of a collection that is made (0: the server's default)",
    )
    qdrant_hnsw_ef_construct: int = Field(
        0,
        ge=0,
        le=4096,
        description="Neighbors looked at while that graph is built (0: the server's default; otherwise 4 at least)",
    )
    qdrant_on_disk: bool = Field(default=False, description="A collection that is made keeps its rows on disk")
    qdrant_quantization: Literal["none", "int8"] = Field(
        "none", description="Searches of a collection that is made go by whole rows, or by bytes and then by whole rows"
    )
    search_limit: int = Field(256, ge=16, le=10_000, description="Candidates asked for per listing and modality")
    product_limit: int = Field(
        200, ge=1, le=10_000, description="Listings in one product; a larger one is flagged and left apart"
    )

    # The work
    batch_size: int = Field(64, ge=1, le=4096, description="Messages per batch at most")
    mark_batch_size: int = Field(
        256,
        ge=1,
        le=16384,
        description="Marks per batch at most: a listing marked several times in one is computed once",
    )
    batch_wait_s: float = Field(0.2, gt=0, le=10, description="Wait so long for a batch to fill")
    attempts: int = Field(3, ge=1, le=100, description="So often a message is tried alone; then it is laid aside")
    attempts_path: Path = Field(
        Path(".data/attempts"), description="Folder that tells a worker which messages its last process died with"
    )
    sweep_period_s: float = Field(
        604_800.0,
        ge=0,
        description="Every listing is looked at again within so long, whatever happened (7 days; 0: never)",
    )
    device: str = Field(
        "auto", pattern=r"^(auto|cpu|cuda(:\d+)?)$", description="Where encoders run: auto, cpu, cuda, cuda:1"
    )
    models_path: Path = Field(Path(".data/models"), description="Folder that `models pull` keeps models in")
    torch_threads: int = Field(1, ge=1, le=256, description="Threads inside one encoder operation on a CPU")
    encoder_process: bool = Field(
        False, description="Encode in a process of its own, beside the other stages of a worker"
    )
    heartbeat_file: Path | None = Field(
        None, description="File that a running worker touches; `worker --check` looks at its age"
    )
    health_port: int = Field(
        0, ge=0, le=65535, description="Port of a worker's pages /healthz, /readyz and /metrics (0: none)"
    )
    health_host: str = Field("127.0.0.1", min_length=1, description="Address that these pages are served on")
    health_stall_s: float = Field(
        300.0, gt=0, description="A stage that is behind and has acknowledged nothing for so long is not ready"
    )
    health_hang_s: float = Field(
        1800.0, gt=0, description="A stage hangs that has a batch in hand for so long while Kafka and the index answer"
    )

    # Images
    image_root: Path | None = Field(None, description="Folder that image paths of listings are relative to")
    image_timeout_s: float = Field(10.0, gt=0, description="Time to fetch one image, redirects included")
    image_max_bytes: int = Field(20_000_000, ge=1_000, description="Size of one image file")
    image_max_pixels: int = Field(40_000_000, ge=1_000, description="Pixels of one image")
    image_concurrency: int = Field(16, ge=1, le=1024, description="Images fetched at once")
    image_retries: int = Field(2, ge=0, le=10, description="Further tries after a time-out or a 5xx, within seconds")
    image_refetch_s: float = Field(
        60.0,
        ge=0,
        le=86_400,
        description="What failed so is fetched again so much later, then after twice as long, 12 times in all (0: never)",
    )
    caption_timeout_s: float = Field(
        60.0, gt=0, description="Captions of one batch may take so long; a listing whose turn did not come has none yet"
    )
    image_allow_private: bool = Field(
        default=False, description="Fetch images from private, loopback and link-local addresses too"
    )

    # The web page and its interface
    web_host: str = Field("127.0.0.1", min_length=1, description="Address that `serve` listens on")
    web_port: int = Field(8000, ge=0, le=65535, description="Port that it listens on (0: any that is free)")
    web_path: Path = Field(
        Path(".data/web.sqlite"), description="File with what the page knows, filled from the topics"
    )
    web_token: SecretStr | None = Field(
        None, description="Who gives this word may judge (none: one is made at each start and printed)"
    )
    web_allowed_hosts: str = Field(
        "", description="Further names that the page is reached under, separated by commas, as behind a proxy"
    )
    web_rate_per_minute: int = Field(
        600,
        ge=0,
        description="Requests of one address in a minute at most; a quarter of them may search or write (0: any)",
    )
    web_upload_max_bytes: int = Field(10_000_000, ge=1_000, description="Size of a photo that is uploaded to search")
    review_votes: Literal["1", "3", "5"] = Field(
        "1", description="People who are asked about a pair; most of them decide"
    )
    review_blind: bool = Field(default=False, description="Reviewers are not shown what the model says of a pair")

    # What is told of the work
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = Field("INFO", description="How much to log")
    log_format: Literal["text", "json"] = Field(
        "text", description="Log lines of words, or of JSON: `worker` and `serve`"
    )
    traces: Literal["off", "otlp"] = Field(
        "off",
        description="Traces of listings through all stages: none, or to OTLP over HTTP (see OTEL_EXPORTER_OTLP_ENDPOINT)",
    )

    def __repr_args__(self) -> Iterable[tuple[str | None, Any]]:
        """What is shown of the settings; secrets mask themselves, logins in URLs do not."""
        for name, value in super().__repr_args__():
            yield name, without_login(value) if isinstance(value, str) else value


def load_settings(**overrides: Any) -> Settings:
    """The settings of this process, with some of them overridden.

    Raises:
        SettingsError: one of them can't be used; the value of a secret is not shown.
    """
    try:
        return Settings(**overrides)
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        name = str(first["loc"][0])
        raise SettingsError(
            f"setting {PREFIX}{name.upper()}",
            got="a secret" if is_secret(name) else without_login(repr(first["input"])),
            wanted=str(first["msg"]).lower().removeprefix("input should be "),
            remedy="mend it in the environment or in .env; 'matchstream settings' lists them all",
        ) from error


def is_secret(name: str) -> bool:
    """Whether the value of this setting must never be shown."""
    annotation = Settings.model_fields[name].annotation
    return SecretStr in (annotation, *get_args(annotation))


def environment_of(settings: Settings) -> dict[str, str]:
    """The environment variables that give another process the same settings. They hold secrets."""
    values = {name: getattr(settings, name) for name in Settings.model_fields}
    return {f"{PREFIX}{name.upper()}": _as_text(value) for name, value in values.items() if value is not None}


def _as_text(value: object) -> str:
    return value.get_secret_value() if isinstance(value, SecretStr) else str(value)
