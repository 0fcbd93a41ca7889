"""`train` as a user types it: killed and given again, stopped by Ctrl-C, and its bundles at work."""

import os
import signal
from dataclasses import replace

import orjson
import pytest
from end_to_end.commands import finished, interrupt, read_lists, until
from fakes.trainable import shop_listings, tiny_bundle, write_shop

from encoders.bundle import read_bundle, write_bundle

pytestmark = pytest.mark.slow

LONG = ("--modality", "text", "--set", "batch=4", "--epochs", "60", "--patience", "60", "--held-out", "0.4")
ENDLESS = (*LONG, "--epochs", "100000", "--patience", "100000")
"""For who only stops it: it must not be over before the test had its turn."""

ENCODER = ("text/", "text-head")
ANSWER_S = 120


@pytest.fixture(scope="module")
def base(tmp_path_factory):
    return tiny_bundle(tmp_path_factory.mktemp("bundles")).path


@pytest.fixture
def train(command, base):
    """The words of the command; what it trains on lies in its folder."""
    write_shop(command.folder, shop_listings(products=16))
    words = ("train", "listings.jsonl", "--label", "product_id", "--images", ".", "--base", str(base), "--threads", "1")
    return lambda output, *options: (*words, "-o", output, *options)


def updates_of(run):
    """How many updates the checkpoint of a run that is not over has; 0 where there is none."""
    try:
        standing = orjson.loads((run / "checkpoint" / "state.json").read_bytes())["standing"]
    except FileNotFoundError:
        return 0
    assert standing["finish"] is None, "it was over before it was stopped"
    return standing["updates"]


def encoder_of(bundle):
    return {name: digest for name, digest in read_bundle(bundle).files.items() if name.startswith(ENCODER)}


def begun(process, run):
    """Wait until it is in the middle of its training."""
    until(lambda: updates_of(run) > 4 or process.poll() is not None, ANSWER_S)
    assert process.poll() is None, finished(process).err


def test_killed_in_the_middle_the_same_command_ends_as_if_nothing_had_happened(command, train):
    run = command.folder / "killed.run" / "text"
    process = command.start(*train("killed", *LONG))
    begun(process, run)
    os.kill(process.pid, signal.SIGKILL)
    assert finished(process).code == -signal.SIGKILL
    assert updates_of(run) > 0
    assert not (command.folder / "killed").exists()

    results = [command.run(*train(output, *LONG)) for output in ("killed", "undisturbed")]
    assert [(one.code, one.err if one.code else "") for one in results] == [(0, ""), (0, "")]
    assert len(list((run / "tensorboard").iterdir())) == 2, "it went on, and did not begin anew"
    assert encoder_of(command.folder / "killed") == encoder_of(command.folder / "undisturbed")
    assert len(encoder_of(command.folder / "killed")) > 2
    bundles = [read_bundle(command.folder / name) for name in ("killed", "undisturbed")]
    assert bundles[0].matching == bundles[1].matching


def test_ctrl_c_says_that_the_same_command_goes_on(command, train):
    run = command.folder / "stopped.run" / "text"
    process = command.start(*train("stopped", *ENDLESS))
    begun(process, run)
    interrupt(process)
    result = finished(process)
    assert result.code == 1
    assert result.err.splitlines()[-1].startswith("error: training: stopped after update ")
    assert result.err.splitlines()[-1].endswith("; the same command goes on from there")
    assert updates_of(run) > 4
    assert not (command.folder / "stopped").exists()


def test_after_ctrl_c_restart_is_not_to_be_given_again(command, train):
    process = command.start(*train("stopped", *ENDLESS, "--restart"))
    begun(process, command.folder / "stopped.run" / "text")
    interrupt(process)
    assert finished(process).err.splitlines()[-1].endswith("; the same command without --restart goes on from there")


def test_a_failure_is_one_line(command, train):
    result = command.run(*train("new", "--recipe", "magic"))
    assert result.code == 1
    assert result.err == (
        "error: --recipe: 'magic', one of arcface, softmax, contrastive, fusion, unified wanted; "
        "see 'matchstream train --recipes'\n"
    )


@pytest.mark.parametrize("recipe", ["contrastive", "unified"])
def test_the_stream_equals_the_reference_with_a_trained_joint_space(command, train, recipe):
    trained = command.run(*train("joined", "--recipe", recipe, "--epochs", "5", "--held-out", "0.4"))
    assert trained.code == 0, trained.err
    bundle = read_bundle(command.folder / "joined")
    by_joint = replace(bundle, matching={"weights": {"joint": 1.0, "lexical": 0.5}, "match_threshold": 0.7})
    write_bundle(bundle.path, by_joint, {name: bundle.path / name for name in bundle.files})
    here = command.with_(bundle=bundle.path)
    matching = ("match", "listings.jsonl", "--images", ".")
    streamed, plain = here.run(*matching), here.run(*matching, "--reference")
    assert (streamed.code, plain.code) == (0, 0), streamed.err + plain.err
    lists = read_lists(streamed.out)
    assert lists == read_lists(plain.out)
    assert "joint" in next(iter(lists["s0-0"]))["evidence"]
