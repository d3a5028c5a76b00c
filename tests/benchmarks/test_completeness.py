"""Against a real MLflow store."""

from pathlib import Path

import pytest
from mlflow import MlflowClient
from mlflow.entities import Metric, Param, RunTag

from benchmarks.completeness import Required, logged_trials, num_finished, problems

CURVES = ("train_loss", "lr")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Three trials under a parent run: one that still runs, one with a point too few, one whole."""
    folder = tmp_path_factory.mktemp("store")
    client = MlflowClient(f"sqlite:///{folder / 'mlflow.db'}")
    experiment = client.create_experiment("bench", artifact_location=str(folder))
    parent = client.create_run(experiment, start_time=10_000)
    for place, num_points in enumerate((4, 3, 4)):
        run = client.create_run(
            experiment, start_time=20_000, tags={"mlflow.parentRunId": parent.info.run_id}
        )
        client.log_batch(
            run.info.run_id,
            metrics=[Metric(key, 0.5 + step, 0, step) for key in CURVES for step in range(num_points)],
            params=[Param(f"param{number}", "1") for number in range(2)],
            tags=[RunTag("outcome", "stable")],
        )
        if place:
            client.set_terminated(run.info.run_id, end_time=30_000 + place)
    client.set_terminated(parent.info.run_id)
    return folder


def test_trials_are_the_ended_runs_without_runs_under_them(folder: Path) -> None:
    trials = logged_trials(folder, since=15.0)
    assert [trial.ended_at for trial in trials] == [30.001, 30.002]
    assert [dict(trial.num_points) for trial in trials] == [
        {"train_loss": 3, "lr": 3},
        {"train_loss": 4, "lr": 4},
    ]
    assert [trial.train_loss for trial in trials] == [2.5, 3.5]
    assert [trial.num_params for trial in trials] == [2, 2]


def test_runs_that_began_before_the_measurement_do_not_count(folder: Path) -> None:
    assert logged_trials(folder, since=25.0) == []


def test_everything_that_has_ended_is_counted(folder: Path) -> None:
    assert num_finished(folder) == 3


def test_what_is_missing_is_named(folder: Path) -> None:
    trials = logged_trials(folder, since=15.0)
    required = Required(num_trials=3, curves=(*CURVES, "grad_norm"), num_points=4, num_params=12)
    assert problems(trials, required) == [
        "2 trials instead of 3",
        "2 trials with less than 12 params",
        "train_loss has 3 points instead of 4 in 1 trials",
        "lr has 3 points instead of 4 in 1 trials",
        "grad_norm has 0 points instead of 4 in 2 trials",
    ]


def test_whole_trials_have_no_problem_and_more_than_required_is_none(folder: Path) -> None:
    whole = logged_trials(folder, since=15.0)[1:]
    assert problems(whole, Required(num_trials=1, curves=("lr",), num_points=4, num_params=1)) == []
