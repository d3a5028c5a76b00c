"""Commands that look at sweeps: ls, show, trials, report."""

from pathlib import Path
from typing import Annotated

import typer
from rich.markup import escape
from rich.table import Table

from service.cli.format import age, evidence_text, one_line, outcome_counts, styled, when
from service.cli.options import JsonOption, ServerOption, SweepArgument, connect, resolve
from service.cli.output import errors, out, print_json
from service.cli.summary import show_findings, show_links
from service.client import Json

LimitOption = Annotated[int, typer.Option("--limit", min=1, max=500, help="Rows to print.")]


def register(app: typer.Typer) -> None:
    """Add the commands to `app`."""
    app.command("ls")(list_sweeps)
    app.command("show")(show)
    app.command("trials")(trials)
    app.command("report")(report)


def list_sweeps(
    status: Annotated[str | None, typer.Option("--status", help="Only sweeps with this status.")] = None,
    name: Annotated[str | None, typer.Option("--name", help="Only sweeps of this name.")] = None,
    tag: Annotated[
        str | None, typer.Option("--tag", help="Only sweeps with this tag, KEY or KEY:VALUE.")
    ] = None,
    limit: LimitOption = 20,
    server: ServerOption = None,
    as_json: JsonOption = False,
) -> None:
    """List sweeps, the newest first."""
    with connect(server) as client:
        page = client.sweeps(status=status, name=name, tag=tag, limit=limit)
    if as_json:
        print_json(page)
        return
    if not page["items"]:
        errors.print("no sweep yet; start one with [bold]gradsweep submit PRESET --watch[/]")
        return
    out.print(sweep_table(page["items"]))
    if page["next_cursor"]:
        errors.print(f"[dim]more than {limit}; see --limit[/]")


def sweep_table(sweeps: list[Json]) -> Table:
    """One row a sweep."""
    table = Table(box=None, pad_edge=False)
    # Where there is little room, names and outcomes are cut: an id that is cut is of no use.
    table.add_column("id", no_wrap=True, min_width=max(len(sweep["id"]) for sweep in sweeps))
    table.add_column("name", no_wrap=True)
    table.add_column("status", no_wrap=True, min_width=max(len(sweep["status"]) for sweep in sweeps))
    table.add_column("trials", no_wrap=True, min_width=max(len(_progress(sweep)) for sweep in sweeps))
    table.add_column("created", no_wrap=True)
    table.add_column("outcomes")
    for sweep in sweeps:
        table.add_row(
            sweep["id"],
            escape(sweep["name"]),
            styled(sweep["status"]),
            _progress(sweep),
            age(sweep["created_at"]),
            one_line(outcome_counts(sweep["outcomes"])),
        )
    return table


def _progress(sweep: Json) -> str:
    return f"{sweep['num_ended']}/{sweep['num_trials']}"


def show(sweep_id: SweepArgument = "last", server: ServerOption = None, as_json: JsonOption = False) -> None:
    """Show a sweep: how far it is, its stability map, edges and recommendation so far."""
    with connect(server) as client:
        sweep = client.sweep(resolve(client, sweep_id))
        if as_json:
            print_json(sweep)
            return
        _show_head(sweep)
        if sweep["num_ended"]:
            show_findings(client, sweep)
        show_links(client, sweep)


def _show_head(sweep: Json) -> None:
    out.print(f"[bold]{escape(sweep['name'])}[/]  {styled(sweep['status'])}  [dim]{sweep['id']}[/]")
    out.print(f"{sweep['num_ended']} of {sweep['num_trials']} trials  {outcome_counts(sweep['outcomes'])}")
    times = [
        f"{name} {when(sweep[f'{name}_at'])}"
        for name in ("created", "started", "ended")
        if sweep[f"{name}_at"]
    ]
    out.print(f"[dim]{', '.join(times)}[/]")
    if sweep["error"]:
        out.print(f"[red]{escape(sweep['error'])}[/]")


def trials(
    sweep_id: SweepArgument = "last",
    outcome: Annotated[
        str | None, typer.Option("--outcome", help="Only trials that ended like this.")
    ] = None,
    sort: Annotated[
        str, typer.Option("--sort", help="number, -number, objective or -objective; a minus turns it round.")
    ] = "number",
    limit: LimitOption = 50,
    server: ServerOption = None,
    as_json: JsonOption = False,
) -> None:
    """List a sweep's ended trials with their outcome and the evidence for it."""
    with connect(server) as client:
        page = client.trials(resolve(client, sweep_id), outcome=outcome, sort=sort, limit=limit)
    if as_json:
        print_json(page)
        return
    out.print(_trial_table(page["items"]))
    if page["next_cursor"]:
        errors.print(f"[dim]more than {limit}; see --limit[/]")


def _trial_table(trials: list[Json]) -> Table:
    table = Table("trial", "setting", "outcome", "objective", "evidence", box=None, pad_edge=False)
    for trial in trials:
        objective = trial["objective"]
        table.add_row(
            str(trial["number"]),
            escape(trial["setting"]),
            styled(trial["outcome"]),
            "–" if objective is None else f"{objective:.4g}",
            escape(evidence_text(trial["evidence"])),
        )
    return table


def report(
    sweep_id: SweepArgument = "last",
    output: Annotated[Path, typer.Option("--output", "-o", help="File to write.")] = Path("report.html"),
    server: ServerOption = None,
) -> None:
    """Write a sweep's HTML report to a file."""
    with connect(server) as client:
        html = client.report(resolve(client, sweep_id))
    try:
        output.parent.mkdir(parents=True, exist_ok=True)
        output.write_text(html, encoding="utf-8")
    except OSError as error:
        raise typer.BadParameter(f"{output} cannot be written: {error.strerror}") from None
    errors.print(f"wrote {output}", soft_wrap=True)
