import os
import signal
import subprocess
import sys
from pathlib import Path

from sweeps.runner_folder import OwnFolder

OWN_A_FOLDER = """
import pathlib, sys, sweeps.runner_folder as f
print(f.OwnFolder(pathlib.Path(sys.argv[1])).path, flush=True)
sys.stdin.read()
"""


def test_a_folder_is_gone_once_removed(tmp_path: Path) -> None:
    folder = OwnFolder(tmp_path / "ray")
    (folder.path / "file").write_text("x")
    folder.remove()
    assert not folder.path.exists()


def test_folders_of_living_processes_are_left_alone(tmp_path: Path) -> None:
    one, two = OwnFolder(tmp_path), OwnFolder(tmp_path)
    assert one.path.exists()
    assert one.path != two.path


def test_the_folder_of_a_killed_process_is_cleared_away(tmp_path: Path) -> None:
    process = subprocess.Popen(
        [sys.executable, "-c", OWN_A_FOLDER, str(tmp_path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    assert process.stdout is not None
    abandoned = Path(process.stdout.readline().decode().strip())
    assert abandoned.parent == tmp_path
    os.kill(process.pid, signal.SIGKILL)
    process.communicate()
    assert abandoned.exists()
    OwnFolder(tmp_path)
    assert not abandoned.exists()
