"""A runner as users start it: a process of its own on a ledger, with Ray below it."""

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil

from sweeps.ledger import Ledger
from sweeps.ledger.base import ENDED, Sweep
from sweeps.offspring import is_alive
from tests.waiting import PATIENCE_SECONDS, until


class RunnerProcess:
    """A running runner."""

    def __init__(self, ledger_url: str, folder: Path, *options: str) -> None:
        self.log = folder / "runner.log"
        argv = [sys.executable, "-m", "sweeps.runner", "--ledger", ledger_url, "--num-cpus", "2"]
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                [*argv, "--state-dir", str(folder), *options],
                stdout=log,
                stderr=log,
                stdin=subprocess.DEVNULL,
            )

    def family(self) -> list[psutil.Process]:
        """The processes that the runner, and what it started, have started."""
        return psutil.Process(self.process.pid).children(recursive=True)

    def kill(self) -> None:
        """End it as a power cut would."""
        self.process.kill()
        self.process.wait()

    def stop(self) -> int:
        """Ask it to end; its exit code."""
        self.process.terminate()
        return self.process.wait(PATIENCE_SECONDS)


@contextmanager
def runner_process(ledger_url: str, folder: Path, *options: str) -> Iterator[RunnerProcess]:
    """A runner that is gone at the end, with what its log says when the test fails."""
    runner = RunnerProcess(ledger_url, folder, *options)
    try:
        yield runner
    except BaseException:
        print(runner.log.read_text(errors="replace")[-8000:])
        raise
    finally:
        runner.kill()


def all_gone(processes: list[psutil.Process]) -> bool:
    """Whether none of these processes runs any more."""
    return not any(is_alive(process) for process in processes)


def ended(ledger: Ledger, sweep_id: str) -> Sweep:
    """The sweep once it has ended."""
    assert until(lambda: ledger.get_sweep(sweep_id).status in ENDED), ledger.get_sweep(sweep_id)
    return ledger.get_sweep(sweep_id)
