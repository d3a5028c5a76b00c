"""Ray Tune as its documentation shows it: a function that reports, and the callback for MLflow."""

import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import ray
from ray import tune
from ray.air.integrations.mlflow import MLflowLoggerCallback

from benchmarks.cases import CASES, Case, Setting
from benchmarks.contestants.base import NUM_PROCESSES, Train
from benchmarks.mlflow_server import mlflow_server
from benchmarks.plain_training import train_windows


def objective(config: dict[str, Any]) -> None:
    """Train one trial and report every window."""
    case = CASES[config["case"]]
    setting = Setting(
        config["number"],
        config["lr"],
        None if config["clip"] == "none" else config["max_norm"],
        config["seed"],
    )
    for window in train_windows(case, setting):
        tune.report(window.curves | window.final)


@contextmanager
def contestant(folder: Path) -> Iterator[Train]:
    """Ray and an MLflow server."""
    os.environ["RAY_AIR_NEW_OUTPUT"] = "0"
    with mlflow_server(folder) as mlflow_url:
        ray.init(num_cpus=NUM_PROCESSES, include_dashboard=False, log_to_driver=False)

        def train(case: Case, settings: Sequence[Setting]) -> None:
            configs = [
                {**case.params(setting), "case": case.name, "number": setting.number} for setting in settings
            ]
            tuner = tune.Tuner(
                objective,
                param_space=tune.grid_search(configs),
                run_config=tune.RunConfig(
                    storage_path=str(folder / "tune"),
                    callbacks=[MLflowLoggerCallback(tracking_uri=mlflow_url, experiment_name="bench")],
                    verbose=0,
                ),
            )
            tuner.fit()

        try:
            yield train
        finally:
            ray.shutdown()
