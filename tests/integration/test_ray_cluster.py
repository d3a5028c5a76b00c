"""A cluster of our own ends with everything that belongs to it."""

import subprocess
import sys
from pathlib import Path
from typing import Any

import psutil
import pytest
import ray

from sweeps.offspring import children, is_alive
from sweeps.ray_cluster import ClusterOptions, RayCluster

pytestmark = pytest.mark.integration


def test_a_cluster_that_was_left_has_ended_to_the_last_process_and_nobody_elses(tmp_path: Path) -> None:
    before = children()
    with RayCluster(ClusterOptions(tmp_path, num_cpus=2)):
        process_id: Any = ray.remote(_process_id)
        worker = psutil.Process(ray.get(process_id.remote()))
        family = [each for child in set(children()).difference(before) for each in _with_family(child)]
        assert worker in family
        worker.suspend()  # it does not end by itself, as little as one on a machine that is too busy
        other = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"])
    alive = [process for process in family if is_alive(process)]
    other.kill()
    assert other.wait() == -9
    assert not alive


def test_of_rays_processes_only_those_run_that_one_machine_needs(tmp_path: Path) -> None:
    before = children()
    with RayCluster(ClusterOptions(tmp_path, num_cpus=1)):
        alive = [child for child in set(children()).difference(before) if is_alive(child)]
        assert {Path(child.cmdline()[0]).name for child in alive} == {"gcs_server", "raylet"}
        process_id: Any = ray.remote(_process_id)
        assert ray.get(process_id.remote()) > 0


def _with_family(process: psutil.Process) -> list[psutil.Process]:
    return [process, *process.children(recursive=True)]


def _process_id() -> int:
    import os

    return os.getpid()
