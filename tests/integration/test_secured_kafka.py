"""TLS and logins against a real broker: what is let in works everywhere, what is kept out is told why, in time."""

import asyncio
import logging
import time
from contextlib import aclosing
from datetime import timedelta

import orjson
import pytest
from fakes.certificates import Authority
from fixtures.secured_kafka import PASSWORD

from encoders.fitting import Changes, fit_bundle
from streams.brokers.admin import create_topics
from streams.brokers.client import ensure_reachable
from streams.brokers.commits import KafkaBookmark
from streams.brokers.lag import LagReader
from streams.brokers.producer import Publisher
from streams.brokers.reader import read_records
from streams.brokers.topics import Topics
from streams.cli.local_worker import LocalWorker
from streams.errors import BrokerError
from streams.events import MatchEvent, Message

pytestmark = pytest.mark.kafka

NO_CERTIFICATE = {"kafka_certificate_file": None, "kafka_key_file": None}
NO_LOGIN = {"kafka_username": None, "kafka_password": None}
SCRAM = {"kafka_sasl_mechanism": "SCRAM-SHA-512"}
LET_IN = {
    "TLS": ("TLS", "SSL", NO_CERTIFICATE | NO_LOGIN),
    "TLS with a client certificate": ("MUTUAL", "SSL", NO_LOGIN),
    "a login": ("LOGIN", "SASL_PLAINTEXT", NO_CERTIFICATE),
    "a login over TLS": ("BOTH", "SASL_SSL", NO_CERTIFICATE),
    "a login by SCRAM over TLS": ("BOTH", "SASL_SSL", NO_CERTIFICATE | SCRAM),
}
WORKED_WITH = ("TLS with a client certificate", "a login", "a login over TLS")
WITHIN_S = 15
TITLE = "espresso grinder conical"


@pytest.mark.parametrize("how", LET_IN)
async def test_everything_that_talks_to_kafka_is_let_in(secured_kafka, how, caplog):
    caplog.set_level(logging.DEBUG)
    let_in = settings_for(secured_kafka, how)
    await create_topics(let_in)
    topic = Topics(let_in).listings.name
    async with Publisher(let_in) as publisher:
        await publisher.publish_all(Message(topic, str(n).encode(), b"value") for n in range(5))
    read = [one.key async for one in read_records(let_in, topic, until_end=True)]
    assert sorted(read) == [str(n).encode() for n in range(5)]
    async with LagReader(let_in) as reader:
        assert sum(one.lag for one in await reader.lags()) == 5
        assert not await reader.drained()
    async with KafkaBookmark(let_in) as bookmark:
        await bookmark.write("here")
        assert await bookmark.read() == "here"
    assert "aiokafka" in {record.name.partition(".")[0] for record in caplog.records}
    assert PASSWORD not in caplog.text


def settings_for(secured_kafka, how):
    listener, protocol, changes = LET_IN[how]
    return secured_kafka.settings(listener, protocol, **changes)


@pytest.fixture(scope="module")
def bundle(tmp_path_factory):
    folder = tmp_path_factory.mktemp("bundle") / "lexical"
    titles = [TITLE, "walnut chess board 40 cm", "trail running shoe"]
    return str(fit_bundle(titles, folder, changes=Changes(text=False, image=False)).path)


@pytest.mark.parametrize("how", WORKED_WITH)
async def test_a_worker_matches_listings(secured_kafka, how, bundle, tmp_path):
    folders = {name: tmp_path / name for name in ("index_path", "attempts_path", "heartbeat_file")}
    settings = settings_for(secured_kafka, how).model_copy(update={**folders, "bundle": bundle})
    await create_topics(settings)
    async with LocalWorker(settings, tmp_path / "worker.log") as worker:
        async with Publisher(settings) as publisher:
            await publisher.publish_all(listing(settings, name) for name in ("a", "b"))
        assert await matches_of(settings, "a") == ["b"]
        assert worker.starts == 1
    assert PASSWORD not in (tmp_path / "worker.log").read_text()


def listing(settings, name):
    value = orjson.dumps({"listing_id": name, "title": TITLE, "version": 1})
    return Message(Topics(settings).listings.name, name.encode(), value)


