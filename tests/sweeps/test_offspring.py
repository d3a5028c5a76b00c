import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from sweeps.offspring import Offspring, children, is_alive, wait_until_gone
from tests.waiting import until

SLEEP = "import time; time.sleep(600)"
STUBBORN = f"import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN); {SLEEP}"
PARENT = f"""
import subprocess, sys
child = subprocess.Popen([sys.executable, "-c", {STUBBORN!r}], stdout=subprocess.DEVNULL)
print(child.pid, flush=True)
sys.stdin.read()
"""
"""Ends with its standard input, and leaves a child that does not."""


def python(code: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", code], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )


@pytest.fixture
def bystander() -> Iterator[subprocess.Popen[str]]:
    with python(SLEEP) as process:
        yield process
        process.kill()


def test_orphans_that_would_stay_are_killed_and_others_are_left_alone(
    bystander: subprocess.Popen[str],
) -> None:
    before = children()
    with python(PARENT) as parent, python(SLEEP) as later:
        assert parent.stdout is not None
        orphan = psutil.Process(int(parent.stdout.readline()))
        offspring = Offspring([*before, psutil.Process(later.pid)])
        members = offspring.members()
        assert set(members) == {psutil.Process(parent.pid), orphan}
        parent.communicate()
        assert is_alive(orphan)
        wait_until_gone(members, 0.1)
        assert not is_alive(orphan)
        assert offspring.members() == []
        assert bystander.poll() is later.poll() is None
        later.kill()


def test_children_that_run_a_script_of_a_name_are_ended_and_no_others(tmp_path: Path) -> None:
    for name in ("wanted.py", "unwanted.py"):
        (tmp_path / name).write_text(SLEEP)
    older = subprocess.Popen([sys.executable, tmp_path / "unwanted.py"])
    before = children()
    wanted = subprocess.Popen([sys.executable, tmp_path / "wanted.py"])
    unwanted = subprocess.Popen([sys.executable, "-u", tmp_path / "unwanted.py", "--option=wanted.py"])
    Offspring(before).end_scripts({"unwanted.py"})
    assert unwanted.wait() == -signal.SIGKILL
    assert older.poll() is wanted.poll() is None
    for process in (older, wanted):
        process.kill()
        process.wait()


def test_who_ends_in_time_is_not_killed_and_keeps_its_exit_status() -> None:
    before = children()
    with python("import sys, time; sys.stdin.readline(); time.sleep(0.3); sys.exit(7)") as child:
        assert child.stdin is not None
        members = Offspring(before).members()
        assert [member.pid for member in members] == [child.pid]
        child.stdin.write("\n")
        child.stdin.flush()
        wait_until_gone(members, 60)
        assert not is_alive(psutil.Process(child.pid))
        assert child.wait() == 7


def test_nobody_is_waited_for_when_nothing_was_started() -> None:
    assert Offspring(children()).members() == []
    wait_until_gone([], 0)


def test_a_process_that_nobody_took_note_of_is_not_alive() -> None:
    with python(SLEEP) as child:
        process = psutil.Process(child.pid)
        assert is_alive(process)
        child.send_signal(signal.SIGKILL)
        assert until(lambda: not is_alive(process))
        assert process.is_running()
