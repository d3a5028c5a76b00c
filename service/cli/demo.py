"""The demo: a stack, a preset POSTed over HTTP, what it found, and nothing left running."""

import json
import time
from contextlib import ExitStack
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any

import typer

from service.cli.options import JsonOption, SmallOption, StateDirOption
from service.cli.output import errors, out, print_json
from service.cli.signals import orderly_end
from service.cli.stack import announce, say
from service.cli.summary import show_findings, show_links
from service.cli.watch import follow
from service.client import Client, Json
from service.errors import SweepFailedError
from service.settings import DEFAULT_STATE_DIR
from service.stack.plans import StackOptions
from service.stack.stack import Stack
from service.stack.state import StackInfo, StateDir, running_stack

DEMO_PRESET = "mnist-clip-lr"
MIRROR_TIMEOUT_SECONDS = 60.0


def register(app: typer.Typer) -> None:
    """Add the command to `app`."""
    app.command("demo")(demo)


def demo(
    preset: Annotated[str, typer.Option("--preset", help="The preset to run.")] = DEMO_PRESET,
    small: SmallOption = False,
    state_dir: StateDirOption = DEFAULT_STATE_DIR,
    as_json: JsonOption = False,
) -> None:
    """Run a real sweep on a stack of its own: show progress, what was found and where it lies, then stop."""
    state = StateDir.at(state_dir)
    running = running_stack(state.root)
    start = time.monotonic()
    with orderly_end(), ExitStack() as scope:
        url = _join(running) if running else _start_stack(state_dir, scope)
        ready_seconds = time.monotonic() - start
        client = scope.enter_context(Client(url))
        sweep = _run(client, preset, small)
        files = _write(client, sweep, state, ready_seconds)
        if as_json:
            print_json(json.loads(files["summary"].read_text(encoding="utf-8")))
        else:
            when = "" if running else ", once [bold]gradsweep up[/] serves them again"
            _show(client, sweep, files | state.data_paths, when)


def _run(client: Client, preset: str, small: bool) -> Json:
    """POST the preset and show its progress until everything is in MLflow; raises `SweepFailedError`."""
    body = json.dumps({"preset": preset, "small": small})
    sweep = client.submit(body, media_type="application/json")
    errors.print(f"queued [bold]{sweep['id']}[/], {sweep['num_trials']} trials of preset {preset}")
    errors.print(f"watch it in a browser: {client.url}{sweep['links']['page']}", soft_wrap=True)
    sweep = _mirrored(client, follow(client, sweep, errors))
    if sweep["status"] != "completed":
        reason = f": {sweep['error']}" if sweep["error"] else ""
        raise SweepFailedError(f"sweep {sweep['id']} is {sweep['status']}{reason}")
    return sweep


def _join(running: StackInfo) -> str:
    errors.print(f"using the stack that is running at {running.api_url}", soft_wrap=True)
    return running.api_url


def _start_stack(state_dir: Path, scope: ExitStack) -> str:
    """The address of a stack of our own, which ends with `scope`."""
    errors.print("starting the API, the runner and MLflow …")
    stack = scope.enter_context(Stack(StackOptions(state_dir), say))
    announce(stack, stack.wait_until_ready())
    stack.supervise_in_background()
    return stack.api_url


def _mirrored(client: Client, sweep: Json) -> Json:
    """The sweep once all of it is in MLflow, or as it is when that takes too long."""
    deadline = time.monotonic() + MIRROR_TIMEOUT_SECONDS
    while not sweep["is_mirrored"] and time.monotonic() < deadline:
        time.sleep(0.2)
        sweep = client.sweep(sweep["id"])
    return sweep


def _write(client: Client, sweep: Json, state: StateDir, ready_seconds: float) -> dict[str, Path]:
    """Leave the report and the summary on disk."""
    folder = state.root / "demo"
    folder.mkdir(exist_ok=True)
    files = {"report": folder / "report.html", "summary": folder / "summary.json"}
    files["report"].write_text(client.report(sweep["id"]), encoding="utf-8")
    summary = summarise(sweep, client.analysis(sweep["id"])) | {
        "seconds": {"until_ready": round(ready_seconds, 2), "sweep": _seconds(sweep)},
        "paths": {name: str(path) for name, path in (files | state.data_paths).items()},
    }
    files["summary"].write_text(json.dumps(summary, indent=2, allow_nan=False) + "\n", encoding="utf-8")
    return files


def _seconds(sweep: Json) -> float:
    """From the runner's claim to the last trial."""
    started, ended = (datetime.fromisoformat(sweep[name]) for name in ("started_at", "ended_at"))
    return round((ended - started).total_seconds(), 2)


def summarise(sweep: Json, analysis: Json) -> dict[str, Any]:
    """What a program wants to know of a sweep that has ended."""
    return {
        "sweep": {name: value for name, value in sweep.items() if name != "spec"},
        "recommendation": analysis["recommendation"],
        "edges": [{"setting": cell["label"], **cell["edge"]} for cell in analysis["cells"]],
    }


def _show(client: Client, sweep: Json, files: dict[str, Path], when: str) -> None:
    show_findings(client, sweep)
    out.print("[bold]On disk[/]")
    for name, path in files.items():
        out.print(f"  {name:<17} {shown_path(path)}", soft_wrap=True)
    out.print(f"[bold]In a browser[/]{when}")
    show_links(client, sweep)


def shown_path(path: Path) -> Path:
    """The path as a user would type it from here."""
    here = Path.cwd()
    return path.relative_to(here) if path.is_relative_to(here) else path
