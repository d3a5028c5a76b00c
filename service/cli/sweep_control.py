"""Commands that change a sweep: cancel, pause, resume, delete."""

from typing import Annotated

import typer

from service.cli.format import styled
from service.cli.options import JsonOption, ServerOption, connect, resolve
from service.cli.output import errors, print_json

SweepToChange = Annotated[str, typer.Argument(metavar="ID", help="The sweep's id, or `last` for the newest.")]


def register(app: typer.Typer) -> None:
    """Add the commands to `app`."""
    app.command("cancel")(cancel)
    app.command("pause")(pause)
    app.command("resume")(resume)
    app.command("delete")(delete)


def cancel(sweep_id: SweepToChange, server: ServerOption = None, as_json: JsonOption = False) -> None:
    """End a sweep; what it has trained is kept."""
    _act(sweep_id, "cancel", server, as_json)


def pause(sweep_id: SweepToChange, server: ServerOption = None, as_json: JsonOption = False) -> None:
    """Stop training until the sweep is resumed."""
    _act(sweep_id, "pause", server, as_json)


def resume(sweep_id: SweepToChange, server: ServerOption = None, as_json: JsonOption = False) -> None:
    """Let a paused sweep go on with the trials that are left."""
    _act(sweep_id, "resume", server, as_json)


def delete(sweep_id: SweepToChange, server: ServerOption = None) -> None:
    """Forget a sweep that has ended, with its trials and report; what is in MLflow stays there."""
    with connect(server) as client:
        known = resolve(client, sweep_id)
        client.delete(known)
    errors.print(f"{known} is gone")


def _act(sweep_id: str, action: str, server: str | None, as_json: bool) -> None:
    with connect(server) as client:
        sweep = client.act(resolve(client, sweep_id), action)
    if as_json:
        print_json(sweep)
        return
    pending = sweep["cancel_requested"] or sweep["pause_requested"]
    ongoing = " (asked for, takes effect within seconds)" if pending and sweep["status"] == "running" else ""
    errors.print(f"{sweep['id']} is {styled(sweep['status'])}{ongoing}")
