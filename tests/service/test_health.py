"""Liveness, readiness with the name of what is missing, and metrics."""

import asyncio
import os
import time
from pathlib import Path

import httpx
from prometheus_client.parser import text_string_to_metric_families
from starlette.responses import PlainTextResponse

from service.app import create_app
from service.readiness import check_all
from service.settings import ServiceSettings
from sweeps.ledger import Ledger, open_ledger
from sweeps.ledger.base import Runner, Sweep
from tests.service import samples
from tests.service.live import live_server
from tests.service.test_problems import assert_problem


def register_runner(ledger: Ledger, heartbeat_at: float) -> None:
    ledger.register_runner(Runner("runner-1", "here", os.getpid(), heartbeat_at, heartbeat_at, None))


def test_the_process_is_alive_without_asking_anybody(api: httpx.Client) -> None:
    assert api.get("/healthz").json() == {"status": "alive"}


def test_readiness_names_the_runner_when_only_the_runner_is_missing(api: httpx.Client) -> None:
    answer = api.get("/readyz")
    assert "runner" in assert_problem(answer, 503).detail
    checks = answer.json()["checks"]
    assert {name: check["ok"] for name, check in checks.items()} == {
        "ledger": True,
        "runner": False,
        "mlflow": True,
    }


def test_a_runner_with_a_fresh_heartbeat_makes_it_ready(api: httpx.Client, ledger: Ledger) -> None:
    register_runner(ledger, time.time())
    answer = api.get("/readyz")
    assert answer.status_code == 200
    assert answer.json()["status"] == "ready"


def readiness(settings: ServiceSettings) -> dict[str, bool]:
    ledger = open_ledger(settings.ledger)
    register_runner(ledger, time.time())
    checks = asyncio.run(check_all(ledger, settings))
    ledger.close()
    return {name: check.ok for name, check in checks.items()}


def test_an_mlflow_server_that_does_not_answer_is_named(tmp_path: Path) -> None:
    settings = ServiceSettings(state_dir=tmp_path, mlflow_uri="http://127.0.0.1:9")
    assert readiness(settings) == {"ledger": True, "runner": True, "mlflow": False}


def test_a_server_that_is_not_mlflow_is_named(tmp_path: Path) -> None:
    """One that answers every address, as metrics endpoints do."""
    with live_server(PlainTextResponse("# HELP launches\nlaunches 0.0\n")) as url:
        settings = ServiceSettings(state_dir=tmp_path, mlflow_uri=url)
        assert readiness(settings) == {"ledger": True, "runner": True, "mlflow": False}


def test_a_runner_whose_heartbeat_is_too_old_is_gone(tmp_path: Path) -> None:
    settings = ServiceSettings(state_dir=tmp_path, runner_max_age_seconds=1e-9)
    assert readiness(settings) == {"ledger": True, "runner": False, "mlflow": True}


def metrics(api: httpx.Client) -> dict[tuple[str, ...], float]:
    families = text_string_to_metric_families(api.get("/metrics").text)
    return {
        (sample.name, *sample.labels.values()): sample.value
        for family in families
        for sample in family.samples
    }


def test_metrics_count_sweeps_by_status_and_trials_by_outcome(
    api: httpx.Client, ledger: Ledger, sweep: Sweep
) -> None:
    samples.train(ledger, samples.claim(ledger))
    found = metrics(api)
    assert found["gradsweep_sweeps", "running"] == 1
    outcomes = ledger.get_sweep(sweep.id).outcomes
    assert {key[1]: value for key, value in found.items() if key[0] == "gradsweep_trials"} == outcomes


def test_metrics_count_requests_by_route_and_not_by_address(api: httpx.Client, sweep: Sweep) -> None:
    api.get(f"/v1/sweeps/{sweep.id}")
    api.get("/v1/sweeps/absent")
    api.get("/nowhere")
    found = metrics(api)
    assert found["gradsweep_http_requests_total", "GET", "/v1/sweeps/{sweep_id}", "200"] == 1
    assert found["gradsweep_http_requests_total", "GET", "/v1/sweeps/{sweep_id}", "404"] == 1
    assert found["gradsweep_http_requests_total", "GET", "unknown", "404"] == 1
    assert not any(sweep.id in "".join(key) for key in found)


def test_two_apps_in_one_process_do_not_share_their_metrics(api: httpx.Client, tmp_path: Path) -> None:
    api.get("/healthz")
    other = create_app(ServiceSettings(state_dir=tmp_path / "other"))
    text = other.state.metrics.text().decode()
    other.state.ledger.close()
    assert "/healthz" in api.get("/metrics").text
    assert "/healthz" not in text
