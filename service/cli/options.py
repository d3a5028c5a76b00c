"""Options that several commands share."""

import os
from difflib import get_close_matches
from http import HTTPStatus
from pathlib import Path
from typing import Annotated

import typer

from service.client import Client, RequestRefusedError
from service.errors import UnknownNameError
from service.settings import DEFAULT_HOST, DEFAULT_PORT, DEFAULT_STATE_DIR
from service.stack.state import running_stack

NUM_RECENT = 100
"""Sweeps among which an unknown id looks for its likes."""
MOST_NEAR = 3

StateDirOption = Annotated[
    Path,
    typer.Option("--state-dir", envvar="GRADSWEEP_STATE_DIR", help="Folder for ledger, MLflow data, logs."),
]
ServerOption = Annotated[
    str | None,
    typer.Option(
        "--server",
        envvar="GRADSWEEP_SERVER",
        help="Address of the API; without it, the stack of this folder, else port 8000.",
    ),
]
JsonOption = Annotated[bool, typer.Option("--json", help="Print JSON, for other programs.")]
SmallOption = Annotated[bool, typer.Option("--small", help="The preset's small version, for a first look.")]
SpecArgument = Annotated[
    str, typer.Argument(metavar="SPEC", help="A spec file, a preset's name, or - for standard input.")
]
SweepArgument = Annotated[str, typer.Argument(metavar="ID", help="The sweep's id, or `last` for the newest.")]


def connect(server: str | None) -> Client:
    """A client for the server that was named, or for the one on this machine."""
    if server:
        return Client(server)
    state_dir = Path(os.environ.get("GRADSWEEP_STATE_DIR") or DEFAULT_STATE_DIR)
    stack = running_stack(state_dir)
    return Client(stack.api_url if stack else f"http://{DEFAULT_HOST}:{DEFAULT_PORT}")


def resolve(client: Client, sweep_id: str) -> str:
    """The id that is meant: `last`, a whole id, or its beginning where only one sweep has it.

    Raises `UnknownNameError`, which names the nearest, when there is no such sweep.
    """
    if sweep_id == "last":
        newest = client.sweeps(limit=1)["items"]
        if not newest:
            raise typer.BadParameter("there is no sweep yet")
        return str(newest[0]["id"])
    if sweep_id.isalnum() and _exists(client, sweep_id):
        return sweep_id
    recent = {str(sweep["id"]): str(sweep["name"]) for sweep in client.sweeps(limit=NUM_RECENT)["items"]}
    begun = [known for known in recent if known.startswith(sweep_id)]
    if sweep_id and len(begun) == 1:
        return begun[0]
    raise UnknownNameError(_unknown(sweep_id, recent))


def _exists(client: Client, sweep_id: str) -> bool:
    try:
        client.sweep(sweep_id)
    except RequestRefusedError as error:
        if error.status != HTTPStatus.NOT_FOUND:
            raise
        return False
    return True


def _unknown(sweep_id: str, recent: dict[str, str]) -> str:
    """What there is instead: ids that look alike, or sweeps of that name."""
    near = [known for known, name in recent.items() if name == sweep_id]
    near += [known for known in get_close_matches(sweep_id, recent, cutoff=0.7) if known not in near]
    if not near:
        return f"there is no sweep {sweep_id!r}; `gradsweep ls` lists those there are"
    shown = ", ".join(f"{known} ({recent[known]})" for known in near[:MOST_NEAR])
    return f"there is no sweep {sweep_id!r}; nearest: {shown}"
