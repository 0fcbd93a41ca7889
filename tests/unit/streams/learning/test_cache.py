import numpy as np

from streams.learning.cache import RowCache, key_of

ROWS = {key_of(title): np.full(4, number, np.float32) for number, title in enumerate(("red", "blue"))}


def test_what_was_kept_is_there_in_the_next_run(tmp_path):
    RowCache(tmp_path / "rows", 4, print).add(ROWS)
    again = RowCache(tmp_path / "rows", 4, print)
    assert again.get(key_of("blue")).tolist() == [1.0] * 4
    assert again.get(key_of("green")) is None


def test_a_damaged_file_is_warned_of_and_left_out(tmp_path):
    warnings = []
    RowCache(tmp_path, 4, print).add(ROWS)
    (file,) = tmp_path.glob("*.safetensors")
    file.write_bytes(file.read_bytes()[:-3])
    assert RowCache(tmp_path, 4, warnings.append).get(key_of("red")) is None
    assert "can't be read" in warnings[0]


def test_rows_of_another_length_are_not_taken(tmp_path):
    warnings = []
    RowCache(tmp_path, 4, print).add(ROWS)
    assert RowCache(tmp_path, 5, warnings.append).get(key_of("red")) is None
    assert len(warnings) == 1


def test_a_folder_that_cannot_be_written_is_warned_of_once(tmp_path):
    (tmp_path / "file").write_text("in the way")
    warnings = []
    cache = RowCache(tmp_path / "file", 4, warnings.append)
    cache.add(ROWS)
    cache.add(ROWS)
    assert len(warnings) == 1
    assert cache.get(key_of("red")) is not None


def test_nothing_is_left_half_written(tmp_path):
    RowCache(tmp_path, 4, print).add(ROWS)
    assert [file.suffix for file in tmp_path.iterdir()] == [".safetensors"]
