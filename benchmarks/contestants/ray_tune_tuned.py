"""Ray Tune at its best: actors reused, workers preloaded, results buffered, one batch a trial to MLflow."""

import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from threading import Thread
from typing import Any

import ray
import torch
from mlflow import MlflowClient
from ray import tune

from benchmarks.cases import CASES, Case, Setting
from benchmarks.contestants.base import NUM_PROCESSES, Train
from benchmarks.contestants.ray_workers import start_workers
from benchmarks.mlflow_batch import experiment_id, log_trial
from benchmarks.mlflow_server import mlflow_server
from benchmarks.plain_training import Window, train_windows

ENVIRONMENT = {
    "RAY_preload_python_modules": "benchmarks.contestants.ray_tune_tuned",
    "TUNE_RESULT_BUFFER_LENGTH": "1000",
    "TUNE_DISABLE_AUTO_CALLBACK_LOGGERS": "1",
    "TUNE_GLOBAL_CHECKPOINT_S": "86400",
    "RAY_AIR_NEW_OUTPUT": "0",
    "RAY_CHDIR_TO_TRIAL_DIR": "0",
}


class PlainTrainable(tune.Trainable):
    """One report window a step; logs to MLflow itself, from the worker."""

    def setup(self, config: dict[str, Any]) -> None:
        torch.set_num_threads(1)
        self.client = MlflowClient(config["mlflow_url"])
        self.experiment = experiment_id(self.client)
        self.reset_config(config)

    def reset_config(self, new_config: dict[str, Any]) -> bool:
        self.case, self.setting = CASES[new_config["case"]], Setting(**new_config["setting"])
        self.windows: list[Window] = []
        self.training = train_windows(self.case, self.setting)
        return True

    def step(self) -> dict[str, Any]:
        window = next(self.training)
        self.windows.append(window)
        done = window.step + 1 == self.case.steps
        if done:
            log_trial(self.client, self.experiment, self.case, self.setting, self.windows)
        return {"train_loss": window.curves["train_loss"], "done": done}


@contextmanager
def contestant(folder: Path) -> Iterator[Train]:
    """Ray and an MLflow server."""
    os.environ.update(ENVIRONMENT)
    with mlflow_server(folder) as mlflow_url:
        ray.init(num_cpus=NUM_PROCESSES, include_dashboard=False, log_to_driver=False)
        experiment_id(MlflowClient(mlflow_url))
        starting: list[Thread] = []

        def train(case: Case, settings: Sequence[Setting]) -> None:
            configs = [
                {"case": case.name, "mlflow_url": mlflow_url, "setting": asdict(setting)}
                for setting in settings
            ]
            tuner = tune.Tuner(
                PlainTrainable,
                param_space=tune.grid_search(configs),
                tune_config=tune.TuneConfig(reuse_actors=True),
                run_config=tune.RunConfig(
                    storage_path=str(folder / "tune"),
                    checkpoint_config=tune.CheckpointConfig(checkpoint_at_end=False),
                    verbose=0,
                ),
            )
            tuner.fit()
            starting.append(Thread(target=start_workers))
            starting[-1].start()

        try:
            yield train
        finally:
            for thread in starting:
                thread.join()  # or it would start Ray anew
            ray.shutdown()
