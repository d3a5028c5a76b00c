from pathlib import Path

import pytest

from sweeps.runner_settings import RunnerSettings


def test_the_command_line_says_where_everything_is() -> None:
    argv = [
        "--ledger",
        "sqlite:////data/here/ledger.db",
        "--mlflow",
        "http://localhost:5000",
        "--name",
        "two",
    ]
    settings = RunnerSettings.from_argv(argv, {})
    assert settings == RunnerSettings(
        "sqlite:////data/here/ledger.db", "http://localhost:5000", name="two", state_dir=Path("/data/here")
    )


def test_variables_stand_in_for_options() -> None:
    environ = {
        "GRADSWEEP_LEDGER_URL": "postgresql+psycopg://gradsweep@db/gradsweep",
        "GRADSWEEP_MLFLOW_URI": "http://mlflow:5000",
        "GRADSWEEP_RAY_ADDRESS": "auto",
        "GRADSWEEP_STATE_DIR": "/var/lib/gradsweep",
    }
    settings = RunnerSettings.from_argv([], environ)
    assert settings.ledger_url == environ["GRADSWEEP_LEDGER_URL"]
    assert (settings.mlflow_uri, settings.ray_address) == ("http://mlflow:5000", "auto")
    assert settings.state_dir == Path("/var/lib/gradsweep")


def test_an_empty_variable_is_as_good_as_none() -> None:
    settings = RunnerSettings.from_argv(["--ledger", "sqlite:///x.db"], {"GRADSWEEP_RAY_ADDRESS": ""})
    assert settings.ray_address is None


def test_a_ledger_on_a_server_leaves_files_in_the_usual_folder() -> None:
    settings = RunnerSettings.from_argv(["--ledger", "postgresql+psycopg://db/x"], {})
    assert settings.state_dir == Path(".gradsweep")


def test_a_runner_without_a_ledger_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        RunnerSettings.from_argv([], {})
    assert "--ledger" in capsys.readouterr().err
