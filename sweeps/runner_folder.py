"""A folder for the temporary files of one process, which the next one clears away if need be."""

import fcntl
import os
import shutil
import tempfile
from pathlib import Path

PREFIX = "r-"
LOCK = "lock"


class OwnFolder:
    """A new folder under `parent`, locked while this process lives, however it ends.

    Folders of processes that are gone are removed first.
    """

    def __init__(self, parent: Path) -> None:
        parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        with (parent / LOCK).open("w") as one_at_a_time:
            fcntl.flock(one_at_a_time, fcntl.LOCK_EX)
            for folder in parent.glob(f"{PREFIX}*"):
                _remove_abandoned(folder)
            self.path = Path(tempfile.mkdtemp(prefix=PREFIX, dir=parent))
            self._lock = os.open(self.path / LOCK, os.O_CREAT | os.O_WRONLY | os.O_CLOEXEC)
            fcntl.flock(self._lock, fcntl.LOCK_EX)

    def remove(self) -> None:
        """Remove the folder."""
        shutil.rmtree(self.path, ignore_errors=True)
        os.close(self._lock)


def _remove_abandoned(folder: Path) -> None:
    try:
        lock = os.open(folder / LOCK, os.O_WRONLY | os.O_CLOEXEC)
    except OSError:
        return  # being removed, or somebody else's
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return
    else:
        shutil.rmtree(folder, ignore_errors=True)
    finally:
        os.close(lock)
