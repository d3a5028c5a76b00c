"""The guard ends a whole process tree, whichever way the end comes."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from service.stack.part import Part, PartPlan
from tests.waiting import until

TREE = """
import os, pathlib, subprocess, sys, time
folder = pathlib.Path(sys.argv[1])
child = subprocess.Popen(
    [
        sys.executable,
        "-c",
        "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); time.sleep(600)",
    ],
    start_new_session=True,
)
(folder / "child.tmp").write_text(str(child.pid))
(folder / "child.tmp").rename(folder / "child")
time.sleep(600)
"""
"""A command whose child leaves its session and ignores SIGTERM."""


def tree_part(folder: Path) -> Part:
    plan = PartPlan("tree", [sys.executable, "-c", TREE, str(folder)], dict(os.environ), grace_seconds=1.0)
    return Part(plan, folder / "tree.log")


def wait_for_child(part: Part, folder: Path) -> psutil.Process:
    until(lambda: part.exit_code is not None or (folder / "child").exists())
    assert part.exit_code is None, part.log_tail()
    return psutil.Process(int((folder / "child").read_text()))


def assert_gone(process: psutil.Process) -> None:
    _, alive = psutil.wait_procs([process], timeout=15)
    assert not alive


@pytest.fixture
def part(tmp_path: Path) -> Iterator[Part]:
    part = tree_part(tmp_path)
    part.start()
    yield part
    part.ask_to_stop()
    part.wait()


def test_stopping_a_part_ends_a_grandchild_that_ignores_sigterm(part: Part, tmp_path: Path) -> None:
    child = wait_for_child(part, tmp_path)
    part.ask_to_stop()
    part.wait()
    assert_gone(child)


def test_sigterm_to_the_guard_ends_the_tree(part: Part, tmp_path: Path) -> None:
    child = wait_for_child(part, tmp_path)
    assert part.pid is not None
    os.kill(part.pid, signal.SIGTERM)
    part.wait()
    assert_gone(child)


def test_killing_the_command_ends_its_children_and_the_guard_reports_the_signal(
    part: Part, tmp_path: Path
) -> None:
    child = wait_for_child(part, tmp_path)
    parent = child.parent()
    assert parent is not None
    parent.kill()
    part.wait()
    assert_gone(child)
    assert part.exit_code == 128 + signal.SIGKILL


def test_the_tree_ends_when_the_process_that_started_the_guard_is_killed(tmp_path: Path) -> None:
    script = (
        "import sys, time; from pathlib import Path; from tests.service.stack.test_guard import tree_part\n"
        "tree_part(Path(sys.argv[1])).start()\ntime.sleep(600)"
    )
    owner = subprocess.Popen([sys.executable, "-c", script, str(tmp_path)], cwd=Path(__file__).parents[3])
    until(lambda: owner.poll() is not None or (tmp_path / "child").exists())
    assert owner.poll() is None
    child = psutil.Process(int((tmp_path / "child").read_text()))
    owner.kill()
    owner.wait()
    assert_gone(child)


def test_a_part_that_ends_by_itself_gives_its_exit_code_and_its_log(tmp_path: Path) -> None:
    argv = [sys.executable, "-c", "import sys; print('this is the reason'); sys.exit(7)"]
    part = Part(PartPlan("short", argv, dict(os.environ)), tmp_path / "short.log")
    part.start()
    part.wait()
    assert part.exit_code == 7
    assert "this is the reason" in part.log_tail()
