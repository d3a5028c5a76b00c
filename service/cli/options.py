"""Options that several commands share."""

import os
from pathlib import Path
from typing import Annotated

import typer

from service.client import Client
from service.settings import DEFAULT_HOST, DEFAULT_PORT, DEFAULT_STATE_DIR
from service.stack.state import running_stack

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
    """The id that is meant; `last` is the newest sweep."""
    if sweep_id != "last":
        return sweep_id
    newest = client.sweeps(limit=1)["items"]
    if not newest:
        raise typer.BadParameter("there is no sweep yet")
    return str(newest[0]["id"])
