"""What the processes of a stack do not import: each of these costs every start its seconds and megabytes."""

import subprocess
import sys

import pytest


@pytest.mark.parametrize(
    ("process", "spared"),
    [
        ("sweeps.mlflow_main", {"torch", "matplotlib", "ray", "scipy"}),
        ("sweeps.mlflow_serve", {"torch", "matplotlib", "ray", "scipy"}),
        ("sweeps.runner", {"matplotlib", "mlflow", "sklearn", "optuna"}),
        ("service.app", {"matplotlib", "mlflow", "ray", "sklearn", "optuna"}),
        ("service.cli.app", {"torch", "matplotlib", "mlflow", "ray", "scipy", "fastapi"}),
    ],
)
def test_a_process_of_the_stack_starts_without_what_it_may_never_need(process: str, spared: set[str]) -> None:
    script = f"import {process}, sys; print(*sys.modules)"
    found = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert spared & set(found.stdout.split()) == set()
