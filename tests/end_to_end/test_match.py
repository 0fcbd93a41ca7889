"""`match` over a file: the stream on the embedded parts, the reference and the stream on Kafka say the same."""

import orjson
import pytest
from end_to_end.commands import read_lists

from streams.brokers.client import admin_client


@pytest.mark.slow
def test_the_stream_on_embedded_parts_equals_the_reference(command, reference, mixed_file, listings):
    result = command.run("match", str(mixed_file))
    assert read_lists(result.out) == read_lists(reference.out)
    lists = read_lists(result.out)
    assert list(lists) == [one["listing_id"] for one in listings]
    assert [match["listing_id"] for match in lists["a-0"]] == ["b-0"]
    assert lists["c-0"] == []

    # What it said meanwhile
    assert result.code == reference.code == 1
    said = result.err.splitlines()
    assert [line.partition(":")[0] for line in said[:2]] == ["line 4", "line 6"]
    assert said[2].startswith("embedded broker at 127.0.0.1:")
    assert said[3].split()[:3] == ["listings", "going", "in"]
    assert said[4].split()[:3] == ["matches", "coming", "out"]
    assert "34/34" in said[4]
    assert "to do" not in result.err
    assert said[-1] == "30 of 34 listings have matches, 2 broken lines left out"
    assert "NotLeader" not in result.err

    # What it left behind
    assert sorted(path.name for path in command.folder.iterdir()) == []


@pytest.mark.slow
@pytest.mark.kafka
async def test_the_stream_on_kafka_equals_the_reference_and_removes_its_topics(
    command, kafka_settings, reference, mixed_file
):
    result = command.on(kafka_settings).run("match", str(mixed_file), "--configured", "-o", "out.jsonl")
    assert (result.code, result.out) == (1, "")
    assert read_lists((command.folder / "out.jsonl").read_text()) == read_lists(reference.out)
    assert "written to out.jsonl" in result.err
    assert "NotLeader" not in result.err
    async with admin_client(kafka_settings) as admin:
        assert [name for name in await admin.list_topics() if name.startswith(kafka_settings.topic_prefix)] == []


def test_only_broken_lines_are_named_one_by_one(command):
    path = command.folder / "broken.jsonl"
    path.write_bytes(orjson.dumps([1]) + b"\nno JSON\n")
    result = command.run("match", str(path))
    said = result.err.splitlines()
    assert (result.code, result.out, len(said)) == (1, "", 3)
    assert said[0].startswith("line 1: listing: a JSON list, a JSON object wanted")
    assert said[2].startswith("error: file '")


@pytest.mark.slow
@pytest.mark.parametrize("looks", [True, False])
def test_photos_in_files_that_no_folder_is_named_of_are_told_where_they_would_be_looked_at(command, looks):
    path = command.folder / "listings.jsonl"
    shown = [
        {"listing_id": one, "title": "red mug", "image": f"{one}.jpg"} for one in ("a", "b", "https://c.example/c")
    ]
    path.write_bytes(b"\n".join(map(orjson.dumps, shown)))
    result = (command.with_(bundle="demo") if looks else command).run("match", str(path), "--reference")
    told = "2 listings with photos in files, which are not looked at; give --images FOLDER" in result.err.splitlines()
    assert (result.code, told) == (0, looks)
