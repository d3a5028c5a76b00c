"""Where files of data lie on this machine, and what to say when they do not."""

import os
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from trainers.errors import ConfigError, DataMissingError

ROOT_VARIABLE = "GRADSWEEP_DATA"


def data_root() -> Path:
    """The folder that holds data: `GRADSWEEP_DATA`, or gradsweep's place in the user's data home."""
    chosen = os.environ.get(ROOT_VARIABLE)
    if chosen:
        return Path(chosen).expanduser().absolute()
    home = os.environ.get("XDG_DATA_HOME")
    return (Path(home) if home else Path.home() / ".local" / "share") / "gradsweep"


def resolve(name: str) -> Path:
    """The file or folder `name` under the data root; an absolute one is itself.

    Raises `ConfigError` for a path outside `GRADSWEEP_DATA` when that is set: who sets it decides what
    submitted sweeps may read.
    """
    root = data_root()
    path = Path(os.path.normpath(root / Path(name).expanduser()))
    if os.environ.get(ROOT_VARIABLE) and not path.is_relative_to(os.path.normpath(root)):
        raise ConfigError(f"{name!r} lies outside {ROOT_VARIABLE}={root}: name a path inside it")
    return path


@dataclass(frozen=True)
class LocalFiles:
    """Files of one data set in a local folder; each may go by several names, the first is the usual one."""

    title: str
    folder: str
    names: tuple[tuple[str, ...], ...]

    def paths(self) -> list[Path]:
        """Where each file is. Raises `DataMissingError` that says which files go where."""
        found, absent = self._look()
        if absent:
            raise DataMissingError(self._message(absent))
        return found

    def missing(self) -> str | None:
        """What `paths` would say, or None when every file is there."""
        try:
            self.paths()
        except (DataMissingError, ConfigError) as error:
            return str(error)
        return None

    def _look(self) -> tuple[list[Path], list[str]]:
        folder = resolve(self.folder)
        found, absent = [], []
        for alternatives in self.names:
            path = first_file(folder / name for name in alternatives)
            if path is None:
                absent.append(alternatives[0])
            else:
                found.append(path)
        return found, absent

    def _message(self, absent: Sequence[str]) -> str:
        return (
            f"{self.title} needs {', '.join(absent)} in {resolve(self.folder)}; "
            f"put the files there, or set {ROOT_VARIABLE} to the folder that holds your data"
        )


def first_file(candidates: Iterable[Path]) -> Path | None:
    """The first of `candidates` that is a file."""
    return next((path for path in candidates if path.is_file()), None)
