"""What a stage has in hand is on disk while it has it, and what a process died with is known to the next."""

import pytest
from fakes.crashing import Workers, record
from fakes.full_disk import files_of_at_most

from streams.errors import SettingsError
from streams.stages.journal import Deaths
from streams.stages.journals import Journals

BATCH = [record(4), record(5), record(9, partition=1)]


def die_with(folder, messages):
    """A process that dies: its lock is gone, its note as it was."""
    with Journals(folder) as journals:
        journal = journals.of("g1.embed")
        with journal.in_hand(messages):
            left = {file: file.read_bytes() for file in folder.glob("*.json")}
    for file, content in left.items():
        file.write_bytes(content)


def deaths(folder, message):
    with Journals(folder) as journals:
        return journals.of("g1.embed").deaths(message)


def files(folder):
    return sorted(file.name for file in folder.glob("*.json"))


def test_a_note_is_there_while_messages_are_in_hand_and_no_longer(tmp_path):
    with Journals(tmp_path) as journals:
        journal = journals.of("g1.embed")
        with journal.in_hand(BATCH):
            assert files(tmp_path) == ["g1.embed.0.json"]
        assert files(tmp_path) == []
        with pytest.raises(KeyError), journal.in_hand(BATCH):
            raise KeyError
        assert files(tmp_path) == []


def test_the_next_process_knows_with_whom_the_last_one_died(tmp_path):
    die_with(tmp_path, BATCH)
    assert deaths(tmp_path, BATCH[0]) == Deaths(company=3, alone=0)
    die_with(tmp_path, BATCH[:1])
    die_with(tmp_path, BATCH[:1])
    assert deaths(tmp_path, BATCH[0]) == Deaths(company=1, alone=2)
    assert deaths(tmp_path, BATCH[1]) == Deaths(company=3, alone=0)
    assert deaths(tmp_path, record(6)) == Deaths()


def test_a_death_counts_once_however_often_a_worker_starts_afterwards(tmp_path):
    die_with(tmp_path, BATCH[:1])
    for _ in range(4):
        assert deaths(tmp_path, BATCH[0]).alone == 1


def test_what_is_done_with_is_forgotten_with_all_before_it_in_its_partition(tmp_path):
    die_with(tmp_path, BATCH)
    with Journals(tmp_path) as journals:
        journals.of("g1.embed").settle([record(5)])
    assert deaths(tmp_path, BATCH[0]) == deaths(tmp_path, BATCH[1]) == Deaths()
    assert deaths(tmp_path, BATCH[2]).company == 3


def test_what_was_laid_aside_stays_known_for_it_may_come_again(tmp_path):
    die_with(tmp_path, BATCH[:1])
    with Journals(tmp_path) as journals:
        journals.of("g1.embed").lay_aside(BATCH[0])
    with Journals(tmp_path) as journals:
        journal = journals.of("g1.embed")
        assert journal.laid_aside(BATCH[0])
        assert not journal.laid_aside(BATCH[1])
        assert journal.deaths(BATCH[0]) == Deaths()
        for offset in range(10, 300):
            journal.lay_aside(record(offset))
        assert not journal.laid_aside(BATCH[0]), "the file stays small"
        assert journal.laid_aside(record(299))


def test_a_topic_made_anew_has_nothing_to_do_with_the_old_one(tmp_path):
    die_with(tmp_path, [record(0)])
    newer = record(0).__class__("g1.embeddings", b"a", None, partition=0, offset=0, timestamp_ms=77)
    assert deaths(tmp_path, newer) == Deaths()


def test_who_is_told_to_stop_does_not_die_of_what_is_in_hand(tmp_path):
    with Journals(tmp_path) as journals:
        journal = journals.of("g1.embed")
        with journal.in_hand(BATCH):
            journals.let_go()
            assert files(tmp_path) == []
        with journal.in_hand(BATCH):
            assert files(tmp_path) == []


def test_deaths_that_are_known_stay_known_at_a_stop(tmp_path):
    die_with(tmp_path, BATCH[:1])
    with Journals(tmp_path) as journals:
        journals.of("g1.embed")
        journals.let_go()
    assert deaths(tmp_path, BATCH[0]).alone == 1


def test_workers_that_share_a_folder_have_notes_of_their_own_and_inherit_them(tmp_path):
    with Journals(tmp_path) as one, Journals(tmp_path) as other:
        with one.of("g1.embed").in_hand(BATCH), other.of("g1.embed").in_hand(BATCH[:1]):
            assert files(tmp_path) == ["g1.embed.0.json", "g1.embed.1.json"]
        with one.of("g1.index").in_hand(BATCH):
            assert files(tmp_path) == ["g1.index.0.json"]
    with Journals(tmp_path) as next_one, next_one.of("g1.embed").in_hand(BATCH):
        assert files(tmp_path) == ["g1.embed.0.json"]


def test_files_that_the_machine_left_empty_are_no_obstacle(tmp_path):
    (tmp_path / "g1.embed.0.json").touch()
    (tmp_path / "g1.embed.0.known").touch()
    assert deaths(tmp_path, BATCH[0]) == Deaths()


def test_a_folder_that_can_not_be_written_is_named(tmp_path):
    (tmp_path / "file").touch()
    wanted = r"_ATTEMPTS_PATH: .* a folder that can be written wanted"
    with Journals(tmp_path / "file" / "x") as journals, pytest.raises(SettingsError, match=wanted):
        journals.of("g1.embed")


def test_workers_that_share_a_folder_share_what_they_know(tmp_path):
    """A partition goes from hand to hand: a message must not end each worker as often as it takes one alone."""
    with Journals(tmp_path) as running:
        journal = running.of("g1.embed")
        other_stage = running.of("g1.embedded")
        die_with(tmp_path, BATCH)
        die_with(tmp_path, BATCH[:1])
        with Journals(tmp_path) as restarted:
            again = restarted.of("g1.embed")
            assert journal.deaths(BATCH[0]) == Deaths(), "it has not looked yet"
            journal.look_beside()
            other_stage.look_beside()
            assert journal.deaths(BATCH[0]) == again.deaths(BATCH[0]) == Deaths(company=1, alone=1)
            assert journal.deaths(BATCH[1]) == Deaths(company=3)
            assert other_stage.deaths(BATCH[0]) == Deaths()
            again.lay_aside(BATCH[0])
            journal.look_beside()
            assert journal.laid_aside(BATCH[0])
            assert journal.deaths(BATCH[0]) == Deaths()


async def test_a_full_disk_is_no_message_s_doing(tmp_path):
    workers = Workers(tmp_path)
    with Journals(tmp_path) as journals:
        attempts = workers.attempts(journals)
        with files_of_at_most(0), pytest.raises(SettingsError, match=r"_ATTEMPTS_PATH: .* wanted; make room"):
            await attempts(BATCH)
    assert workers.done == []
    assert workers.outbox.letters == []
