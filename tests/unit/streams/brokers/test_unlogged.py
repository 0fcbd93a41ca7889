import logging

from aiokafka.protocol.admin import SaslAuthenticateRequest_v0, SaslAuthenticateResponse_v0
from aiokafka.protocol.fetch import FetchResponse_v4
from aiokafka.protocol.metadata import MetadataRequest
from aiokafka.protocol.produce import ProduceRequest_v3

from streams.brokers.client import kafka_options
from streams.settings import Settings


def test_what_carries_logins_or_records_is_not_logged_and_the_rest_is(caplog):
    caplog.set_level(logging.DEBUG)
    kafka_options(Settings(_env_file=None))
    log = logging.getLogger("aiokafka.conn")
    for carried in (
        SaslAuthenticateRequest_v0(b"\0shop\0pw"),
        SaslAuthenticateResponse_v0(0, "", b"pw"),
        ProduceRequest_v3(None, -1, 1, [("listings", [(0, b"pw")])]),
        FetchResponse_v4(0, [("listings", [(0, 0, 0, 0, [], b"pw")])]),
        MetadataRequest([]),
    ):
        log.debug("Request to %s:%d %d: %s", "shop", 9092, 1, carried)
    log.debug("%(one)s", {"one": "thing"})
    logging.getLogger("aiokafka.producer.producer").debug("Sending (key=%r value=%r)", b"a", b"pw")
    assert [type(record.args).__name__ for record in caplog.records] == ["tuple", "dict"]
    assert "pw" not in caplog.text
