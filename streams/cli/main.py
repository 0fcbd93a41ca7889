"""The command `matchstream`."""

from __future__ import annotations

import logging
import sys
from typing import Annotated

import typer
from rich.logging import RichHandler

from encoders.errors import EncoderError
from streams.cli import demo, fit, match, publish, settings, tail, topics, worker
from streams.cli.console import err
from streams.errors import MatchstreamError

DEBUG = "--debug"

app = typer.Typer(
    name="matchstream",
    help="Finds the same product across sellers, live: listings in through Kafka, matches out.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)
app.add_typer(topics.app, name="topics")
app.add_typer(tail.app, name="tail")
app.command("worker")(worker.worker)
app.command("publish")(publish.publish)
app.command("withdraw")(publish.withdraw)
app.command("match")(match.match)
app.command("fit")(fit.fit)
app.command("demo")(demo.demo)
app.command("settings")(settings.settings)


@app.callback()
def root(
    debug: Annotated[bool, typer.Option(DEBUG, help="Show the traceback of a failure and log more.")] = False,  # noqa: FBT002 - typer's way to declare a flag
) -> None:
    """Options for every command."""
    level = logging.DEBUG if debug else logging.WARNING
    logging.basicConfig(level=level, format="%(message)s", handlers=[RichHandler(console=err, show_path=False)])


def main() -> None:
    """Run a command; a failure is one line with the remedy, its traceback behind `--debug`."""
    try:
        app()
    except (MatchstreamError, EncoderError) as error:
        if DEBUG in sys.argv:
            raise
        err.print(f"error: {error}", style="red", markup=False)
        sys.exit(1)
    except KeyboardInterrupt:
        sys.exit(130)


if __name__ == "__main__":
    main()
