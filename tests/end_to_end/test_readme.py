"""The README keeps its word: its commands run, and its subscriber subscribes."""

import re
import shlex
import subprocess
import sys
from pathlib import Path

import httpx
import pytest
from end_to_end.commands import finished, interrupt, until, write_lines
from end_to_end.conftest import GOODS
from fakes.trainable import tiny_bundle

README = Path(__file__).parents[2] / "README.md"
MATCHSTREAM = ".venv/bin/matchstream "


def blocks(language):
    return re.findall(rf"```{language}\n(.*?)```", README.read_text(encoding="utf-8"), re.DOTALL)


def commands():
    lines = "".join(blocks("sh")).splitlines()
    return [line.split("#")[0].strip() for line in lines if line.strip()]


def of_matchstream(block):
    return [shlex.split(line.removeprefix(MATCHSTREAM)) for line in block if line.startswith(MATCHSTREAM)]


def test_every_command_is_one_of_ours_or_a_make_target():
    makefile = README.with_name("Makefile").read_text(encoding="utf-8")
    for line in commands():
        assert line.startswith(MATCHSTREAM) or re.search(rf"^{line.removeprefix('make ')}:", makefile, re.MULTILINE), (
            line
        )


def test_matching_a_file_as_the_readme_says(command, listings_file):
    (command.folder / "photos").mkdir()
    (arguments,) = [words for words in of_matchstream(commands()) if words[0] == "match"]
    assert listings_file.name == arguments[1]
    result = command.run(*arguments, timeout_s=120)
    assert result.code == 0
    assert len(result.out.splitlines()) == 34


def labelled(sellers):
    """Each seller's listings of the same goods, with the product they are of."""
    return [
        {"listing_id": f"{seller}-{n}", "title": f"{title} {words}".strip(), "product_id": f"p{n}"}
        for seller, words in sellers.items()
        for n, title in enumerate(GOODS)
    ]


def test_making_it_yours_as_the_readme_says(command):
    write_lines(command.folder / "ours.jsonl", labelled({"a": "", "b": "new", "c": "sale"}))
    write_lines(command.folder / "others.jsonl", labelled({"d": "boxed", "e": "used"}))
    steps = {words[0]: words for words in of_matchstream(commands()) if words[0] in {"fit", "evaluate", "calibrate"}}
    results = {name: command.run(*words, timeout_s=180) for name, words in steps.items()}
    assert {name: (result.code, result.err if result.code else "") for name, result in results.items()} == {
        "fit": (0, ""),
        "evaluate": (0, ""),
        "calibrate": (0, ""),
    }
    assert (command.folder / "report" / "report.html").is_file()
    assert "labels" in results["calibrate"].out


@pytest.mark.slow
def test_training_as_the_readme_says(command):
    (command.folder / "photos").mkdir()
    write_lines(
        command.folder / "catalogue.jsonl", [{**one, "category": "goods"} for one in labelled({"a": "", "b": ""})]
    )
    clicks = [
        {"session": f"{session}-{n}", "query": title, "listing_id": f"{seller}-{n}"}
        for n, title in enumerate(GOODS)
        for session in range(2)
        for seller in "ab"
    ]
    write_lines(command.folder / "clicks.jsonl", clicks)
    here = command.with_(bundle=str(tiny_bundle(command.folder).path))
    steps = [words for words in of_matchstream(commands()) if words[0] in {"positives", "train", "bundle"}]
    results = {words[0]: here.run(*words, timeout_s=180) for words in steps}
    assert {name: (result.code, result.err if result.code else "") for name, result in results.items()} == {
        "positives": (0, ""),
        "train": (0, ""),
        "bundle": (0, ""),
    }
    assert "bundles/trained" in results["bundle"].out


@pytest.mark.kafka
@pytest.mark.slow
@pytest.mark.usefixtures("listings_file")
def test_running_it_as_the_readme_says(command, kafka_settings, worker, tmp_path):
    here = command.on(kafka_settings)
    steps = {words[0]: words for words in of_matchstream(commands())}
    assert here.run(*steps["topics"]).code == 0
    process = worker(here, *steps["worker"][1:])
    assert here.run(*steps["publish"]).code == 0
    with (tmp_path / "heard").open("w") as heard:
        subscriber = subprocess.Popen([sys.executable, "-u", "-c", subscriber_of(kafka_settings)], stdout=heard)
    try:
        until(lambda: "a-1 ['b-1']" in (tmp_path / "heard").read_text())
    finally:
        subscriber.kill()
        subscriber.wait()
    tail = here.run(*steps["tail"], "--until-end")
    assert "b-1" in tail.out
    looks_and_judges(here, steps)
    assert process.poll() is None


def looks_and_judges(here, steps):
    """What the page of `serve` shows, and what comes of a verdict."""
    page = here.with_(web_port="0", web_path=str(here.folder / "web.sqlite")).start(*steps["serve"])
    address = next(found[1] for line in page.stdout if (found := re.search(r"Open (http://\S+)", line)))
    with httpx.Client(base_url=address, timeout=60) as browser:
        until(lambda: browser.get("/healthz").status_code == 200)

        def chess_boards():  # matches are told first, and products a moment later
            found = browser.get("/products", params={"words": "chess"}).json()["products"]
            return [one["listings"] for one in found]

        until(lambda: chess_boards() == [2])
    interrupt(page)
    assert finished(page).code == 130
    assert here.run("judge", "a-1", "b-1", "same").code == 0
    exported = here.run(*steps["review"])
    assert exported.code == 0, exported.err
    assert b'"same"' in (here.folder / "pairs.jsonl").read_bytes()


def subscriber_of(settings):
    """The README's subscriber, for the test's broker and topic."""
    (code,) = blocks("python")
    return code.replace("127.0.0.1:9092", settings.brokers).replace(
        '"matches",', f'"{settings.topic_prefix}matches",', 1
    )
