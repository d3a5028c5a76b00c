"""A completed sweep that gets more trials: a real runner trains them alone, and they join the others."""

from pathlib import Path

import httpx
import pytest

from service.settings import ServiceSettings
from sweeps.ledger import Ledger
from sweeps.ledger.base import TrialRow
from sweeps.mlflow_mirror import Mirror
from tests.integration.runner_process import ended, runner_process
from tests.service.live import live_app, live_server
from tests.sweeps.memory_sink import MemorySink
from tests.sweeps.small_sweep import queued, small_spec
from tests.waiting import until

pytestmark = pytest.mark.integration

RATES = [0.1, 0.01]


def written(row: TrialRow) -> tuple[object, ...]:
    """What must not change about a trial that has ended."""
    return row.number, row.config, row.pack, row.ended_at, row.record.verdict, row.objective


def test_one_more_learning_rate_is_trained_alone_and_joins_the_others(tmp_path: Path) -> None:
    ledger_url = ServiceSettings(state_dir=tmp_path).ledger
    with (
        live_app(tmp_path) as app,
        live_server(app) as url,
        httpx.Client(base_url=url, timeout=30) as api,
        runner_process(ledger_url, tmp_path),
    ):
        ledger: Ledger = app.state.ledger
        sweep_id = queued(ledger, small_spec(axes={"optimizer.lr": {"values": RATES}}, seeds=2)).id
        assert ended(ledger, sweep_id).status == "completed"
        before = ledger.all_trials(sweep_id)
        assert until(lambda: has_report_of(ledger, sweep_id, 4))
        sink = MemorySink()
        mirror = Mirror(ledger, sink)
        assert mirror.drain(60)
        more = {"axes": {"optimizer.lr": {"values": [*RATES, 0.5]}}}
        answer = api.post(f"/v1/sweeps/{sweep_id}/extend", json=more)
        assert (answer.status_code, answer.json()["num_trials"]) == (202, 6)
        sweep = ended(ledger, sweep_id)
        assert (sweep.status, sweep.num_ended) == ("completed", 6)

        after = ledger.all_trials(sweep_id)
        assert [written(row) for row in after[:4]] == [written(row) for row in before]
        assert [(row.number, row.axes["optimizer.lr"]) for row in after[4:]] == [(4, 0.5), (5, 0.5)]
        assert not {row.pack for row in after[4:]} & {row.pack for row in before}

        found = api.get(f"/v1/sweeps/{sweep_id}/map").json()
        assert found["x"]["levels"] == ["0.01", "0.1", "0.5"]
        assert len(found["outcomes"]) == 6
        assert "." not in found["outcomes"]
        assert until(lambda: has_report_of(ledger, sweep_id, 6))
        assert mirror.drain(60)
    (parent,) = [run for run in sink.read() if run.tags["gradsweep.kind"] == "sweep"]
    assert parent.metrics["trials_ended"] == 6
    trials = [run.tags["gradsweep.trial"] for run in sink.read() if run.run_id != parent.run_id]
    assert sorted(trials) == ["0", "1", "2", "3", "4", "5"]


def has_report_of(ledger: Ledger, sweep_id: str, num_trials: int) -> bool:
    """Whether the sweep has a report of so many trials."""
    analysis = ledger.get_analysis(sweep_id)
    return analysis is not None and analysis["totals"]["num_ended"] == num_trials
