"""What the processes of a stack do not import: each of these costs every start its seconds and megabytes."""

import subprocess
import sys

import pytest


@pytest.mark.parametrize(
    ("process", "spared"),
    [
        ("sweeps.mlflow_main", {"torch", "matplotlib", "ray", "scipy"}),
        ("sweeps.mlflow_serve", {"torch", "matplotlib", "ray", "scipy"}),
        ("sweeps.runner", {"torch", "matplotlib", "mlflow", "ray", "scipy", "sklearn", "optuna"}),
        ("sweeps.runner_driver", {"torch", "matplotlib", "mlflow", "scipy", "sklearn", "optuna"}),
        ("service.app", {"torch", "matplotlib", "mlflow", "ray", "scipy", "sklearn", "optuna", "pandas"}),
        ("service.cli.app", {"torch", "matplotlib", "mlflow", "ray", "scipy", "fastapi"}),
    ],
)
def test_a_process_of_the_stack_starts_without_what_it_may_never_need(process: str, spared: set[str]) -> None:
    script = f"import {process}, sys; print(*sys.modules)"
    found = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert spared & set(found.stdout.split()) == set()


def test_whoever_only_plans_does_without_torch() -> None:
    script = """
import sys
from service.submission import plan_answer
from sweeps.catalog import catalog
from sweeps.plan import make_plan
from sweeps.presets import list_presets
catalog()
for preset in list_presets():
    for small in (False, True):
        plan_answer(make_plan(preset.sweep_spec(small=small))).model_dump(mode="json")
print(*sys.modules)
"""
    found = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert {"torch", "scipy", "sklearn", "pandas"} & set(found.stdout.split()) == set()


def test_a_worker_has_torch_before_its_first_pack() -> None:
    script = "import sweeps.ray_preload, sys; print(*sys.modules)"
    found = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert {"torch", "trainers.pack", "sweeps.ray_pack"} <= set(found.stdout.split())


def test_tune_is_kept_from_importing_mlflow_and_nobody_else_is() -> None:
    script = """
import sys
from sweeps.ray_tuner import _import_integrations
_import_integrations()
from ray.air._internal.usage import _count_callbacks
_count_callbacks([])
assert "mlflow" not in sys.modules
import mlflow.tracking
"""
    subprocess.run([sys.executable, "-c", script], check=True)


@pytest.mark.parametrize(
    ("module", "imported", "spared"),
    [
        ("sweeps.mlflow_main", "sweeps.mlflow_table_sink, mlflow", {"pandas", "pyarrow", "scipy"}),
        ("sweeps.mlflow_serve", "mlflow.server.fastapi_app", {"pyarrow", "scipy"}),
    ],
)
def test_mlflow_does_without_the_large_libraries_that_it_would_only_look_for(
    module: str, imported: str, spared: set[str]
) -> None:
    script = f"""
import sys
from {module} import SPARED
from sweeps.quick_imports import without
with without(*SPARED):
    import {imported}
print(*sys.modules)
"""
    found = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert spared & set(found.stdout.split()) == set()
