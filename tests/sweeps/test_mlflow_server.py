"""Which tracking URIs are accepted, and how the tracking server is started."""

from pathlib import Path

import pytest

from sweeps.errors import TrackingUriError
from sweeps.mlflow_links import experiment_url, run_url
from sweeps.mlflow_server import mlflow_server_command, server_store
from sweeps.mlflow_store import TrackingStore
from sweeps.mlflow_uri import artifact_root, check_tracking_uri


@pytest.mark.parametrize(
    "uri", ["http://127.0.0.1:5000", "https://mlflow.example/base", "sqlite:////var/lib/mlflow.db"]
)
def test_a_server_or_an_absolute_database_is_accepted(uri: str) -> None:
    assert check_tracking_uri(uri) == uri


@pytest.mark.parametrize(
    "uri",
    [
        "",
        "mlruns",
        "./mlruns",
        "sqlite:///mlflow.db",
        "sqlite://",
        "file:///var/mlruns",
        "http://",
        "databricks",
    ],
)
def test_what_depends_on_the_working_directory_is_refused(uri: str) -> None:
    with pytest.raises(TrackingUriError, match="expected http"):
        check_tracking_uri(uri)


def test_a_slash_at_the_end_of_a_server_makes_no_difference() -> None:
    assert check_tracking_uri("http://127.0.0.1:5000/") == "http://127.0.0.1:5000"


def test_artifacts_of_a_database_lie_beside_it_and_a_server_decides_for_itself() -> None:
    assert artifact_root("sqlite:////var/lib/mlflow.db") == "file:///var/lib/mlartifacts"
    assert artifact_root("http://127.0.0.1:5000") is None


def test_the_server_is_one_process_with_nothing_on_the_side(tmp_path: Path) -> None:
    command = mlflow_server_command(
        tmp_path, port=5001, allowed_hosts=["mlflow:5001"], environ={"HOME": "/h"}
    )
    assert command.argv[1:3] == ("-m", "sweeps.mlflow_serve")
    options = dict(zip(command.argv[3::2], command.argv[4::2], strict=True))
    assert options["--backend-store-uri"] == f"sqlite:///{tmp_path}/mlflow.db"
    assert options["--artifacts-destination"] == f"{tmp_path}/mlartifacts"
    assert options["--allowed-hosts"] == "127.0.0.1:5001,localhost:5001,mlflow:5001"
    assert command.env["MLFLOW_SERVER_ENABLE_JOB_EXECUTION"] == "false"
    assert command.env["MLFLOW_DISABLE_TELEMETRY"] == "true"
    assert command.env["HOME"] == "/h"


def test_a_relative_folder_for_the_servers_data_is_refused() -> None:
    with pytest.raises(ValueError, match="absolute"):
        mlflow_server_command(Path("state"))


def test_a_store_is_passed_on_in_the_environment(tmp_path: Path) -> None:
    store = mlflow_server_command(tmp_path).store
    assert store == server_store(tmp_path)
    assert TrackingStore.from_environment(store.to_environment()) == store
    assert TrackingStore.from_environment(TrackingStore("sqlite:////a").to_environment()).artifact_dir is None  # type: ignore[union-attr]
    assert TrackingStore.from_environment({}) is None


def test_links_open_the_pages_about_training() -> None:
    assert experiment_url("http://m/", "1") == "http://m/#/experiments/1/runs?workflowType=machine_learning"
    assert run_url("http://m", "1", "r") == "http://m/#/experiments/1/runs/r?workflowType=machine_learning"
