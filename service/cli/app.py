"""The command's groups put together."""

from typing import Annotated

import typer

from service.cli import demo, explain, local_run, look, meta, stack, submit, sweep_control
from service.cli.exits import EXIT_CODES, Group

EPILOG = "Exit codes: " + ", ".join(f"{code} {meaning}" for code, meaning in EXIT_CODES.items())

app = typer.Typer(
    name="gradsweep",
    cls=Group,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
    epilog=EPILOG,
)
for module in (demo, stack, local_run, submit, look, explain, sweep_control, meta):
    module.register(app)


def _show_version(wanted: bool) -> None:
    if wanted:
        from importlib.metadata import version

        typer.echo(f"gradsweep {version('gradsweep')}")
        raise typer.Exit


@app.callback()
def gradsweep(
    version: Annotated[
        bool, typer.Option("--version", callback=_show_version, is_eager=True, help="Print the version.")
    ] = False,
) -> None:
    """Map where training is stable, where it blows up, and how far your setting is from that edge."""
