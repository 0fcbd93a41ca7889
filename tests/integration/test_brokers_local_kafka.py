import pytest

from streams.brokers.admin import Outcome, create_topics
from streams.brokers.local_kafka import LocalKafka, main
from streams.brokers.processes import command_line
from streams.settings import Settings

pytestmark = pytest.mark.kafka


@pytest.mark.slow
async def test_it_starts_once_stops_and_keeps_its_topics(kafka, tmp_path):
    node = LocalKafka(tmp_path / "data", 0, kafka.jars)
    try:
        address = node.start()
        assert LocalKafka(tmp_path / "data", 0, kafka.jars).start() == address
        created = await create_topics(Settings(_env_file=None, brokers=address, partitions=1))
        assert {one.outcome for one in created} == {Outcome.CREATED}

        assert node.stop()
        assert node.address is None

        again = node.start()
        kept = await create_topics(Settings(_env_file=None, brokers=again, partitions=1))
        assert {one.outcome for one in kept} == {Outcome.PRESENT}
    finally:
        node.stop()


def test_the_command_tells_where_it_runs(kafka, capsys):
    data = str(kafka.data)
    assert main(["address", "--data", data]) == 0
    assert capsys.readouterr().out == f"{kafka.address}\n"
    assert main(["start", "--data", data]) == 0
    assert f"already runs at {kafka.address}" in capsys.readouterr().out
    assert "kafka.Kafka" in command_line(kafka._running()["pid"])
