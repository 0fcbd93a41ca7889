"""Real offers and photos through the command: the stream's lists are the reference's, pair for pair."""

import pytest
from end_to_end.commands import read_lists, write_lines
from real_data import SETS, data_folder

FOLDER = data_folder()

pytestmark = [
    pytest.mark.slow,
    pytest.mark.data,
    pytest.mark.skipif(FOLDER is None, reason="real data not found; set MATCHSTREAM_DATA to its folder"),
]


@pytest.mark.parametrize(("name", "limit"), [("pricerunner", 150), ("grocery", 80)])
def test_the_stream_equals_the_reference(command, tmp_path, name, limit):
    file = write_lines(tmp_path / "real.jsonl", SETS[name](FOLDER, "score", limit))
    images = ["--images", str(FOLDER / "grocery")] if name == "grocery" else []
    here = command.with_(bundle="demo")
    streamed = here.run("match", str(file), *images, timeout_s=240)
    wanted = here.run("match", str(file), *images, "--reference", timeout_s=240)
    assert (streamed.code, wanted.code) == (0, 0)
    assert ids(streamed.out) == ids(wanted.out)
    assert any(ids(wanted.out).values())


def ids(text):
    return {one: [match["listing_id"] for match in matches] for one, matches in read_lists(text).items()}
