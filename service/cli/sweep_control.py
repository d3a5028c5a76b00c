"""Commands that change a sweep or make more of it: cancel, pause, resume, clone, extend, delete."""

from typing import Annotated, Any

import typer
import yaml

from service.cli.format import styled
from service.cli.options import JsonOption, ServerOption, connect, resolve
from service.cli.output import errors, print_json
from service.cli.submit import WatchOption, follow_or_print

SweepToChange = Annotated[str, typer.Argument(metavar="ID", help="The sweep's id, or `last` for the newest.")]

SetOption = Annotated[
    list[str] | None,
    typer.Option(
        "--set", metavar="PART=VALUE", help="Replace a part of the spec, its value in YAML; may be repeated."
    ),
]


def register(app: typer.Typer) -> None:
    """Add the commands to `app`."""
    app.command("cancel")(cancel)
    app.command("pause")(pause)
    app.command("resume")(resume)
    app.command("clone")(clone)
    app.command("extend")(extend)
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


def clone(
    sweep_id: SweepToChange,
    changes: SetOption = None,
    watch: WatchOption = False,
    server: ServerOption = None,
    as_json: JsonOption = False,
) -> None:
    """Queue a sweep of the same spec, with parts of it replaced by --set."""
    with connect(server) as client:
        sweep = client.clone(resolve(client, sweep_id), _parts(changes))
        follow_or_print(client, sweep, watch, as_json)


def extend(
    sweep_id: SweepToChange,
    changes: SetOption = None,
    watch: WatchOption = False,
    server: ServerOption = None,
    as_json: JsonOption = False,
) -> None:
    """Queue a sweep that has ended again, with more trials; what it has trained is kept."""
    if not changes:
        example = "--set 'search={kind: random, trials: 400}'"  # more seeds would renumber trials: clone
        raise typer.BadParameter(f"say what makes it larger, as in {example}", param_hint="--set")
    with connect(server) as client:
        sweep = client.extend(resolve(client, sweep_id), _parts(changes))
        follow_or_print(client, sweep, watch, as_json)


def _parts(changes: list[str] | None) -> dict[str, Any]:
    """Parts of a spec written as PART=VALUE, the value in YAML."""
    parts: dict[str, Any] = {}
    for change in changes or []:
        name, sign, value = change.partition("=")
        if not sign or not name.strip():
            raise typer.BadParameter(f"{change!r} is not PART=VALUE, such as seeds=5", param_hint="--set")
        try:
            parts[name.strip()] = yaml.safe_load(value)
        except yaml.YAMLError:
            raise typer.BadParameter(f"{value!r} cannot be read as YAML", param_hint="--set") from None
    return parts


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
