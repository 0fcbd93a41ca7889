"""The command as a user types it: a process of its own, in a folder of its own, without settings of this machine."""

import pytest
from end_to_end.commands import Command, finished, until, write_lines

from encoders.fitting import Changes, fit_bundle

GOODS = (
    """
walnut chess board 40 cm, stainless kettle 1.7 l, trail running shoe, wireless mouse black, garden hose 20 m,
espresso grinder conical, mountain tent 2 persons, desk lamp led dimmable, road bike helmet, cast iron pan 28 cm,
violin strings set, baby monitor video, electric toothbrush, yoga mat 6 mm, usb c hub 7 ports
""".strip()
    .replace("\n", " ")
    .split(", ")
)
SINGLES = ("antique globe", "beekeeping smoker", "fountain pen ink violet", "kayak paddle carbon")


@pytest.fixture(scope="session")
def bundle(tmp_path_factory):
    """A bundle that needs no torch: titles by their words and letters alone."""
    return fit_bundle(
        GOODS, tmp_path_factory.mktemp("bundle") / "lexical", changes=Changes(text=False, image=False)
    ).path


@pytest.fixture(scope="session")
def listings():
    """Two sellers' listings of fifteen goods, and four that nobody else has."""
    some = [{"listing_id": f"a-{n}", "title": title, "version": 1} for n, title in enumerate(GOODS)]
    some += [{"listing_id": f"b-{n}", "title": f"{title}, new", "version": 1} for n, title in enumerate(GOODS)]
    return some + [{"listing_id": f"c-{n}", "title": title, "version": 1} for n, title in enumerate(SINGLES)]


@pytest.fixture
def command(bundle, tmp_path):
    return Command({"MATCHSTREAM_BUNDLE": str(bundle), "MATCHSTREAM_INDEX_PATH": str(tmp_path / "index")}, tmp_path)


@pytest.fixture
def listings_file(listings, tmp_path):
    return write_lines(tmp_path / "listings.jsonl", listings)


@pytest.fixture(scope="session")
def mixed_file(listings, tmp_path_factory):
    """The listings; one in an older and a newer version, the newer first; and lines that can't be read."""
    path = tmp_path_factory.mktemp("mixed") / "mixed.jsonl"
    older = {**listings[0], "title": "old title that matches nothing", "version": 0}
    lines = write_lines(path, [*listings, older]).read_bytes().splitlines()
    lines[3:3] = [b"no JSON", b"", b'{"title": "no id"}']
    path.write_bytes(b"\r\n".join(lines))
    return path


@pytest.fixture(scope="session")
def reference(bundle, mixed_file):
    """What `match --reference` says about it; the mixed file comes to the same as the listings file."""
    return Command({"MATCHSTREAM_BUNDLE": str(bundle)}, mixed_file.parent).run("match", str(mixed_file), "--reference")


@pytest.fixture
def worker(tmp_path):
    """Starts workers, waits until they read, and ends what is left of them."""
    started = []

    def start(command, *arguments):
        heartbeat = tmp_path / f"heartbeat-{len(started)}"
        process = command.with_(heartbeat_file=heartbeat).start("worker", *arguments)
        started.append(process)
        until(lambda: heartbeat.exists() or process.poll() is not None)
        assert process.poll() is None, finished(process).err
        return process

    yield start
    for process in started:
        if process.poll() is None:
            process.kill()
        process.communicate()
