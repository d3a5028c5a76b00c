"""A trial to MLflow in three requests: the fewest that its client allows."""

import time
from collections.abc import Sequence

from mlflow import MlflowClient
from mlflow.entities import Metric, Param

from benchmarks.cases import Case, Setting
from benchmarks.plain_training import Window

EXPERIMENT = "bench"


def experiment_id(client: MlflowClient) -> str:
    """The experiment of the benchmark, made if missing."""
    found = client.get_experiment_by_name(EXPERIMENT)
    return client.create_experiment(EXPERIMENT) if found is None else found.experiment_id


def log_trial(
    client: MlflowClient, experiment: str, case: Case, setting: Setting, windows: Sequence[Window]
) -> None:
    """Create the run, log everything in one batch, end the run."""
    run = client.create_run(experiment, run_name=str(setting.number))
    now = round(1000 * time.time())
    metrics = [
        Metric(key, value, now, window.step)
        for window in windows
        for key, value in (window.curves | window.final).items()
    ]
    params = [Param(key, str(value)) for key, value in case.params(setting).items()]
    client.log_batch(run.info.run_id, metrics=metrics, params=params)
    client.set_terminated(run.info.run_id)
