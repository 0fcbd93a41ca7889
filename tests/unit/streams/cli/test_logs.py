import logging
import threading

import pytest

from streams.cli.logs import log_as_worker, log_to_console

pytestmark = pytest.mark.usefixtures("logging_as_before")


@pytest.fixture
def said(capsys):
    """What is logged at each level by this project, by Kafka's client and by Faust."""

    def lines():
        for name in ("streams.worker", "encoders.text", "aiokafka.consumer", "faust.app", "streamsaver"):
            for level in (logging.DEBUG, logging.INFO, logging.WARNING, logging.ERROR):
                logging.getLogger(name).log(level, "%s at %d\nof two lines", name, level)
        return capsys.readouterr().err.splitlines()

    return lines


def names(lines):
    return [word for line in lines for word in line.split() if "." in word and word[0].isalpha()]


def test_a_worker_logs_its_own_events_and_the_errors_of_kafka_one_line_each(said):
    log_as_worker("INFO", debug=False)
    lines = said()
    assert names(lines) == ["streams.worker"] * 3 + ["encoders.text"] * 3 + ["aiokafka.consumer"]
    assert lines[1].split(" ", 2)[2] == "WARNING streams.worker at 30 of two lines"
    assert len([line for line in lines if "streamsaver" in line]) == 1


def test_a_libraries_error_is_not_repeated_within_a_minute(said):
    log_as_worker("INFO", debug=False)
    (handler,) = logging.getLogger().handlers
    assert names(said()).count("aiokafka.consumer") == 1
    again = logging.LogRecord("aiokafka.consumer", logging.ERROR, "", 0, "%s at %d\nof two lines", None, None)
    assert not handler.filter(again)
    again.created += 61
    assert handler.filter(again)


def test_a_thread_that_ends_is_one_line(capsys):
    log_as_worker("INFO", debug=False)
    thread = threading.Thread(target=[].pop)
    thread.start()
    thread.join()
    (line,) = capsys.readouterr().err.splitlines()
    assert line.endswith("ERROR   a thread ended with IndexError: pop from empty list")


def test_the_level_holds_for_its_own_events(said):
    log_as_worker("WARNING", debug=False)
    assert names(said()).count("streams.worker") == 2


def test_debug_logs_everything(said):
    log_as_worker("WARNING", debug=True)
    assert len([line for line in said() if "faust.app" in line]) == 4


def test_commands_show_warnings_of_this_project_alone():
    log_to_console(debug=False)
    (handler,) = logging.getLogger().handlers
    heard = [
        (name, level)
        for name in ("streams.images", "aiokafka.conn", "py.warnings")
        for level in (logging.INFO, logging.ERROR)
        if handler.filter(logging.LogRecord(name, level, "", 0, "", None, None))
    ]
    assert heard == [("streams.images", logging.INFO), ("streams.images", logging.ERROR)]
    assert logging.getLogger().level == logging.WARNING
