"""Optuna with warm worker processes: asked and told in memory, one batch a trial to MLflow."""

from collections.abc import Iterator, Sequence
from concurrent.futures import as_completed
from contextlib import contextmanager
from pathlib import Path

import optuna
from mlflow import MlflowClient

from benchmarks.cases import Case, Setting
from benchmarks.contestants.base import Train
from benchmarks.contestants.processes import warm_processes
from benchmarks.mlflow_batch import experiment_id, log_trial
from benchmarks.mlflow_server import mlflow_server
from benchmarks.plain_training import train_windows


def objective(mlflow_url: str, experiment: str, case: Case, setting: Setting) -> float:
    """Train one trial and log it; its score."""
    windows = list(train_windows(case, setting))
    log_trial(MlflowClient(mlflow_url), experiment, case, setting, windows)
    return windows[-1].final["final/eval_loss"]


@contextmanager
def contestant(folder: Path) -> Iterator[Train]:
    """Worker processes and an MLflow server."""
    optuna.logging.set_verbosity(optuna.logging.ERROR)
    with mlflow_server(folder) as mlflow_url, warm_processes() as pool:
        experiment = experiment_id(MlflowClient(mlflow_url))

        def train(case: Case, settings: Sequence[Setting]) -> None:
            study = optuna.create_study()
            waiting = {}
            for setting in settings:
                study.enqueue_trial({"lr": setting.lr})
                trial = study.ask()
                trial.suggest_float("lr", 1e-6, 1e3, log=True)
                waiting[pool.submit(objective, mlflow_url, experiment, case, setting)] = trial
            for future in as_completed(waiting):
                study.tell(waiting[future], future.result())

        yield train
