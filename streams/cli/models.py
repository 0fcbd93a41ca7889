"""`matchstream models`: fetch a model by name, see which are here, and remove one."""

from __future__ import annotations

from typing import Annotated

import typer

from encoders.models import pulled_models
from encoders.models.choosing import KNOWN
from streams.cli import models_shown
from streams.cli.console import err, out
from streams.errors import SettingsError
from streams.settings import load_settings

app = typer.Typer(
    no_args_is_help=True,
    help="Fetch models, and see which are here. No model is ever downloaded otherwise.",
    rich_markup_mode=None,
)

Revision = Annotated[str | None, typer.Option(help="A branch, a tag or a commit; by default what main is now.")]


@app.command(epilog=f"Names to begin with: {', '.join(KNOWN)}")
def pull(
    name: Annotated[str, typer.Argument(help="A name on the model hub, as OWNER/NAME, or a torchvision backbone.")],
    revision: Revision = None,
) -> None:
    """Fetch a model and keep it, at the commit that its revision names now.

    Configuration, tokenizer and safetensors are fetched: never code, never pickles of strangers. What comes is checked
    against what was published, and kept whole or not at all; interrupt it, and the same command goes on. The hub is
    that of HF_ENDPOINT, asked in the name of HF_TOKEN.
    """
    from streams.cli import models_pulled  # noqa: PLC0415 - it brings torch

    try:
        models_pulled.say(models_pulled.pulled(name, revision))
    except KeyboardInterrupt:
        err.print("Stopped. The same command goes on where it ended.")
        raise


@app.command("list")
def list_models(
    bundle: Annotated[
        list[str] | None, typer.Option(help="A bundle that may need models, beside that of the settings; repeatable.")
    ] = None,
    check: Annotated[bool, typer.Option("--check", help="Read every byte, rather than look at sizes.")] = False,  # noqa: FBT002 - typer's way to declare a flag
    as_json: Annotated[bool, typer.Option("--json", help="Print it as one line of JSON.")] = False,  # noqa: FBT002 - likewise
) -> None:
    """Show what was pulled, whether it is whole and who needs it, and what bundles need that is not here."""
    looked = models_shown.looked_at([load_settings().bundle, *(bundle or [])], thorough=check)
    if as_json:
        out.print(models_shown.as_json(looked))
    else:
        models_shown.say(looked)
    if looked.missing or any(one.damage for one in looked.pulled):
        raise typer.Exit(1)


@app.command()
def remove(
    name: Annotated[str, typer.Argument(help="As 'models list' shows it.")],
    revision: Annotated[str | None, typer.Option(help="Only this one of several.")] = None,
) -> None:
    """Remove a model that was pulled; bundles that name it can't be loaded until it is pulled again."""
    store = pulled_models()
    begun, gone = store.discard(name, revision), store.remove(name, revision)
    if not gone and not begun:
        got = f"not among the models pulled to '{store.folder}'"
        raise SettingsError(
            f"model '{name}'", got=got, wanted="one of them", remedy="'matchstream models list' shows them"
        )
    for record in gone:
        out.print(f"Removed {record.name} at {record.short}, {models_shown.in_bytes(record.size)}.")
    for whole_name in begun:
        out.print(f"Removed what had come of {whole_name}.")
