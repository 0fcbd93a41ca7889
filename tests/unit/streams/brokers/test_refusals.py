import asyncio
import ssl

import pytest
from aiokafka.errors import (
    IllegalSaslStateError,
    KafkaConnectionError,
    SaslAuthenticationFailed,
    UnsupportedSaslMechanismError,
)

from streams.brokers.refusals import refusal
from streams.errors import BrokerUnavailableError
from streams.settings import Settings

SECRET = "opensesame"  # noqa: S105 - it must never be shown


def untrusted(code, message):
    error = ssl.SSLCertVerificationError(1, "certificate verify failed")
    error.verify_code, error.verify_message = code, message
    return error


def alert(reason):
    error = ssl.SSLError(1, reason.lower())
    error.reason = reason
    return broken(error)


def broken(cause):
    """As Kafka's client tells it."""
    error = KafkaConnectionError("closed")
    error.__cause__ = cause
    return error


TLS_ALERT = asyncio.IncompleteReadError(b"\x02\x02\x50", 0x15030300)
SAID = {
    "run out": (untrusted(10, "certificate has expired"), "SSL", "renew the broker's certificate"),
    "host": (untrusted(62, "Hostname mismatch."), "SSL", r"\(Hostname mismatch\).*MATCHSTREAM_BROKERS"),
    "address": (untrusted(64, "IP address mismatch"), "SSL", "advertised.listeners"),
    "authority": (untrusted(20, "unable to get local issuer"), "SSL", "MATCHSTREAM_KAFKA_CA_FILE"),
    "self-signed": (untrusted(18, "self-signed certificate"), "SSL", "MATCHSTREAM_KAFKA_CA_FILE"),
    "no certificate": (alert("TLSV13_ALERT_CERTIFICATE_REQUIRED"), "SSL", "refused a client without certificate"),
    "unknown client": (alert("TLSV1_ALERT_UNKNOWN_CA"), "SSL", "MATCHSTREAM_KAFKA_CERTIFICATE_FILE"),
    "login": (SaslAuthenticationFailed(SECRET), "SASL_SSL", "user 'shop' or the password refused over PLAIN"),
    "mechanism": (UnsupportedSaslMechanismError(), "SASL_SSL", "no SASL mechanism PLAIN there"),
    "no SASL": (IllegalSaslStateError(), "SASL_PLAINTEXT", "_SECURITY_PROTOCOL=PLAINTEXT, or name the port"),
    "TLS": (broken(TLS_ALERT), "PLAINTEXT", "an answer in TLS, PLAINTEXT wanted; set .* to SSL, or to SASL_SSL"),
    "TLS and a login": (broken(TLS_ALERT), "SASL_PLAINTEXT", "an answer in TLS.* to SASL_SSL$"),
}


def of(error, protocol):
    settings = Settings(_env_file=None, kafka_security_protocol=protocol, kafka_username="shop", kafka_password=SECRET)
    return refusal(error, "shop:9093", settings)


@pytest.mark.parametrize(("error", "protocol", "said"), SAID.values(), ids=SAID)
def test_a_refusal_is_one_line_with_the_setting_to_look_at_and_is_not_tried_again(error, protocol, said):
    told = of(error, protocol)
    assert str(told).startswith("broker shop:9093: ")
    assert told.remedy
    assert not told.retryable
    assert "\n" not in str(told)
    assert SECRET not in str(told)
    with pytest.raises(type(told), match=said):
        raise told


@pytest.mark.parametrize("protocol", ["PLAINTEXT", "SSL", "SASL_PLAINTEXT", "SASL_SSL"])
@pytest.mark.parametrize("error", [broken(asyncio.IncompleteReadError(b"", 4)), ConnectionResetError()])
def test_who_hangs_up_may_only_be_about_to_end(error, protocol):
    told = of(error, protocol)
    assert isinstance(told, BrokerUnavailableError)
    assert f"hung up on a client that speaks {protocol}" in str(told)


@pytest.mark.parametrize("error", [ConnectionRefusedError(), TimeoutError(), OSError("no such host")])
def test_who_does_not_answer_refuses_nobody(error):
    assert of(error, "SSL") is None
