"""The one-machine stack with the real Ray, the real MLflow, and real kills."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import psutil
import pytest

from service.client import Client
from service.stack.leftovers import PART_VARIABLE, leftovers
from service.stack.plans import StackOptions
from service.stack.stack import Stack
from service.stack.state import StackInfo, read_info, running_stack
from tests.waiting import until

pytestmark = pytest.mark.integration

GRADSWEEP = [sys.executable, "-c", "from service.cli import main; main()"]
ANY_PORTS = ["--port", "0", "--mlflow-port", "0"]
PATIENCE_SECONDS = 120.0


def wait_for(condition: Any, what: str) -> Any:
    """What `condition` returns once it is true; fails after a while."""
    found = until(condition, PATIENCE_SECONDS)
    assert found, f"waited in vain for {what}"
    return found


def assert_nothing_left(stack_id: str) -> None:
    wait_for(lambda: not list(leftovers(stack_id)), "the end of every process of the stack")


def mlflow_runs(url: str, filter_string: str) -> list[dict[str, Any]]:
    experiments = httpx.get(f"{url}/api/2.0/mlflow/experiments/search", params={"max_results": 100}).json()
    ids = [experiment["experiment_id"] for experiment in experiments["experiments"]]
    body = {"experiment_ids": ids, "filter": filter_string, "max_results": 1000}
    runs: list[dict[str, Any]] = (
        httpx.post(f"{url}/api/2.0/mlflow/runs/search", json=body, timeout=30).json().get("runs", [])
    )
    return runs


@contextmanager
def gradsweep(*arguments: str, folder: Path) -> Iterator[subprocess.Popen[bytes]]:
    """The command as a user starts it, in a process group of its own as a shell would give it."""
    with (folder / "output.txt").open("wb") as output:
        process = subprocess.Popen(
            [*GRADSWEEP, *arguments], cwd=folder, stdout=output, stderr=output, start_new_session=True,
            env={**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])},
        )  # fmt: skip
    try:
        yield process
    finally:
        if process.poll() is None:
            process.send_signal(signal.SIGTERM)
        process.wait()


def announced(folder: Path) -> StackInfo:
    info: StackInfo = wait_for(lambda: read_info(folder / ".gradsweep"), "the stack to announce itself")
    return info


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("stack")


@pytest.fixture(scope="module")
def said() -> list[str]:
    """What the stack told its user."""
    return []


@pytest.fixture(scope="module")
def stack(folder: Path, said: list[str]) -> Iterator[Stack]:
    """One stack for the tests of this file; its end leaves nothing."""
    with Stack(StackOptions(folder / ".gradsweep", port=0, mlflow_port=0), said.append) as stack:
        stack.wait_until_ready()
        yield stack
    assert_nothing_left(stack.context.stack_id)
    assert running_stack(folder / ".gradsweep") is None


def test_a_sweep_goes_from_a_post_through_ray_to_mlflow(stack: Stack, said: list[str]) -> None:
    with Client(stack.api_url) as client:
        sweep = client.submit('{"preset": "digits-quick", "small": true}', media_type="application/json")
        seen = {event.type for event in client.events(sweep["id"])}
        assert {"sweep.started", "trials.ended", "sweep.ended", "report.ready"} <= seen
        sweep = client.sweep(sweep["id"])
        assert sweep["status"] == "completed", sweep["error"]
        trials = client.trials(sweep["id"], limit=500)["items"]
        assert [trial["number"] for trial in trials] == list(range(sweep["num_trials"]))
        assert client.report(sweep["id"]).lstrip().lower().startswith("<!doctype html>")
        everything = sweep["num_trials"]
        wait_for(
            lambda: client.sweep(sweep["id"])["num_mirrored"] == everything, "MLflow to have every trial"
        )
    runs = mlflow_runs(stack.mlflow_url, f"tags.`gradsweep.sweep_id` = '{sweep['id']}'")
    assert len(runs) == sweep["num_trials"] + 1
    assert not said


def test_a_second_stack_on_the_same_folder_is_refused_with_the_address_of_the_first(
    stack: Stack, folder: Path
) -> None:
    with gradsweep("up", folder=folder) as second:
        assert second.wait() == 1
    assert stack.api_url in (folder / "output.txt").read_text().replace("\n", "")


def test_a_part_whose_guard_is_killed_leaves_nothing_and_comes_back(stack: Stack, said: list[str]) -> None:
    mine = list(leftovers(stack.context.stack_id, of_part="api"))
    (guard,) = [process for process in mine if process.ppid() == os.getpid()]
    guard.kill()
    wait_for(
        lambda: not [p for p in mine if p != guard and p.is_running()], "the end of the part's processes"
    )
    wait_for(lambda: stack.supervise() or said, "the stack to notice")
    stack.wait_until_ready()
    assert said == ["api ended (signal 9); starting it again"]


def test_kill_9_of_the_stack_leaves_no_process(tmp_path: Path) -> None:
    with gradsweep("up", *ANY_PORTS, folder=tmp_path) as process:
        info = announced(tmp_path)
        parts = {"api", "mlflow", "runner-1"}
        wait_for(lambda: parts <= running_parts(info.stack_id), "every part to start")
        process.kill()
        process.wait()
        assert_nothing_left(info.stack_id)


def running_parts(stack_id: str) -> set[str]:
    found = set()
    for process in leftovers(stack_id):
        try:
            found.add(process.environ()[PART_VARIABLE])
        except (psutil.Error, OSError, KeyError):
            continue
    return found


@pytest.mark.parametrize(("number", "code"), [(signal.SIGTERM, 143), (signal.SIGINT, 0)])
def test_a_stack_that_is_asked_to_end_does_and_says_so_by_its_exit_code(
    tmp_path: Path, number: signal.Signals, code: int
) -> None:
    with gradsweep("up", *ANY_PORTS, folder=tmp_path) as process:
        info = announced(tmp_path)
        process.send_signal(number)
        assert process.wait() == code
        assert not list(leftovers(info.stack_id))
        assert read_info(tmp_path / ".gradsweep") is None
