"""One sweep on this machine without any server: same ledger, same runner, same findings."""

import time
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from service.cli.exits import SWEEP_NOT_COMPLETED
from service.cli.options import JsonOption, SmallOption, SpecArgument, StateDirOption
from service.cli.output import errors, out, print_json
from service.cli.remains import Remains
from service.cli.signals import orderly_end
from service.cli.source import read_source
from service.cli.stack import say
from service.cli.summary import print_text, text_style
from service.cli.watch import Watch
from service.errors import SweepFailedError
from service.settings import DEFAULT_STATE_DIR
from service.stack.local_runner import local_runner
from service.stack.parts import Parts
from service.stack.state import StateDir

if TYPE_CHECKING:
    from sweeps.ledger import Ledger
    from sweeps.ledger.base import Sweep

POLL_SECONDS = 0.25


def register(app: typer.Typer) -> None:
    """Add the command to `app`."""
    app.command("run")(run)


def run(
    spec: SpecArgument,
    small: SmallOption = False,
    output: Annotated[
        Path | None,
        typer.Option("--output", "-o", help="File for the report; without it, in the state folder."),
    ] = None,
    state_dir: StateDirOption = DEFAULT_STATE_DIR,
    as_json: JsonOption = False,
) -> None:
    """Run one sweep on this machine without a server: show progress, then what was found."""
    from service.submission import new_sweep, plan_of_text
    from service.summary import analysis_of, summary_text
    from service.views import sweep_detail
    from sweeps.ledger import open_ledger
    from sweeps.warm_start import earlier_trials

    plan = plan_of_text(read_source(spec, small).text)
    state = StateDir.at(state_dir)
    ledger = open_ledger(state.ledger_url)
    earlier_trials(ledger, plan.spec)
    with orderly_end(), local_runner(state, say) as parts:
        sweep = _follow(ledger, ledger.create_sweep(new_sweep(plan, None)), parts)
    if sweep.error:
        raise SweepFailedError(f"sweep {sweep.id} failed: {sweep.error}")
    analysis = analysis_of(sweep, ledger)
    report = _write_report(ledger, sweep, output or state.root / "reports" / f"{sweep.id}.html")
    if as_json:
        answer = sweep_detail(sweep, "").model_dump(mode="json", exclude={"links"})
        print_json({"sweep": answer, "analysis": analysis.to_json(), "report": report})
    else:
        width, color = text_style(out)
        print_text(summary_text(analysis, width=width, color=color))
        out.print(f"report  {report}", soft_wrap=True)
    if sweep.status != "completed":
        raise typer.Exit(SWEEP_NOT_COMPLETED)


def _follow(ledger: "Ledger", sweep: "Sweep", parts: Parts) -> "Sweep":
    """Show progress until sweep, report, model and mirror are done; cancel the sweep when interrupted."""
    try:
        with Watch(errors, sweep.num_trials, lambda: _map(ledger, sweep)) as watch:
            return _wait(ledger, sweep, parts, watch)
    except BaseException:
        if ledger.get_sweep(sweep.id).ended_at is None:
            ledger.request_cancel(sweep.id)
        raise


def _map(ledger: "Ledger", sweep: "Sweep") -> str:
    from service.summary import analysis_of, map_text

    width, color = text_style(errors)
    return map_text(analysis_of(sweep, ledger), width=width, color=color)


def _wait(ledger: "Ledger", sweep: "Sweep", parts: Parts, watch: Watch) -> "Sweep":
    remains, shown, said = Remains(ledger), -1, ""
    while sweep.ended_at is None or remains.worth_waiting(sweep):
        time.sleep(POLL_SECONDS)
        parts.supervise()
        sweep = ledger.get_sweep(sweep.id)
        watch.plan(sweep.num_trials)
        stage = "training" if sweep.ended_at is None else remains.stage(sweep)
        if sweep.started_at and stage and stage != said:
            watch.say(said := stage)
        if sweep.started_at and sweep.num_ended != shown:
            watch.update(shown := sweep.num_ended, {str(k): n for k, n in sweep.outcomes.items()})
    if missing := remains.stage(sweep):
        errors.print(f"gave up {missing}: the next runner on this folder goes on with it")
    return sweep


def _write_report(ledger: "Ledger", sweep: "Sweep", path: Path) -> str | None:
    html = ledger.get_report(sweep.id)
    if html is None:
        return None
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(html, encoding="utf-8")
    return str(path)
