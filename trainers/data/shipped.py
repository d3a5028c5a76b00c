"""Data files that installed packages ship, found without importing the package."""

from importlib.util import find_spec
from pathlib import Path

from trainers.errors import DataMissingError


def shipped_folder(package: str, *parts: str) -> Path | None:
    """The folder `parts` inside an installed top-level `package`, or None when there is no such folder."""
    spec = find_spec(package)
    if spec is None or not spec.submodule_search_locations:
        return None
    folder = Path(spec.submodule_search_locations[0]).joinpath(*parts)
    return folder if folder.is_dir() else None


def shipped_file(package: str, *parts: str, distribution: str) -> Path:
    """The file `parts` inside an installed `package`; a `DataMissingError` names the `distribution`."""
    *folders, name = parts
    folder = shipped_folder(package, *folders)
    if folder is None or not (folder / name).is_file():
        raise DataMissingError(f"{name} comes with {distribution}: pip install {distribution}")
    return folder / name
