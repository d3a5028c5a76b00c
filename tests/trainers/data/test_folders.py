"""Where data are looked for, and who decides."""

from pathlib import Path

import pytest

from trainers.data import CharLm, Mnist
from trainers.data.folders import data_root, resolve
from trainers.errors import ConfigError


def test_the_environment_names_the_root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GRADSWEEP_DATA", str(tmp_path))
    assert data_root() == tmp_path
    assert resolve("mnist") == tmp_path / "mnist"


def test_without_it_data_lie_in_the_users_data_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("GRADSWEEP_DATA", raising=False)
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    assert data_root() == tmp_path / "gradsweep"


@pytest.mark.parametrize("name", ["../elsewhere", "a/../../elsewhere", "/etc", "~"])
def test_a_sweep_cannot_leave_the_root_that_was_set(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    monkeypatch.setenv("GRADSWEEP_DATA", str(tmp_path))
    with pytest.raises(ConfigError, match="lies outside GRADSWEEP_DATA"):
        resolve(name)
    for config in (Mnist(subset="full", folder=name), CharLm(text=name)):
        assert "lies outside GRADSWEEP_DATA" in (config.missing() or "")


def test_a_root_that_was_not_set_confines_nobody(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("GRADSWEEP_DATA", raising=False)
    assert resolve(str(tmp_path)) == tmp_path


def test_changing_the_root_changes_the_data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, text in (("a", "abab" * 20), ("b", "abcd" * 20)):
        (tmp_path / name).mkdir()
        (tmp_path / name / "text.txt").write_text(text)
    sizes = []
    for name in ("a", "b"):
        monkeypatch.setenv("GRADSWEEP_DATA", str(tmp_path / name))
        sizes.append(CharLm(text="text.txt", context=4).load().output_size)
    assert sizes == [2, 4]
