"""Commands that show where a sweep's edge is and why a trial ended as it did: map, explain."""

import textwrap
from collections.abc import Iterator
from http import HTTPStatus
from typing import Annotated

import typer
from rich.markup import escape

from service.cli.format import styled
from service.cli.options import JsonOption, ServerOption, SweepArgument, connect, resolve
from service.cli.output import out, print_json
from service.cli.summary import print_text, text_style
from service.client import Client, Json, RequestRefusedError
from service.errors import UnknownNameError

TrialArgument = Annotated[int, typer.Argument(metavar="TRIAL", min=0, help="The trial's number.")]

INDENT = " " * 4


def register(app: typer.Typer) -> None:
    """Add the commands to `app`."""
    app.command("map")(show_map)
    app.command("explain")(explain)


def show_map(
    sweep_id: SweepArgument = "last", server: ServerOption = None, as_json: JsonOption = False
) -> None:
    """Print a sweep's stability map as far as it is filled."""
    with connect(server) as client:
        known = resolve(client, sweep_id)
        if as_json:
            print_json({"sweep": known, "maps": client.analysis(known)["maps"]})
            return
        width, color = text_style(out)
        print_text(client.summary(known, width=width, color=color, map_only=True).rstrip("\n"))


def explain(
    sweep_id: SweepArgument, trial: TrialArgument, server: ServerOption = None, as_json: JsonOption = False
) -> None:
    """Tell why a trial ended as it did, when, in which layer, how far its edge is and what would help."""
    with connect(server) as client:
        found = _explanation(client, resolve(client, sweep_id), trial)
    if as_json:
        print_json(found)
        return
    width, _ = text_style(out)
    for line in explanation_lines(found, width):
        out.print(line, soft_wrap=True)


def _explanation(client: Client, sweep_id: str, trial: int) -> Json:
    try:
        return client.explanation(sweep_id, trial)
    except RequestRefusedError as error:
        if error.status != HTTPStatus.NOT_FOUND:
            raise
    sweep = client.sweep(sweep_id)
    last, ended = sweep["num_trials"] - 1, sweep["num_ended"]
    missing = f"trial {trial} has not ended yet" if trial <= last else f"there is no trial {trial}"
    raise UnknownNameError(f"{missing}; {sweep_id} has trials 0 to {last}, of which {ended} have ended")


def explanation_lines(found: Json, width: int) -> Iterator[str]:
    """The sentences of an explanation, wrapped, then what would have helped, as console markup."""
    outcome = found["outcome"]
    for sentence in found["facts"]:
        lines = map(escape, textwrap.wrap(sentence, width))
        yield from (line.replace(f"ended {outcome}", f"ended {styled(outcome)}", 1) for line in lines)
    if found["helps"]:
        yield ""
        yield "[bold]What would have helped[/]"
    for item in found["helps"]:
        yield f"  [green]{escape(item['change'])}[/]"
        finding = item["text"].removeprefix(f"{item['change']}: ")
        yield from map(escape, textwrap.wrap(finding, width, initial_indent=INDENT, subsequent_indent=INDENT))
