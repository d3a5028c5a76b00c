"""The demo and the one-shot run as a newcomer meets them."""

import json
import signal
from pathlib import Path

import pytest

from service.stack.leftovers import leftovers
from sweeps.ledger import open_ledger
from tests.integration.test_stack import announced, assert_nothing_left, gradsweep, wait_for

pytestmark = pytest.mark.integration


def output(folder: Path) -> str:
    return (folder / "output.txt").read_text()


def test_the_demo_shows_what_it_found_and_leaves_files_and_no_process(tmp_path: Path) -> None:
    with gradsweep("demo", "--preset", "digits-quick", "--small", folder=tmp_path) as process:
        info = announced(tmp_path)
        assert process.wait() == 0, output(tmp_path)
    assert_nothing_left(info.stack_id)
    text = output(tmp_path)
    for expected in (
        "trials",
        "largest stable lr",
        "recommend",
        info.api_url,
        info.mlflow_url,
        "report.html",
    ):
        assert expected.lower() in text.lower()
    folder = tmp_path / ".gradsweep" / "demo"
    assert (folder / "report.html").read_text().lstrip().lower().startswith("<!doctype html>")
    summary = json.loads((folder / "summary.json").read_text())
    assert summary["sweep"]["status"] == "completed"
    assert summary["sweep"]["num_mirrored"] == summary["sweep"]["num_trials"]
    assert summary["edges"]
    assert summary["recommendation"]["text"]
    assert all(Path(path).exists() for path in summary["paths"].values())


def test_ctrl_c_in_the_middle_of_the_demo_exits_130_and_leaves_no_process(tmp_path: Path) -> None:
    with gradsweep("demo", "--preset", "digits-quick", folder=tmp_path) as process:
        info = announced(tmp_path)
        wait_for(lambda: "queued" in output(tmp_path), "the sweep to be queued")
        process.send_signal(signal.SIGINT)
        assert process.wait() == 130, output(tmp_path)
        assert not list(leftovers(info.stack_id))


def test_run_needs_no_server_and_leaves_ledger_report_and_mlflow_data(tmp_path: Path) -> None:
    with gradsweep("run", "digits-quick", "--small", "-o", "found.html", folder=tmp_path) as process:
        assert process.wait() == 0, output(tmp_path)
    assert "largest stable lr" in output(tmp_path)
    assert (tmp_path / "found.html").read_text().lstrip().lower().startswith("<!doctype html>")
    assert (tmp_path / ".gradsweep" / "mlflow.db").exists()
    assert not (tmp_path / "mlruns").exists()
    ledger = open_ledger(f"sqlite:///{tmp_path}/.gradsweep/ledger.db")
    (sweep,) = ledger.list_sweeps().items
    assert sweep.status == "completed"
    assert sweep.num_mirrored == sweep.num_trials
    ledger.close()
