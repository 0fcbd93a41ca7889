import pytest


def values(out):
    """Setting to its value and source, from what the command prints."""
    rows = [line.split(None, 1) for line in out.splitlines() if line.startswith("MATCHSTREAM_")]
    return {name.removeprefix("MATCHSTREAM_"): rest.strip() for name, rest in rows}


def test_each_value_is_shown_with_its_source_and_secrets_are_masked(command):
    (command.folder / ".env").write_text(
        "MATCHSTREAM_BATCH_SIZE=7\nMATCHSTREAM_GENERATION=overruled\nmatchstream_kafka_password=hush\n"
    )
    url = "https://me:hush@qdrant.example:6333"
    result = command.with_(generation="g7", qdrant_api_key="hush", qdrant_url=url).run("settings")
    shown = values(result.out)
    assert result.code == 0
    assert shown["BATCH_SIZE"] == "7  (.env)"
    assert shown["GENERATION"] == "g7  (environment)"
    assert shown["PARTITIONS"] == "8  (default)"
    assert shown["IMAGE_ROOT"] == "-  (default)"
    assert shown["QDRANT_URL"] == "https://qdrant.example:6333  (environment)"
    assert [shown[one] for one in ("KAFKA_PASSWORD", "QDRANT_API_KEY")] == [
        "********  (.env)",
        "********  (environment)",
    ]
    assert "hush" not in result.out + result.err


def test_every_setting_is_shown_whole_wherever_it_is_printed_to(command):
    long = "a" * 60
    narrow = command.with_(topic_prefix=long)
    narrow.environment["COLUMNS"] = "40"
    assert values(narrow.run("settings").out)["TOPIC_PREFIX"] == f"{long}  (environment)"


@pytest.mark.parametrize("where", ["environment", ".env"])
def test_a_value_that_can_not_be_used_names_its_variable(command, where):
    told = command
    if where == ".env":
        (command.folder / ".env").write_text("MATCHSTREAM_BATCH_SIZE=many\n")
    else:
        told = command.with_(batch_size="many")
    result = told.run("worker")
    assert result.code == 1
    assert result.err.startswith("error: setting MATCHSTREAM_BATCH_SIZE: 'many', a valid integer")
    assert result.err.count("\n") == 1


def test_a_secret_that_can_not_be_used_is_not_shown(command):
    secret = {"kafka_password": "hush", "kafka_security_protocol": "SASL_SSL"}
    result = command.with_(**secret).run("topics", "show")
    assert result.code == 1
    assert "MATCHSTREAM_KAFKA_USERNAME" in result.err
    assert "hush" not in result.err