async def matches_of(settings, name):
    """What subscribers are told, once there is anything to tell."""
    async with asyncio.timeout(120), aclosing(read_records(settings, Topics(settings).matches.name)) as told:
        async for record in told:
            event = MatchEvent.from_bytes(record.key, record.value)
            if event.listing_id == name and event.matches:
                return [match.listing_id for match in event.matches]
    return None


KEPT_OUT = {
    "wrong password": ("BOTH", "SASL_SSL", {"kafka_password": "wrong" * 3}, "user 'shop' or the password refused"),
    "wrong password by SCRAM": (
        "BOTH",
        "SASL_SSL",
        {"kafka_password": "wrong" * 3, **SCRAM},
        "user 'shop' or the password refused over SCRAM-SHA-512",
    ),
    "mechanism": (
        "BOTH",
        "SASL_SSL",
        {"kafka_sasl_mechanism": "SCRAM-SHA-256"},
        "no SASL mechanism SCRAM-SHA-256 there",
    ),
    "unknown authority": ("TLS", "SSL", {"kafka_ca_file": None}, "name the authority .* in MATCHSTREAM_KAFKA_CA_FILE"),
    "name": ("ELSEWHERE", "SSL", {}, r"not valid for '127\.0\.0\.1'.* name the broker in MATCHSTREAM_BROKERS"),
    "expired": ("EXPIRED", "SSL", {}, "certificate has expired.* renew the broker's certificate"),
    "no client certificate": (
        "MUTUAL",
        "SSL",
        NO_CERTIFICATE,
        "refused a client without certificate.* set MATCHSTREAM_KAFKA_CERTIFICATE_FILE",
    ),
    "no TLS": ("TLS", "PLAINTEXT", {}, "an answer in TLS, PLAINTEXT wanted; set .*_SECURITY_PROTOCOL to SSL"),
    "no TLS for a login": ("BOTH", "SASL_PLAINTEXT", {}, "an answer in TLS, SASL_PLAINTEXT wanted"),
    "no login": ("LOGIN", "PLAINTEXT", {}, "hung up on a client that speaks PLAINTEXT.* may want TLS or a login"),
    "login not wanted": ("TLS", "SASL_SSL", {}, "asks for no login, SASL_SSL wanted; set .*_SECURITY_PROTOCOL=SSL"),
    "TLS not wanted": ("LOGIN", "SSL", {}, "hung up on a client that speaks SSL.* may not speak TLS"),
}


@pytest.mark.parametrize(("listener", "protocol", "changes", "said"), KEPT_OUT.values(), ids=KEPT_OUT)
async def test_who_is_kept_out_is_told_why_in_one_line_and_in_time(secured_kafka, listener, protocol, changes, said):
    settings = secured_kafka.settings(listener, protocol, **changes)
    for call in (create_topics, publish, ensure_reachable):
        began = time.monotonic()
        with pytest.raises(BrokerError, match=f"^broker {settings.brokers}: .*{said}") as caught:
            await call(settings)
        assert time.monotonic() - began < WITHIN_S
        assert "\n" not in str(caught.value)
        assert PASSWORD not in str(caught.value)
        assert "wrongwrong" not in str(caught.value)


async def publish(settings):
    async with Publisher(settings):
        pass


@pytest.mark.parametrize("which", ["of an unknown authority", "that has run out"])
async def test_a_client_certificate_that_is_not_taken_is_told(secured_kafka, tmp_path, which):
    unknown = which == "of an unknown authority"
    issuer = Authority(tmp_path, "nobody") if unknown else secured_kafka.authority
    issued = issuer.issue(f"client {which}", valid_for=timedelta(hours=1 if unknown else -1))
    settings = secured_kafka.settings(
        "MUTUAL", "SSL", kafka_certificate_file=issued.certificate, kafka_key_file=issued.key
    )
    with pytest.raises(BrokerError, match=r"refused the certificate .*certificate.* set MATCHSTREAM_KAFKA_CERTIFICATE"):
        await ensure_reachable(settings)


async def test_a_broker_that_sends_clients_to_a_name_it_has_no_certificate_for_is_told(secured_kafka):
    settings = secured_kafka.settings("ADVERTISED", "SSL")
    with pytest.raises(BrokerError, match=r"^broker localhost:\d+: .*not valid for 'localhost'.*advertised\.listeners"):
        await create_topics(settings)
