import ssl

import pytest

from streams.brokers.client import ensure_reachable, kafka_options, ssl_context
from streams.errors import BrokerUnavailableError, SettingsError
from streams.settings import Settings

SECRET = "opensesame"  # noqa: S105 - it must never be shown


def settings(**values):
    return Settings(_env_file=None, **values)


def secured(**values):
    login = {"kafka_username": "shop", "kafka_password": SECRET}
    return settings(kafka_security_protocol="SASL_PLAINTEXT", **login | values)


def test_addresses_are_split_and_trimmed():
    assert kafka_options(settings(brokers="one:9092, two:9093"))["bootstrap_servers"] == ["one:9092", "two:9093"]


@pytest.mark.parametrize("brokers", ["shop:port", "", " , "])
def test_addresses_that_are_none_are_said(brokers):
    with pytest.raises(SettingsError, match=r"MATCHSTREAM_BROKERS: .* host:port, separated by commas wanted"):
        kafka_options(settings(brokers=brokers))


def test_plaintext_needs_neither_certificates_nor_a_login():
    options = kafka_options(settings())

    assert options["security_protocol"] == "PLAINTEXT"
    assert options["ssl_context"] is None
    assert "sasl_plain_password" not in options


def test_a_login_is_passed_through():
    options = kafka_options(secured(kafka_sasl_mechanism="SCRAM-SHA-512"))

    assert options["sasl_mechanism"] == "SCRAM-SHA-512"
    assert (options["sasl_plain_username"], options["sasl_plain_password"]) == ("shop", SECRET)


@pytest.mark.parametrize("lacking", ["kafka_username", "kafka_password"])
def test_half_a_login_is_refused_without_showing_the_password(lacking):
    with pytest.raises(SettingsError, match="MATCHSTREAM_KAFKA_USERNAME and MATCHSTREAM_KAFKA_PASSWORD") as caught:
        kafka_options(secured(**{lacking: None}))
    assert SECRET not in str(caught.value)


@pytest.mark.parametrize("protocol", ["SSL", "SASL_SSL"])
def test_tls_checks_certificates_and_host_names(protocol):
    context = ssl_context(settings(kafka_security_protocol=protocol))

    assert context.verify_mode is ssl.CERT_REQUIRED
    assert context.check_hostname


def test_a_missing_authority_file_is_named_with_its_setting(tmp_path):
    missing = tmp_path / "ca.pem"
    with pytest.raises(SettingsError, match=f"MATCHSTREAM_KAFKA_CA_FILE={missing}: No such file"):
        ssl_context(settings(kafka_security_protocol="SSL", kafka_ca_file=missing))


def test_a_certificate_that_is_none_is_named_with_its_setting(tmp_path):
    certificate = tmp_path / "client.pem"
    certificate.write_text("no certificate")
    with pytest.raises(SettingsError, match=r"MATCHSTREAM_KAFKA_CERTIFICATE_FILE=.*a PEM file wanted"):
        ssl_context(settings(kafka_security_protocol="SSL", kafka_certificate_file=certificate))


async def test_a_broker_that_is_not_there_is_said_at_once(unused_address):
    with pytest.raises(BrokerUnavailableError, match=f"broker {unused_address}: no answer"):
        await ensure_reachable(settings(brokers=unused_address))
