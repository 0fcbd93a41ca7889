"""The command `matchstream`."""

from __future__ import annotations

import signal
import sys
from collections.abc import Sequence
from contextlib import suppress
from importlib.metadata import version
from typing import Annotated

import typer
from typer.main import get_command

from encoders.models import keep_models_in
from streams.cli import (
    bench,
    bundle,
    calibrate,
    dead_letters,
    demo,
    evaluate,
    explain,
    fit,
    judge,
    match,
    models,
    positives,
    publish,
    reindex,
    review,
    serve,
    settings,
    tail,
    topics,
    train,
    verify,
    worker,
)
from streams.cli.console import out
from streams.cli.failures import DEBUG, say, say_all
from streams.cli.logs import log_to_console
from streams.errors import SettingsError
from streams.settings import load_settings

app = typer.Typer(
    name="matchstream",
    help="Finds the same product across sellers, live: listings in through Kafka, matches out.",
    epilog="First time here? matchstream demo",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
)
app.command("demo", short_help="See it work on a small generated catalogue.")(demo.demo)
app.command("match", short_help="Find the matches among the listings of a file.")(match.match)
app.command("fit", short_help="Make an encoder bundle for a catalogue.")(fit.fit)
app.command("train", short_help="Train encoders on a catalogue.")(train.train)
app.command("positives", short_help="Find pairs to train on in a click log.")(positives.positives)
app.add_typer(models.app, name="models", short_help="Fetch models by name, and see which are here.")
app.add_typer(bundle.app, name="bundle", short_help="Show what a bundle is, or how two differ.")
app.command("evaluate", short_help="Measure how right the matches of a labelled file are.")(evaluate.evaluate)
app.command("calibrate", short_help="Choose thresholds that keep a precision.")(calibrate.calibrate)
app.add_typer(topics.app, name="topics", short_help="Create the topics, or show how far each stage is.")
app.command("worker", short_help="Run the stages, or some of them.")(worker.worker)
app.command("publish", short_help="Publish the listings of a file.")(publish.publish)
app.command("withdraw", short_help="Withdraw listings.")(publish.withdraw)
app.command("serve", short_help="Serve the web page.")(serve.serve)
app.command("judge", short_help="Say whether two listings are one product.")(judge.judge)
app.add_typer(review.app, name="review", short_help="What people said, in figures or to learn from.")
app.command("explain", short_help="Show why two listings match, or do not.")(explain.explain_pair)
app.command("verify", short_help="Compare the index and the topics with the reference.")(verify.verify_index)
app.add_typer(reindex.app, name="reindex", short_help="Fill another generation and exchange the live one for it.")
app.add_typer(bench.app, name="bench", short_help="Measure this machine.")
app.add_typer(dead_letters.app, name="dead-letters", short_help="Look at what was laid aside, or try it again.")
app.add_typer(tail.app, name="tail", short_help="Watch what subscribers are told.")
app.command("settings", short_help="Show every setting and where its value comes from.")(settings.settings)


def _tell_version(wanted: bool) -> None:  # noqa: FBT001 - typer calls it so
    if wanted:
        out.print(f"matchstream {version('matchstream')}")
        raise typer.Exit


@app.callback()
def root(
    debug: Annotated[bool, typer.Option(DEBUG, help="Show tracebacks and all there is to log.")] = False,  # noqa: FBT002 - typer's way to declare a flag
    _version: Annotated[  # noqa: FBT002 - likewise
        bool, typer.Option("--version", callback=_tell_version, is_eager=True, help="Show the version and exit.")
    ] = False,
) -> None:
    """Options for every command; `--debug` may stand after the command too."""
    log_to_console(debug=debug)
    _look_for_models()


def _look_for_models() -> None:
    """In the folder of the settings, for every command; one that can't use these tells it itself."""
    with suppress(SettingsError):
        keep_models_in(load_settings().models_path)


def main() -> None:
    """Run a command; a failure is one line with the remedy, its traceback behind `--debug`."""
    arguments, debug = _without_debug(sys.argv[1:])
    sys.excepthook = say_all if debug else say
    _end_as_at_ctrl_c()
    get_command(app)([DEBUG, *arguments] if debug else arguments, prog_name="matchstream")


def _end_as_at_ctrl_c() -> None:
    """At SIGTERM and SIGHUP, too, end what was started and remove what was made for a run."""
    if signal.getsignal(signal.SIGINT) is not signal.default_int_handler:
        return  # a script's background job, which Ctrl-C is not for
    for number in (signal.SIGTERM, signal.SIGHUP):
        if signal.getsignal(number) is signal.SIG_DFL:
            signal.signal(number, lambda _number, _frame: signal.raise_signal(signal.SIGINT))


def _without_debug(arguments: Sequence[str]) -> tuple[list[str], bool]:
    """The arguments without `--debug` wherever it stands before `--`, and whether it was there."""
    end = arguments.index("--") if "--" in arguments else len(arguments)
    options = [one for one in arguments[:end] if one != DEBUG]
    return [*options, *arguments[end:]], len(options) < end


if __name__ == "__main__":
    main()
