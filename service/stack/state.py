"""The state folder of a stack: where things lie, and who is using it."""

import fcntl
import json
import time
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import IO

from service.errors import StackError

LOCK_WAIT_SECONDS = 0.5
"""Longer than another process needs to look whether the lock is held."""


@dataclass(frozen=True)
class StackInfo:
    """A running stack as others on this machine find it."""

    pid: int
    stack_id: str
    api_url: str
    mlflow_url: str


@dataclass(frozen=True)
class StateDir:
    """Paths below the state folder; `root` is absolute."""

    root: Path

    @classmethod
    def at(cls, path: Path) -> "StateDir":
        """The state folder at `path`, made with its subfolders when missing."""
        state = cls(path.resolve())
        for folder in (state.root, state.logs, state.artifacts):
            folder.mkdir(parents=True, exist_ok=True)
        return state

    @property
    def logs(self) -> Path:
        """Folder of the parts' logs."""
        return self.root / "logs"

    @property
    def artifacts(self) -> Path:
        """Folder of MLflow's artifacts."""
        return self.root / "mlartifacts"

    @property
    def ledger_url(self) -> str:
        """SQLite ledger of this machine."""
        return f"sqlite:///{self.root / 'ledger.db'}"

    @property
    def mlflow_url(self) -> str:
        """MLflow's own SQLite store."""
        return f"sqlite:///{self.root / 'mlflow.db'}"

    @property
    def data_paths(self) -> dict[str, Path]:
        """What stays on disk, by name."""
        return {
            "ledger": self.root / "ledger.db",
            "mlflow_database": self.root / "mlflow.db",
            "mlflow_artifacts": self.artifacts,
            "logs": self.logs,
        }

    @property
    def info_path(self) -> Path:
        """File that tells others where the running stack listens."""
        return self.root / "stack.json"

    def write_info(self, info: StackInfo) -> None:
        """Announce a running stack."""
        self.info_path.write_text(json.dumps(asdict(info), indent=2) + "\n")


def read_info(root: Path) -> StackInfo | None:
    """The stack announced under `root`, running or not; None when there is none."""
    try:
        return StackInfo(**json.loads((root / "stack.json").read_text()))
    except (OSError, ValueError, TypeError):
        return None


def running_stack(root: Path) -> StackInfo | None:
    """The stack that runs on the state folder `root` now, if any."""
    info = read_info(root)
    if info is None:
        return None
    try:
        with (root / "lock").open("a") as lock:
            fcntl.flock(lock, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return info
    except OSError:
        return None
    return None


def lock_state(state: StateDir) -> IO[str]:
    """Claim the state folder for this process until the returned file is closed or the process dies.

    Raises `StackError` when another stack uses it.
    """
    lock = (state.root / "lock").open("a")
    deadline = time.monotonic() + LOCK_WAIT_SECONDS
    while True:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return lock
        except BlockingIOError:
            if time.monotonic() > deadline:
                break
            time.sleep(0.05)
    lock.close()
    info = read_info(state.root)
    where = f" at {info.api_url} (process {info.pid})" if info else ""
    raise StackError(
        f"a stack is already using {state.root}{where}; use it, stop it, or give another --state-dir"
    )
