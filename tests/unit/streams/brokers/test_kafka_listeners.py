from streams.brokers.kafka_listeners import Listener, server_properties

PLACES = {"port": 1, "controller_port": 2, "log_dirs": "/data"}


def read(text):
    lines = [line for line in text.splitlines() if line and not line.startswith("#")]
    pairs = [line.split("=", 1) for line in lines]
    assert len({name for name, _ in pairs}) == len(pairs)
    return dict(pairs)


def test_a_node_listens_in_the_clear_on_the_loopback_alone():
    told = read(server_properties(**PLACES))
    assert told["listeners"] == "PLAINTEXT://127.0.0.1:1,CONTROLLER://127.0.0.1:2"
    assert told["advertised.listeners"] == "PLAINTEXT://127.0.0.1:1"
    assert told["listener.security.protocol.map"] == "PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT"
    assert told["log.dirs"] == "/data"


def test_a_further_listener_has_settings_of_its_own():
    mutual = Listener("MUTUAL", 3, "SSL", {"ssl.keystore.location": r"C:\key.pem", "jaas": 'user_a="$b";'}, "kafka")
    told = read(server_properties([mutual], **PLACES))
    assert told["listeners"].endswith(",MUTUAL://127.0.0.1:3")
    assert told["advertised.listeners"].endswith(",MUTUAL://kafka:3")
    assert told["listener.security.protocol.map"].endswith(",MUTUAL:SSL")
    assert told["listener.name.mutual.ssl.keystore.location"] == r"C:\\key.pem"
    assert told["listener.name.mutual.jaas"] == 'user_a="$b";'
