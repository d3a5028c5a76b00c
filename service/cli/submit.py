"""Commands that take a spec to a server, or check one without: submit, validate."""

from typing import Annotated, Any

import typer
from rich.markup import escape

from service.cli.exits import SWEEP_NOT_COMPLETED
from service.cli.format import styled
from service.cli.options import JsonOption, ServerOption, SmallOption, SpecArgument, connect
from service.cli.output import errors, out, print_json
from service.cli.source import Source, read_source
from service.cli.summary import show_findings, show_links
from service.cli.watch import follow
from service.client import Client, Json
from service.errors import SweepFailedError
from service.pages.labels import duration_label

WatchOption = Annotated[bool, typer.Option("--watch", "-w", help="Show progress, then what was found.")]


def register(app: typer.Typer) -> None:
    """Add the commands to `app`."""
    app.command("submit")(submit)
    app.command("validate")(validate)


def submit(
    spec: SpecArgument,
    small: SmallOption = False,
    watch: WatchOption = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Print the plan; nothing is stored.")] = False,
    idempotency_key: Annotated[
        str | None, typer.Option("--idempotency-key", help="Submitting again with this key changes nothing.")
    ] = None,
    server: ServerOption = None,
    as_json: JsonOption = False,
) -> None:
    """Send a sweep to a running server."""
    source = read_source(spec, small)
    with connect(server) as client:
        if dry_run:
            _show_plan(client.dry_run(source.text, media_type=source.media_type), as_json)
            return
        sweep = client.submit(source.text, media_type=source.media_type, idempotency_key=idempotency_key)
        follow_or_print(client, sweep, watch, as_json)


def follow_or_print(client: Client, sweep: Json, watch: bool, as_json: bool) -> None:
    """Say that a sweep is queued, watch it if asked to, and end as it ended; data goes to standard output."""
    if not as_json:
        errors.print(f"queued [bold]{sweep['id']}[/]  {escape(sweep['name'])}, {sweep['num_trials']} trials")
    if watch:
        sweep = _watch(client, sweep, as_json)
    if as_json:
        print_json(sweep)
    elif not watch:
        out.print(sweep["id"])
    if watch and sweep["error"]:
        raise SweepFailedError(f"sweep {sweep['id']} failed: {sweep['error']}")
    if watch and sweep["status"] != "completed":
        raise typer.Exit(SWEEP_NOT_COMPLETED)


def _watch(client: Client, sweep: Json, as_json: bool) -> Json:
    try:
        sweep = follow(client, sweep, errors)
    except KeyboardInterrupt:
        errors.print(f"\nno longer watching; the sweep goes on. Stop it with: gradsweep cancel {sweep['id']}")
        raise
    if not as_json:
        if sweep["num_ended"]:
            show_findings(client, sweep)
        out.print(f"sweep {sweep['id']} is {styled(sweep['status'])}")
        show_links(client, sweep)
    return sweep


def validate(spec: SpecArgument, small: SmallOption = False, as_json: JsonOption = False) -> None:
    """Check a spec without a server; every problem is told with its place and the way out."""
    from service.submission import plan_answer, plan_of_text
    from sweeps.spec import SpecError

    source: Source = read_source(spec, small)
    try:
        plan = plan_answer(plan_of_text(source.text)).model_dump(mode="json")
    except SpecError as error:
        if as_json:
            print_json({"valid": False, "problems": [vars(problem) for problem in error.problems]})
        raise
    _show_plan({"valid": True, **plan} if as_json else plan, as_json)


def _show_plan(plan: dict[str, Any], as_json: bool) -> None:
    if as_json:
        print_json(plan)
        return
    duplicates = f", {plan['num_duplicates']} duplicates left out" if plan["num_duplicates"] else ""
    out.print(f"[bold]{escape(plan['name'])}[/] is a valid sweep")
    out.print(f"  {plan['num_trials']:,} trials of {plan['num_configurations']:,} configurations{duplicates}")
    if plan["max_trials"] > plan["num_trials"]:
        out.print(
            f"  to begin with; about {plan['usual_trials']:,} as a rule, {plan['max_trials']:,} at most"
        )
    packs = f"{plan['num_packs']} packs on {plan['num_workers']} workers"
    out.print(f"  {plan['num_trial_steps']:,} updates in all, in {packs}")
    out.print(f"  about {duration_label(plan['estimated_seconds'])}, roughly estimated")
    for warning in plan["warnings"]:
        errors.print(f"[yellow]note:[/] {escape(warning)}")
