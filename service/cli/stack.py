"""Commands that run parts of gradsweep on this machine: up, runner."""

import time
from typing import Annotated

import typer
from rich.markup import escape

from service.cli.options import StateDirOption
from service.cli.output import errors
from service.cli.signals import orderly_end
from service.settings import DEFAULT_STATE_DIR
from service.stack.plans import StackOptions
from service.stack.stack import SECONDS_BETWEEN_LOOKS, Stack

HostOption = Annotated[str, typer.Option("--host", help="Address that API and MLflow listen on.")]
PortOption = Annotated[
    int | None,
    typer.Option("--port", min=0, max=65535, help="Port of the API: 8000 if free, else any; 0 is any."),
]
MlflowPortOption = Annotated[
    int | None,
    typer.Option("--mlflow-port", min=0, max=65535, help="Port of MLflow: 5000 if free, else any; 0 is any."),
]
RunnersOption = Annotated[int, typer.Option("--runners", min=1, max=64, help="Sweeps that may run at once.")]


def register(app: typer.Typer) -> None:
    """Add the commands to `app`."""
    app.command("up")(up)
    app.command("runner")(runner)


def up(
    state_dir: StateDirOption = DEFAULT_STATE_DIR,
    host: HostOption = "127.0.0.1",
    port: PortOption = None,
    mlflow_port: MlflowPortOption = None,
    runners: RunnersOption = 1,
) -> None:
    """Start the API, a runner and MLflow on this machine, and keep them running until Ctrl-C."""
    options = StackOptions(state_dir, host, port, mlflow_port, runners)
    try:
        with orderly_end(), Stack(options, say) as stack:
            errors.print("starting the API, the runner and MLflow …")
            announce(stack, stack.wait_until_ready())
            errors.print("Ctrl-C stops it")
            while True:
                stack.supervise()
                time.sleep(SECONDS_BETWEEN_LOOKS)
    except KeyboardInterrupt:
        errors.print("stopped")


def say(text: str) -> None:
    """Tell what the stack reports."""
    errors.print(f"[yellow]{escape(text)}[/]", soft_wrap=True)


def announce(stack: Stack, seconds: float) -> None:
    """Say where the stack listens and where its files are."""
    errors.print(f"ready after {seconds:.1f} s")
    lines = (
        ("API and page", stack.api_url),
        ("MLflow", stack.mlflow_url),
        ("state and logs", stack.context.state.root),
    )
    for name, value in lines:
        errors.print(f"  {name:<15} {value}", soft_wrap=True)


def runner(
    ledger: Annotated[
        str, typer.Option("--ledger", envvar="GRADSWEEP_LEDGER_URL", help="The ledger's address.")
    ],
    mlflow: Annotated[
        str | None,
        typer.Option(
            "--mlflow", envvar="GRADSWEEP_MLFLOW_URI", help="MLflow's address; without it, no mirror."
        ),
    ] = None,
    name: Annotated[str, typer.Option("--name", help="Name of this runner in the ledger.")] = "runner",
    ray_address: Annotated[
        str | None,
        typer.Option(
            "--ray-address", envvar="GRADSWEEP_RAY_ADDRESS", help="A Ray cluster; without it, its own."
        ),
    ] = None,
    num_cpus: Annotated[
        int | None, typer.Option("--num-cpus", help="Processors to use; without it, all.")
    ] = None,
    num_gpus: Annotated[int | None, typer.Option("--num-gpus", help="GPUs to use; without it, all.")] = None,
    once: Annotated[bool, typer.Option("--once", help="End when no sweep waits and MLflow has all.")] = False,
) -> None:
    """Claim sweeps from a ledger and train them, until stopped. `up` starts one by itself."""
    from sweeps.runner import main

    given = {"mlflow": mlflow, "ray-address": ray_address, "num-cpus": num_cpus, "num-gpus": num_gpus}
    argv = ["--ledger", ledger, "--name", name, *(["--once"] if once else [])]
    argv += [
        text for option, value in given.items() if value is not None for text in (f"--{option}", str(value))
    ]
    raise typer.Exit(main(argv))
