"""Settings from the environment."""

from pathlib import Path

import pytest

from service.errors import SettingsError
from service.settings import ServiceSettings


def test_settings_survive_the_way_through_an_environment() -> None:
    settings = ServiceSettings(state_dir=Path("/state"), mlflow_uri="http://mlflow:5000", port=9000)
    assert ServiceSettings.from_environment(settings.to_environment()) == settings


def test_empty_variables_keep_the_default() -> None:
    assert ServiceSettings.from_environment({"GRADSWEEP_PORT": ""}) == ServiceSettings()


def test_a_setting_that_cannot_be_used_names_its_variable() -> None:
    with pytest.raises(SettingsError, match="GRADSWEEP_PORT='many'"):
        ServiceSettings.from_environment({"GRADSWEEP_PORT": "many"})


def test_the_ledger_lies_in_the_state_folder_unless_told_otherwise(tmp_path: Path) -> None:
    assert ServiceSettings(state_dir=tmp_path).ledger == f"sqlite:///{tmp_path}/ledger.db"
    assert ServiceSettings(ledger_url="postgresql+psycopg://h/d").ledger == "postgresql+psycopg://h/d"


@pytest.mark.parametrize(
    ("uri", "public", "base"),
    [
        ("", "", ""),
        ("sqlite:////state/mlflow.db", "", ""),
        ("http://mlflow:5000/", "", "http://mlflow:5000"),
        ("http://mlflow:5000", "http://127.0.0.1:5000/", "http://127.0.0.1:5000"),
    ],
)
def test_links_to_mlflow_start_with_the_address_that_a_browser_reaches(
    uri: str, public: str, base: str
) -> None:
    assert ServiceSettings(mlflow_uri=uri, mlflow_public_url=public).mlflow_link_base == base
